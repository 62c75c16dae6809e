using Vedette.Sinks.Http;

namespace Vedette.Sinks.Forwarding;

/// <summary>Forwards events to another Vedette: JSON lines to <c>/audit/CLUSTER</c>, as if an API server sent them. They are redacted already.</summary>
public sealed class EventForwarder : IDisposable
{
    private readonly ForwardingSettings _settings;
    private readonly HttpSender _sender;

    /// <summary>Makes one.</summary>
    /// <param name="settings">Where to.</param>
    /// <param name="handler">Makes what speaks HTTP.</param>
    /// <param name="time">Clock.</param>
    public EventForwarder(ForwardingSettings settings, Func<HttpMessageHandler> handler, TimeProvider time)
    {
        _settings = settings;
        _sender = new HttpSender(handler(), settings.Http, time);
    }

    /// <summary>Sends events of one cluster, in order.</summary>
    /// <param name="cluster">The cluster they came from.</param>
    /// <param name="lines">The events, each with a line end.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<SinkAnswer> SendAsync(string cluster, ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        if (_settings.UrlOf("audit", cluster) is not { } url)
        {
            return new SinkAnswer(SinkVerdict.Refused, "an event without a cluster name cannot be forwarded; set cluster for this receiver");
        }

        ForwardingBody body = ForwardingBody.Of(lines);
        return await _sender.PostAsync(url, body.Bytes, ForwardingBody.ContentType, body.IsGzip, [], cancellation);
    }

    /// <inheritdoc />
    public void Dispose() => _sender.Dispose();
}
