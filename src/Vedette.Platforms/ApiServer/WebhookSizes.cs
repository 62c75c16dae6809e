using System.Globalization;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.ApiServer;

/// <summary>Buffer and throttle of the webhook.</summary>
/// <param name="BufferSize">audit-webhook-batch-buffer-size, in events.</param>
/// <param name="Qps">audit-webhook-batch-throttle-qps, in batches a second.</param>
/// <param name="Burst">audit-webhook-batch-throttle-burst, in batches.</param>
internal sealed record WebhookSizes(int BufferSize, int Qps, int Burst)
{
    /// <summary>audit-webhook-batch-max-size: kube-apiserver's default.</summary>
    public const int BatchSize = 400;

    /// <summary>audit-webhook-truncate-max-event-size: larger events lose their bodies and are marked so. Kubernetes' default, 100 KiB, would take the bodies of ordinary custom resources.</summary>
    public const int MaxEventBytes = 1024 * 1024;

    /// <summary>Peaks over the mean that are carried without loss.</summary>
    public const int PeakFactor = 3;

    /// <summary>Seconds of a peak that the buffer holds when nothing is sent.</summary>
    public const int BufferSeconds = 30;

    /// <summary>Sizes for a request; never below kube-apiserver's defaults.</summary>
    public static WebhookSizes For(SetupRequest request)
    {
        double peak = (request.Traffic?.EventsPerSecond ?? 0) * PeakFactor;
        int qps = Math.Max(10, (int)Math.Ceiling(Math.Min(peak, 1e7) / BatchSize));
        return new WebhookSizes(Math.Max(10_000, (int)Math.Ceiling(Math.Min(peak, 1e6) * BufferSeconds / 1000) * 1000), qps, qps + qps / 2);
    }

    /// <summary>Shows the arithmetic.</summary>
    public void Explain(SetupRequest request, SetupOutput output)
    {
        double peak = (request.Traffic?.EventsPerSecond ?? 0) * PeakFactor;
        string need = request.Traffic is null ? "traffic unknown, kube-apiserver's own defaults" : Line($"peak {peak:0} events/s = {PeakFactor} x mean");
        output.Size(Line($"Webhook throttle: {Qps} batches/s x {BatchSize} events = {Qps * BatchSize:N0} events/s ({need}). What comes faster for longer fills the buffer, and what does not fit there is dropped one by one."));
        output.Size(Line($"Webhook buffer: {BufferSize:N0} events, about {BufferSize * (request.Traffic?.BytesPerEvent ?? Traffic.AssumedBytesPerEvent) / 1024 / 1024:0} MiB of memory when full."));
        output.Note("The receiver is `vedette serve` (docs/server.md), or any that answers kube-apiserver's posts with 200. It has to run before kube-apiserver is told of it; without one, leave the webhook off.");
        output.Note("A batch that the receiver does not take is tried 5 times in 81 to 97 s and then lost; only apiserver_audit_error_total tells of it. A restart of the receiver must fit into that time.");
        output.Note(Line($"Events above {MaxEventBytes / 1024} KiB lose their bodies and carry the annotation audit.k8s.io/truncated. audit-webhook-truncate-max-batch-size is left out: it has no effect, since truncation sees single events."));
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
