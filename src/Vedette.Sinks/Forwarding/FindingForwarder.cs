using System.Buffers;
using Vedette.Sinks.Http;

namespace Vedette.Sinks.Forwarding;

/// <summary>Forwards findings to another Vedette: JSON lines to <c>/findings/CLUSTER</c>. It knows them again by their ids, so what is sent twice is there once.</summary>
internal sealed class FindingForwarder(ForwardingSettings settings, Func<HttpMessageHandler> handler, TimeProvider time) : ISink
{
    private readonly HttpSender _sender = new(handler(), settings.Http, time);

    /// <inheritdoc />
    public int MaxBatch => 500;

    /// <inheritdoc />
    public async Task<SinkAnswer> SendAsync(IReadOnlyList<StoredFinding> findings, CancellationToken cancellation)
    {
        // One request for each cluster. When one fails all are sent again, which does no harm.
        foreach (IGrouping<string, StoredFinding> ofCluster in findings.GroupBy(finding => finding.Cluster, StringComparer.Ordinal))
        {
            if (settings.UrlOf("findings", ofCluster.Key) is not { } url)
            {
                return new SinkAnswer(SinkVerdict.Refused, "a finding without a cluster name cannot be forwarded; set cluster for this receiver");
            }

            ArrayBufferWriter<byte> lines = new(4096);
            foreach (StoredFinding finding in ofCluster)
            {
                lines.Write(finding.Json.Span);
                lines.Write("\n"u8);
            }

            ForwardingBody body = ForwardingBody.Of(lines.WrittenMemory);
            SinkAnswer answer = await _sender.PostAsync(url, body.Bytes, ForwardingBody.ContentType, body.IsGzip, [], cancellation);
            if (answer.Verdict != SinkVerdict.Delivered)
            {
                return answer;
            }
        }

        return SinkAnswer.Delivered;
    }

    /// <inheritdoc />
    public void Dispose() => _sender.Dispose();
}
