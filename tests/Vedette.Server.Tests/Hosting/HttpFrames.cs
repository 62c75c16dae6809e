using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Vedette.Server.Tests.Endpoints;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

/// <summary>An HTTP/2 connection over TLS on which any frames are sent (RFC 9113), also what no client would send.</summary>
internal sealed class HttpFrames : IDisposable
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;

    /// <summary>END_STREAM.</summary>
    public const byte EndStream = 1;

    /// <summary>END_HEADERS.</summary>
    public const byte EndHeaders = 4;

    private readonly TcpClient _client;
    private readonly SslStream _stream;

    private HttpFrames(TcpClient client, SslStream stream) => (_client, _stream) = (client, stream);

    /// <summary>Opens a connection and says that it speaks HTTP/2.</summary>
    public static async Task<HttpFrames> OpenAsync(ServerUnderTest server, TestAuthority believed)
    {
        TcpClient client = new() { NoDelay = true };
        await client.ConnectAsync(server.Address, TestContext.Current.CancellationToken);
        SslStream stream = new(client.GetStream(), leaveInnerStreamOpen: false, (_, shown, chain, _) => believed.Signed(shown, chain));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", ApplicationProtocols = [SslApplicationProtocol.Http2] }, TestContext.Current.CancellationToken);
        Assert.Equal(SslApplicationProtocol.Http2, stream.NegotiatedApplicationProtocol);
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        HttpFrames frames = new(client, stream);
        await frames.SendAsync(Frame(Settings, 0, 0, []));
        return frames;
    }

    /// <summary>A frame.</summary>
    public static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        byte[] frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>A header block of literals that are not indexed, without Huffman codes (RFC 7541, section 6.2.2).</summary>
    public static byte[] Block(params (string Name, string Value)[] headers)
    {
        List<byte> block = [];
        foreach ((string name, string value) in headers)
        {
            block.Add(0);
            Text(name);
            Text(value);
        }

        return [.. block];

        void Text(string text)
        {
            int length = text.Length;
            block.Add((byte)Math.Min(length, 127));
            if (length >= 127)
            {
                for (length -= 127; length >= 128; length >>= 7)
                {
                    block.Add((byte)(length | 128));
                }

                block.Add((byte)length);
            }

            block.AddRange(Encoding.ASCII.GetBytes(text));
        }
    }

    /// <summary>The header block of a request.</summary>
    public static byte[] Request(string method, string path, params (string Name, string Value)[] more) =>
        Block([(":method", method), (":scheme", "https"), (":path", path), (":authority", "localhost"), .. more]);

    /// <summary>Sends; false when the connection is gone.</summary>
    public async Task<bool> SendAsync(ReadOnlyMemory<byte> frames)
    {
        try
        {
            await _stream.WriteAsync(frames, TestContext.Current.CancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Reads to the end of the connection, answering nothing.</summary>
    /// <returns>The error of the last GOAWAY; -1 where there was none.</returns>
    public async Task<int> ReadToEndAsync()
    {
        int error = -1;
        byte[] head = new byte[9];
        try
        {
            while (await _stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, TestContext.Current.CancellationToken) == head.Length)
            {
                byte[] payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
                await _stream.ReadExactlyAsync(payload, TestContext.Current.CancellationToken);
                error = head[3] == GoAway ? BinaryPrimitives.ReadInt32BigEndian(payload.AsSpan(4)) : error;
            }
        }
        catch (IOException)
        {
            // Ended without ceremony.
        }

        return error;
    }

    /// <summary>Leaves without a word; what reads comes to its end.</summary>
    public void Leave()
    {
        try
        {
            _client.Client.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Gone already.
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _client.Dispose();
    }
}
