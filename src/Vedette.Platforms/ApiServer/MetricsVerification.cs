using System.Globalization;
using System.Text.RegularExpressions;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ApiServer;

/// <summary>Reads kube-apiserver's counters of auditing. They are the only place that tells of lost events.</summary>
internal static partial class MetricsVerification
{
    /// <summary>Verifies.</summary>
    public static void Run(VerifyRequest request, Verdict verdict)
    {
        if (request.Options["metrics"] is not { } path)
        {
            return;
        }

        Place place = new(path);
        if (!request.Files.TryReadText(path, out string text))
        {
            verdict.CannotTell(ApiServerChecks.MetricsErrors, place, text, "kubectl get --raw /metrics > metrics.txt");
            return;
        }

        Dictionary<(string Name, string Plugin), double> counters = [];
        foreach (Match match in Counter().Matches(text))
        {
            counters[(match.Groups["name"].Value, match.Groups["plugin"].Value)] = double.Parse(match.Groups["value"].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        if (!counters.TryGetValue(("event", ""), out double events))
        {
            verdict.CannotTell(ApiServerChecks.MetricsEvents, place, "there is no apiserver_audit_event_total: these are not kube-apiserver's metrics", "kubectl get --raw /metrics");
            return;
        }

        if (events == 0)
        {
            verdict.Wrong(ApiServerChecks.MetricsEvents, place, "apiserver_audit_event_total is 0: this kube-apiserver audits nothing", "give it a policy and a backend, and restart it");
        }
        else
        {
            verdict.Ok(ApiServerChecks.MetricsEvents, place, string.Create(CultureInfo.InvariantCulture, $"{events:N0} events since it started"));
        }

        (string Plugin, double Count)[] errors = [.. counters.Where(pair => pair.Key.Name == "error" && pair.Value > 0).Select(pair => (pair.Key.Plugin, pair.Value)).OrderBy(pair => pair.Plugin, StringComparer.Ordinal)];
        foreach ((string plugin, double count) in errors)
        {
            (string why, string mend) = Explain(plugin);
            verdict.Wrong(ApiServerChecks.MetricsErrors, place, string.Create(CultureInfo.InvariantCulture, $"{count:N0} events were lost, says apiserver_audit_error_total{{plugin=\"{plugin}\"}}: {why}"), mend);
        }

        if (errors.Length == 0)
        {
            verdict.Ok(ApiServerChecks.MetricsErrors, place, "apiserver_audit_error_total is 0 since it started");
        }

        if (counters.GetValueOrDefault(("requests_rejected", "")) is > 0 and double rejected)
        {
            verdict.Wrong(ApiServerChecks.MetricsRejected, place, string.Create(CultureInfo.InvariantCulture, $"{rejected:N0} requests were refused because they could not be audited (mode blocking-strict)"), "use mode batch or blocking");
        }
        else
        {
            verdict.Ok(ApiServerChecks.MetricsRejected, place, "none");
        }
    }

    private static (string Why, string Mend) Explain(string plugin) => plugin switch
    {
        "log" => ("they could not be written, or not be encoded, as those of a server-side apply whose body is YAML at level Request", "see free space, events above --audit-log-maxsize, and 'vedette policy lint' for VP2050"),
        "webhook" => ("the receiver did not take their batch in five tries", "let the receiver answer 200 quickly, and be back within 81 s after a restart; look for one event that cannot be encoded, which takes its batch along"),
        "buffered" => ("the buffer was full", "raise --audit-webhook-batch-buffer-size and the throttle"),
        "truncate" => ("they stayed too large without their bodies", "raise --audit-webhook-truncate-max-event-size"),
        _ => ("its backend failed", "see kube-apiserver's own log"),
    };

    [GeneratedRegex("""^apiserver_audit_(?<name>event|error|requests_rejected)_total(?:\{(?:[^}]*,)?plugin="(?<plugin>[^"]*)"[^}]*\}|\{[^}]*\})?\s+(?<value>[0-9.eE+]+)""", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Counter();
}
