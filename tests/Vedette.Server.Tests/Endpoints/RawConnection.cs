using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>A connection over which anything is sent, also what no HTTP client would.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private RawConnection()
    {
    }

    public static async Task<RawConnection> OpenAsync(IPEndPoint address)
    {
        RawConnection connection = new();
        await connection._socket.ConnectAsync(address, TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>Sends, and gives all that is answered until the other side closes.</summary>
    /// <param name="address">Where.</param>
    /// <param name="request">What.</param>
    /// <param name="isAll">Is it said that nothing more is sent? A server may take that for leaving.</param>
    public static async Task<string> AskAsync(IPEndPoint address, byte[] request, bool isAll = false)
    {
        using RawConnection connection = new();
        try
        {
            await connection._socket.ConnectAsync(address, TestContext.Current.CancellationToken);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Taken and ended before we saw that it was taken.
            return "";
        }

        await connection.SendAsync(request);
        if (isAll)
        {
            connection.EndSending();
        }

        return await connection.ReadToEndAsync();
    }

    /// <summary>Sends; false when the connection is gone.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await _socket.SendAsync(bytes, TestContext.Current.CancellationToken)..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public Task<bool> SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Nothing more is sent.</summary>
    private void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // Gone.
        }
    }

    /// <summary>All that comes until the other side closes; nothing for too long fails the test.</summary>
    public async Task<string> ReadToEndAsync()
    {
        StringBuilder text = new();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(ServerUnderTest.Patience, TestContext.Current.CancellationToken) is > 0 and int read)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            // Ended the hard way.
        }

        return text.ToString();
    }

    public void Dispose() => _socket.Dispose();
}
