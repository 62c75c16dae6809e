using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vedette.ServeBenchmarks.Load;

/// <summary>A connection that posts bodies with the headers of kube-apiserver, one after the other. It does no more than that, so that the server under measurement has the processor.</summary>
internal sealed class WebhookConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly string _head;
    private readonly byte[] _received = new byte[4096];

    private WebhookConnection(IPEndPoint server, string path) =>
        _head = $"POST {path}?timeout=30s HTTP/1.1\r\nHost: {server}\r\nUser-Agent: Go-http-client/1.1\r\nAccept: application/json, */*\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\nContent-Length: ";

    /// <summary>Connects.</summary>
    public static async Task<WebhookConnection> OpenAsync(IPEndPoint server, string path)
    {
        WebhookConnection connection = new(server, path);
        await connection._socket.ConnectAsync(server);
        return connection;
    }

    /// <summary>Posts a body.</summary>
    /// <returns>The status of the answer, whose body has been read.</returns>
    /// <exception cref="IOException">The connection was closed, or the answer is none of HTTP.</exception>
    public async Task<int> PostAsync(ReadOnlyMemory<byte> body)
    {
        byte[] head = Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_head}{body.Length}\r\n\r\n"));
        await SendAsync(head);
        await SendAsync(body);
        int length = 0;
        while (true)
        {
            int read = await _socket.ReceiveAsync(_received.AsMemory(length));
            length += read > 0 ? read : throw new IOException("the server closed the connection");
            if (TryReadAnswer(_received.AsSpan(0, length), out int status))
            {
                return status;
            }

            if (length == _received.Length)
            {
                throw new IOException("the answer is longer than was thought of");
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => _socket.Dispose();

    /// <summary>Is this a whole answer? With Content-Length, or in chunks.</summary>
    internal static bool TryReadAnswer(ReadOnlySpan<byte> received, out int status)
    {
        status = 0;
        int end = received.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        if (!received.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(received[9..], out status, out _))
        {
            throw new IOException("no answer of HTTP");
        }

        ReadOnlySpan<byte> head = received[..(end + 2)];
        ReadOnlySpan<byte> body = received[(end + 4)..];
        ReadOnlySpan<byte> name = "\r\nContent-Length: "u8;
        int at = head.IndexOf(name);
        return at < 0 ? body.EndsWith("0\r\n\r\n"u8) : Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) && body.Length >= length;
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }
}
