using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Vedette.Pipeline.Tests.Telling;

/// <summary>Receivers that answer as a test wants, and keep what they took. Each host is one.</summary>
internal sealed class FakeReceivers
{
    private readonly ConcurrentDictionary<string, Func<string, HttpResponseMessage>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Request>> _taken = new(StringComparer.Ordinal);
    private int _attempts;

    /// <summary>All requests, also those refused.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    public void Answer(string host, Func<string, HttpResponseMessage> answer) => _answers[host] = answer;

    public void Answer(string host, HttpStatusCode status) => Answer(host, _ => new HttpResponseMessage(status));

    public void GoAway(string host) => Answer(host, _ => throw new HttpRequestException("Connection refused"));

    /// <summary>What a receiver took.</summary>
    public Request[] Taken(string host) => _taken.TryGetValue(host, out ConcurrentQueue<Request>? taken) ? [.. taken] : [];

    /// <summary>The ids of findings a receiver took, in order.</summary>
    public string[] Ids(string host) => [.. Findings(host).Select(finding => finding.GetProperty("id").GetString()!)];

    /// <summary>The messages of findings a receiver took, in order.</summary>
    public string[] Messages(string host) => [.. Findings(host).Select(finding => finding.GetProperty("message").GetString()!)];

    public JsonElement[] Findings(string host) => [.. Taken(host).SelectMany(request => request.Findings)];

    public HttpMessageHandler CreateHandler() => new Handler(this);

    public override string ToString() => string.Join("; ", _taken.Select(one => $"{one.Key}: {one.Value.Count}"));

    internal sealed record Request(Uri Url, string Body)
    {
        public JsonElement[] Findings
        {
            get
            {
                using JsonDocument document = JsonDocument.Parse(Body.StartsWith('[') ? Body : $"[{string.Join(',', Body.Split('\n', StringSplitOptions.RemoveEmptyEntries))}]");
                return [.. document.RootElement.Clone().EnumerateArray()];
            }
        }
    }

    private sealed class Handler(FakeReceivers receivers) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref receivers._attempts);
            byte[] sent = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            if (request.Content.Headers.ContentEncoding.Contains("gzip"))
            {
                await using GZipStream gzip = new(new MemoryStream(sent), CompressionMode.Decompress);
                using MemoryStream plain = new();
                await gzip.CopyToAsync(plain, cancellationToken);
                sent = plain.ToArray();
            }

            string body = Encoding.UTF8.GetString(sent);
            HttpResponseMessage response = receivers._answers.TryGetValue(request.RequestUri!.Host, out Func<string, HttpResponseMessage>? answer) ? answer(body) : new HttpResponseMessage(HttpStatusCode.OK);
            if (response.IsSuccessStatusCode)
            {
                receivers._taken.GetOrAdd(request.RequestUri.Host, _ => new()).Enqueue(new Request(request.RequestUri, body));
            }

            return response;
        }
    }
}
