using Vedette.Sinks.Http;

namespace Vedette.Sinks.Webhook;

/// <summary>Posts findings: lists of them as they are, or one at a time as a template makes it.</summary>
internal sealed class WebhookSink(WebhookSettings settings, Func<HttpMessageHandler> handler, TimeProvider time) : ISink
{
    private readonly HttpSender _sender = new(handler(), settings.Http, time, settings.HmacSecret, settings.Url.PathAndQuery);

    /// <inheritdoc />
    public int MaxBatch => settings.Template is null ? 100 : 1;

    /// <inheritdoc />
    public Task<SinkAnswer> SendAsync(IReadOnlyList<StoredFinding> findings, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> body = settings.Template is { } template
            ? template.Render(findings[0].Json)
            : SinkJson.Write(writer =>
            {
                writer.WriteStartArray();
                foreach (StoredFinding finding in findings)
                {
                    writer.WriteRawValue(finding.Json.Span);
                }

                writer.WriteEndArray();
            });

        // Signed anew for each attempt: the time is part of it.
        HttpHeader[] headers = settings.HmacSecret is { } secret ? [WebhookSignature.Of(secret, time.GetUtcNow(), body.Span)] : [];
        return _sender.PostAsync(settings.Url, body, "application/json", isGzip: false, headers, cancellation);
    }

    /// <inheritdoc />
    public void Dispose() => _sender.Dispose();
}
