using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Vedette.Sinks.Tests;

/// <summary>Answers requests as a test wants, and keeps them.</summary>
internal sealed class FakeReceiver : HttpMessageHandler
{
    private readonly Func<Request, HttpResponseMessage> _answer;

    public FakeReceiver(HttpStatusCode status = HttpStatusCode.OK, string body = "")
        : this(_ => new HttpResponseMessage(status) { Content = new StringContent(body) })
    {
    }

    public FakeReceiver(Func<Request, HttpResponseMessage> answer) => _answer = answer;

    public List<Request> Requests { get; } = [];

    public Request Last => Requests[^1];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        byte[] sent = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        Request got = new(request.RequestUri!, request.Headers.Concat(request.Content.Headers).ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase), sent);
        Requests.Add(got);
        return _answer(got);
    }

    internal sealed record Request(Uri Url, IReadOnlyDictionary<string, string> Headers, byte[] Sent)
    {
        public byte[] Body
        {
            get
            {
                if (!Headers.TryGetValue("Content-Encoding", out string? encoding) || encoding != "gzip")
                {
                    return Sent;
                }

                using GZipStream gzip = new(new MemoryStream(Sent), CompressionMode.Decompress);
                using MemoryStream plain = new();
                gzip.CopyTo(plain);
                return plain.ToArray();
            }
        }

        public string Text => Encoding.UTF8.GetString(Body);

        public JsonElement Json => Findings.Parse(Body);
    }
}
