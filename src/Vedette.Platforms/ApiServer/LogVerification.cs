using System.Globalization;
using System.Text.Json;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ApiServer;

/// <summary>Looks at the end of an audit log: are there events, and of the last minutes?</summary>
internal static class LogVerification
{
    /// <summary>Bytes of the log's end that are read.</summary>
    public const int TailBytes = 1024 * 1024;

    /// <summary>A log whose newest event is older has stopped: a cluster's own components alone make events every few seconds.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(10);

    /// <summary>Verifies the log that is named, or the one of the node when it is there.</summary>
    public static void Run(ObservedApiServer observed, NodeFiles node, VerifyRequest request, Verdict verdict)
    {
        string? path = request.Options["log"];
        if (path is null)
        {
            path = observed.Flag("audit-log-path") is { Value: not ("" or "-") } flag && observed.OnHost(flag.Value) is { } onNode ? node.Local(onNode) : null;
            if (path is null || !node.IsLive)
            {
                return;
            }
        }

        Place place = new(path);
        string tail;
        try
        {
            tail = request.Files.ReadTail(path, TailBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            verdict.CannotTell(ApiServerChecks.LogFresh, place, exception is FileNotFoundException or DirectoryNotFoundException ? "there is no log" : exception.Message, "the log is root's alone (0600): run this as root, on a control-plane node");
            return;
        }

        int events = 0;
        int others = 0;
        DateTimeOffset newest = default;
        foreach (string line in tail.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (StageTimeOf(line) is { } time)
            {
                events++;
                newest = time > newest ? time : newest;
            }
            else
            {
                others++;
            }
        }

        if (events == 0)
        {
            verdict.Wrong(ApiServerChecks.LogParses, place, others == 0 ? "the log is empty" : "its last lines are no audit events in JSON", "see whether the policy is given, and --audit-log-format is json");
            return;
        }

        if (others > 0)
        {
            verdict.Wrong(ApiServerChecks.LogParses, place, $"{others} of the last {events + others} lines are no audit events: something else writes there, or a line was torn when the node lost power", "let kube-apiserver alone write to its log");
        }
        else
        {
            verdict.Ok(ApiServerChecks.LogParses, place, $"the last {events} lines are events");
        }

        TimeSpan age = request.Time.GetUtcNow() - newest;
        string when = newest.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (age > MaxSilence)
        {
            verdict.Wrong(ApiServerChecks.LogFresh, place, $"the newest event is of {when}, {age.TotalMinutes:0} minutes ago", "see apiserver_audit_error_total, free space, and whether kube-apiserver still writes to this file");
        }
        else
        {
            verdict.Ok(ApiServerChecks.LogFresh, place, $"the newest event is of {when}");
        }
    }

    /// <summary>stageTimestamp of an audit event; null when the line is none.</summary>
    private static DateTimeOffset? StageTimeOf(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("auditID", out _) && root.TryGetProperty("stageTimestamp", out JsonElement time) && time.TryGetDateTimeOffset(out DateTimeOffset value) ? value : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
