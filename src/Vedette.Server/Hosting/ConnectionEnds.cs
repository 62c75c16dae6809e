using System.Diagnostics.Metrics;

namespace Vedette.Server.Hosting;

/// <summary>
/// Hears from Kestrel why it ended connections: what it refuses before there is a request, such as headers that do not end, is in no other count. Reasons are those of its own metric kestrel.connection.duration
/// (https://learn.microsoft.com/aspnet/core/log-mon/metrics/built-in): a fixed set.
/// </summary>
internal sealed class ConnectionEnds : IDisposable
{
    private const string Instrument = "kestrel.connection.duration";
    private const string ReasonTag = "error.type";

    /// <summary>What is nobody's fault, or counted here already.</summary>
    private static readonly HashSet<string> s_usual = new(StringComparer.Ordinal) { "aborted_by_app", "app_shutdown_timeout", "connection_reset", "keep_alive_timeout", "server_timeout" };

    private readonly MeterListener _listener = new();

    /// <summary>Begins to listen; before Kestrel starts.</summary>
    /// <param name="meters">Makes the meters of the host listened to, and of no other in this process.</param>
    /// <param name="ended">Told the reason.</param>
    public ConnectionEnds(IMeterFactory meters, Action<string> ended)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == Instrument && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
        {
            foreach ((string name, object? value) in tags)
            {
                if (name == ReasonTag && value is string reason && !s_usual.Contains(reason))
                {
                    // Sometimes it is the name of an exception.
                    ended(reason.Contains('.', StringComparison.Ordinal) ? "error" : reason);
                }
            }
        });
        _listener.Start();
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();
}
