using System.Globalization;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.ApiServer;

/// <summary>Limits of the log file on a node.</summary>
/// <param name="MaxAgeDays">audit-log-maxage.</param>
/// <param name="MaxBackup">audit-log-maxbackup: rotated files beside the current one.</param>
/// <param name="MaxSizeMiB">audit-log-maxsize.</param>
internal sealed record LogSizes(int MaxAgeDays, int MaxBackup, int MaxSizeMiB)
{
    /// <summary>Most days that files stay on a node: it is no archive, and who owns the node owns them.</summary>
    public const int MaxNodeDays = 90;

    /// <summary>CIS 1.2.17.</summary>
    public const int LeastAgeDays = 30;

    /// <summary>CIS 1.2.18.</summary>
    public const int LeastBackup = 10;

    /// <summary>CIS 1.2.19.</summary>
    public const int LeastSizeMiB = 100;

    /// <summary>Rotated files where nobody knows the traffic: 5 GiB in all.</summary>
    public const int AssumedBackup = 50;

    /// <summary>More files than this become larger files instead.</summary>
    public const int MaxFiles = 500;

    private const double MiB = 1024 * 1024;

    /// <summary>Bytes on disk at most: the rotated files and the current one.</summary>
    public long DiskBytes => (MaxBackup + 1L) * MaxSizeMiB * (long)MiB;

    /// <summary>Sizes for a request.</summary>
    public static LogSizes For(SetupRequest request)
    {
        int days = Math.Clamp(request.RetentionDays, 1, MaxNodeDays);
        int age = Math.Max(days, LeastAgeDays);
        if (request.Traffic is not { } traffic)
        {
            return new LogSizes(age, AssumedBackup, LeastSizeMiB);
        }

        double need = traffic.EventsPerSecond * traffic.BytesPerEvent * 86_400 * days / MiB;
        int size = LeastSizeMiB * (int)Math.Clamp(Math.Ceiling(need / LeastSizeMiB / MaxFiles), 1, 100);
        return new LogSizes(age, Math.Max(LeastBackup, (int)Math.Min(Math.Ceiling(need / size), 1_000_000)), size);
    }

    /// <summary>Shows the arithmetic.</summary>
    public void Explain(SetupRequest request, SetupOutput output)
    {
        if (request.Traffic is { } traffic)
        {
            double perDay = traffic.EventsPerSecond * traffic.BytesPerEvent * 86_400;
            output.Size(Line($"Events: {traffic.EventsPerSecond:0.##}/s for each kube-apiserver ({traffic.Origin}); x {traffic.BytesPerEvent:0} bytes x 86,400 s = {perDay / MiB:N0} MiB a day."));
        }

        output.Size(Line($"Disk for the log on each control-plane node: (maxbackup {MaxBackup} + 1) x maxsize {MaxSizeMiB} MiB = {DiskBytes / MiB / 1024:0.0} GiB. Rotation deletes by number and by age (maxage {MaxAgeDays} days), whichever comes first."));
        if (request.Traffic is null)
        {
            output.Size(Line($"Nobody said how much traffic there is. At 10 events/s of {Traffic.AssumedBytesPerEvent:0} bytes that disk holds {DiskBytes / (10 * Traffic.AssumedBytesPerEvent) / 86_400:0.0} days. Measure it and run setup again: `--log AUDIT_LOG`, or `--rate REQUESTS_PER_SECOND`."));
        }

        if (request.RetentionDays > MaxNodeDays)
        {
            output.Note(Line($"{request.RetentionDays} days cannot be kept by kube-apiserver's rotation alone: a node keeps {MaxNodeDays} days at most here, and is no archive. Ship the log off the node as well."));
        }
    }

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
