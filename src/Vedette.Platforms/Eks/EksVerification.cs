using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Eks.FilterPatterns;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Eks;

/// <summary>Verifies EKS from what the AWS command line says, and scripts by reading them.</summary>
internal sealed partial class EksVerification(VerifyRequest request, Verdict verdict)
{
    /// <summary>What recipes look for and no event has.</summary>
    private static readonly (Regex Part, string Why, string Mend)[] s_impossible =
    [
        (
            RbacVerb(), "bind, escalate and impersonate are rights of RBAC; an event's verb is create, update, patch …",
            "look for writes of roles and bindings, and for refusals that say \"attempting to grant RBAC permissions not currently held\"; impersonation shows as $.impersonatedUser.username"
        ),
        (Anonymous(), "whoever has no credentials is system:anonymous, and $.user is an object", "$.user.username = \"system:anonymous\""),
    ];

    private readonly Evidence _evidence = Evidence.Read(request, verdict, EksChecks.Readable);

    /// <summary>Does all checks. Scripts alone, as <c>--setup</c> names them, are no evidence of a cluster: then only they are looked at.</summary>
    public void Run()
    {
        foreach (EvidenceText text in _evidence.Texts)
        {
            Script(text);
        }

        string[] answers = ["cluster", "logGroups", "metricFilters", "subscriptionFilters", "MetricAlarms", "Features"];
        if (verdict.Results.Count > 0 && !answers.Any(answer => _evidence.With(answer).Any()))
        {
            return;
        }

        string? group = Cluster();
        LogGroup(group);
        MetricFilters();
        Subscription();
        GuardDuty();
    }

    /// <summary>The name of the cluster's log group; null when the cluster is not known.</summary>
    private string? Cluster()
    {
        EvidenceDocument[] clusters = [.. _evidence.With("cluster")];
        if (clusters.Length == 0)
        {
            verdict.CannotTell(EksChecks.AuditOn, Place.None, "there is no answer of describe-cluster", "aws eks describe-cluster --region REGION --name CLUSTER");
            return null;
        }

        (Place place, JsonElement cluster) = clusters[0];
        string name = cluster.Text("name") ?? "CLUSTER";
        string region = RegionOf(cluster.Text("arn"));
        HashSet<string> types = [.. cluster.List("logging.clusterLogging").Where(entry => entry.IsTrue("enabled")).SelectMany(entry => entry.List("types")).Select(type => type.AsText() ?? "")];
        foreach ((Check check, string type) in new[] { (EksChecks.AuditOn, "audit"), (EksChecks.AuthenticatorOn, "authenticator") })
        {
            if (types.Contains(type))
            {
                verdict.Ok(check, place, $"{name} logs {type}");
            }
            else
            {
                verdict.Wrong(check, place, $"{name} does not log {type}", $"aws eks update-cluster-config --region {region} --name {name} --logging '{{\"clusterLogging\":[{{\"types\":[\"{type}\"],\"enabled\":true}}]}}'");
            }
        }

        Region(place, $"cluster {name}", region);
        return $"/aws/eks/{name}/cluster";
    }

    private void LogGroup(string? wanted)
    {
        EvidenceDocument[] documents = [.. _evidence.With("logGroups")];
        (Place Place, JsonElement Group)[] groups =
        [
            .. documents.SelectMany(document => document.Items.Select(item => (document.Place, item)))
                .Where(pair => wanted is null ? pair.item.Text("logGroupName") is ['/', 'a', 'w', 's', '/', 'e', 'k', 's', '/', ..] : pair.item.Text("logGroupName") == wanted),
        ];
        string name = wanted ?? "/aws/eks/CLUSTER/cluster";
        if (groups.Length == 0)
        {
            string why = documents.Length == 0 ? "there is no answer of describe-log-groups" : $"the answer of describe-log-groups does not have {name}";
            verdict.CannotTell(EksChecks.Retention, documents.Length == 0 ? Place.None : documents[0].Place, why, $"aws logs describe-log-groups --region REGION --log-group-name-prefix {name}");
            return;
        }

        (Place place, JsonElement group) = groups[0];
        name = group.Text("logGroupName")!;
        int? days = group.Number("retentionInDays");
        int needed = request.RetentionDays ?? 1;
        if (days is null)
        {
            verdict.Ok(EksChecks.Retention, place, $"{name} never expires");
        }
        else if (days >= needed)
        {
            verdict.Ok(EksChecks.Retention, place, $"{name} keeps {days} days");
        }
        else
        {
            verdict.Wrong(
                EksChecks.Retention, place, $"{name} keeps {days} days, less than {needed}",
                $"aws logs put-retention-policy --region {RegionOf(group.Text("arn"))} --log-group-name {name} --retention-in-days {CloudWatchRetention.AtLeast(needed, CloudWatchRetention.Days)}");
        }

        if (group.Text("kmsKeyId") is { } key)
        {
            verdict.Ok(EksChecks.Key, place, $"{name} uses {key}");
        }
        else
        {
            verdict.Wrong(EksChecks.Key, place, $"{name} has no key of yours", $"aws logs associate-kms-key --region {RegionOf(group.Text("arn"))} --log-group-name {name} --kms-key-id KEY_ARN; earlier events stay as they are");
        }

        if (group.Text("logGroupClass") is "INFREQUENT_ACCESS" or "DELIVERY")
        {
            verdict.Wrong(EksChecks.Class, place, $"{name} is of class {group.Text("logGroupClass")}, on which no metric filters work", "make the group anew with class STANDARD; the class of a group cannot be changed");
        }
        else
        {
            verdict.Ok(EksChecks.Class, place, $"{name} is of the standard class");
        }

        Region(place, name, RegionOf(group.Text("arn")));
    }

    private void MetricFilters()
    {
        EvidenceDocument[] documents = [.. _evidence.With("metricFilters")];
        if (documents.Length == 0)
        {
            verdict.CannotTell(EksChecks.Counted, Place.None, "there is no answer of describe-metric-filters", "aws logs describe-metric-filters --region REGION --log-group-name /aws/eks/CLUSTER/cluster");
            return;
        }

        List<(FilterPattern Pattern, JsonElement Filter)> filters = [];
        foreach ((Place place, JsonElement filter) in documents.SelectMany(document => document.Items.Select(item => (document.Place, item))))
        {
            string name = filter.Text("filterName") ?? "a filter";
            if (Pattern(place, name, filter.Text("filterPattern") ?? "") is { } pattern)
            {
                filters.Add((pattern, filter));
            }
        }

        Place where = documents[0].Place;
        foreach (CloudAlert alert in CloudAlerts.All)
        {
            (FilterPattern Pattern, JsonElement Filter)[] counting = [.. filters.Where(pair => pair.Pattern.Matches(alert.Probe))];
            if (counting.Length == 0)
            {
                verdict.Wrong(
                    EksChecks.Counted, where, $"no metric filter counts: {alert.Title.ToLowerInvariant()}",
                    $"aws logs put-metric-filter --region REGION --log-group-name /aws/eks/CLUSTER/cluster --filter-name vedette-{alert.Name} --filter-pattern '{alert.CloudWatchLine}' "
                    + $"--metric-transformations metricName={alert.MetricName},metricNamespace=Vedette,metricValue=1,defaultValue=0");
            }
            else
            {
                verdict.Ok(EksChecks.Counted, where, $"{counting[0].Filter.Text("filterName")} counts: {alert.Title.ToLowerInvariant()}");
                Alarms(alert, counting.SelectMany(pair => pair.Filter.List("metricTransformations")));
            }
        }
    }

    private void Alarms(CloudAlert alert, IEnumerable<JsonElement> metrics)
    {
        EvidenceDocument[] documents = [.. _evidence.With("MetricAlarms")];
        string mend = $"aws cloudwatch put-metric-alarm --region REGION --alarm-name vedette-{alert.Name} … --alarm-actions TOPIC_ARN; alerts.sh of 'vedette setup eks' has all of it";
        if (documents.Length == 0)
        {
            verdict.CannotTell(EksChecks.Alarmed, Place.None, $"there is no answer of describe-alarms, for: {alert.Title.ToLowerInvariant()}", "aws cloudwatch describe-alarms --region REGION");
            return;
        }

        HashSet<(string?, string?)> names = [.. metrics.Select(metric => (metric.Text("metricNamespace"), metric.Text("metricName")))];
        JsonElement[] alarms = [.. documents.SelectMany(document => document.Items).Where(alarm => names.Contains((alarm.Text("Namespace"), alarm.Text("MetricName"))))];
        JsonElement[] telling = [.. alarms.Where(alarm => alarm.At("ActionsEnabled") is not { ValueKind: JsonValueKind.False } && alarm.List("AlarmActions").Any())];
        if (telling.Length > 0)
        {
            verdict.Ok(EksChecks.Alarmed, documents[0].Place, $"{telling[0].Text("AlarmName")} tells: {alert.Title.ToLowerInvariant()}");
        }
        else
        {
            string why = alarms.Length == 0 ? $"no alarm watches the metric of: {alert.Title.ToLowerInvariant()}" : $"{alarms[0].Text("AlarmName")} tells nobody: it has no action, or actions are off";
            verdict.Wrong(EksChecks.Alarmed, documents[0].Place, why, mend);
        }
    }

    private void Subscription()
    {
        EvidenceDocument[] documents = [.. _evidence.With("subscriptionFilters")];
        if (documents.Length == 0)
        {
            return;
        }

        foreach ((Place place, JsonElement filter) in documents.SelectMany(document => document.Items.Select(item => (document.Place, item))))
        {
            string name = filter.Text("filterName") ?? "a filter";
            if (Pattern(place, name, filter.Text("filterPattern") ?? "") is { } pattern && CloudAlerts.All.All(alert => pattern.Matches(alert.Probe)))
            {
                verdict.Ok(EksChecks.Forwarded, place, $"{name} sends audit events to {filter.Text("destinationArn")}");
                return;
            }
        }

        verdict.Wrong(EksChecks.Forwarded, documents[0].Place, "no subscription filter lets every audit event through", "a filter with the pattern '{ $.kind = \"Event\" }'; forward.sh of 'vedette setup eks' has all of it");
    }

    private void GuardDuty()
    {
        EvidenceDocument[] features = [.. _evidence.With("Features")];
        if (features.Length == 0)
        {
            verdict.CannotTell(EksChecks.GuardDutyAudit, Place.None, "there is no answer of get-detector", "aws guardduty get-detector --region REGION --detector-id ID; without a detector create one: guardduty.sh of 'vedette setup eks'");
            return;
        }

        HashSet<string> enabled = [.. features[0].Items.Where(feature => feature.Text("Status") == "ENABLED").Select(feature => feature.Text("Name") ?? "")];
        Feature(EksChecks.GuardDutyAudit, "EKS_AUDIT_LOGS", ["EKS_AUDIT_LOGS"]);
        Feature(EksChecks.GuardDutyRuntime, "RUNTIME_MONITORING", ["RUNTIME_MONITORING", "EKS_RUNTIME_MONITORING"]);

        void Feature(Check check, string wanted, string[] enough)
        {
            if (enough.Any(enabled.Contains))
            {
                verdict.Ok(check, features[0].Place, $"{enough.First(enabled.Contains)} is on");
            }
            else
            {
                verdict.Wrong(check, features[0].Place, $"{wanted} is off: a detector alone does not look at it", $"aws guardduty update-detector --region REGION --detector-id ID --features '[{{\"Name\":\"{wanted}\",\"Status\":\"ENABLED\"}}]'");
            }
        }
    }

    /// <summary>What is wrong in commands that somebody would run.</summary>
    private void Script(EvidenceText text)
    {
        int without = 0;
        int calls = 0;
        foreach (ShellCommand command in ShellCommands.Of("aws", text).Where(command => command.Words.Count > 2 && command.Words[1] != "configure"))
        {
            calls++;
            if (command.Option("--region") is not { } region)
            {
                without++;
                verdict.Wrong(EksChecks.Regions, command.Place, $"'aws {command.Words[1]} {command.Words[2]}' takes the region of whoever runs it", "add --region REGION");
            }
            else if (!region.Contains('$', StringComparison.Ordinal) && region != "REGION")
            {
                Region(command.Place, $"aws {command.Words[1]} {command.Words[2]}", region);
            }

            if (command.Is("logs", "put-metric-filter") && command.Option("--filter-pattern") is { } pattern && !pattern.StartsWith('$'))
            {
                Pattern(command.Place, command.Option("--filter-name") ?? "the filter", pattern);
            }

            if (command.Option("--retention-in-days") is { } value && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int days))
            {
                Retained(command.Place, days);
            }
        }

        if (calls > 0 && without == 0)
        {
            verdict.Ok(EksChecks.Regions, new Place(text.File), $"all {calls} aws commands name their region");
        }
    }

    private void Retained(Place place, int days)
    {
        if (CloudWatchRetention.Days.Contains(days))
        {
            verdict.Ok(EksChecks.RetentionValue, place, $"{days} days is a value that CloudWatch takes");
        }
        else
        {
            verdict.Wrong(EksChecks.RetentionValue, place, $"CloudWatch does not take {days} days", $"--retention-in-days {CloudWatchRetention.AtLeast(days, CloudWatchRetention.Days)}, one of {string.Join(", ", CloudWatchRetention.Days)}");
        }
    }

    private FilterPattern? Pattern(Place place, string name, string text)
    {
        if (!FilterPattern.TryParse(text, out FilterPattern? pattern, out FilterProblem? problem))
        {
            verdict.Wrong(EksChecks.Grammar, place, $"{name}: {problem}", "write fields as in { ($.userAgent = \"kubectl*\") && ($.responseStatus.code = 403) }");
            return null;
        }

        if (!pattern.IsJson && text.Length > 0)
        {
            verdict.Wrong(EksChecks.Grammar, place, $"{name} looks for words anywhere in the line, also in names that a client chose", "name fields: { $.verb = \"delete\" }");
        }
        else
        {
            verdict.Ok(EksChecks.Grammar, place, $"{name} is a pattern on JSON fields");
        }

        foreach ((Regex part, string why, string mend) in s_impossible)
        {
            if (part.Match(text) is { Success: true } found)
            {
                verdict.Wrong(EksChecks.Possible, place, $"{name}: {found.Value}: {why}", mend);
            }
        }

        return pattern;
    }

    private void Region(Place place, string what, string region)
    {
        if (!request.Residency.IsRestricted)
        {
            return;
        }

        if (request.Residency.Allows("aws", region))
        {
            verdict.Ok(EksChecks.Residency, place, $"{what} is in {region}");
        }
        else
        {
            verdict.Wrong(EksChecks.Residency, place, $"{what} is in {region}, and data may be in {request.Residency} only", "logs of EKS stay in the cluster's region: use a cluster in an allowed one, and check copies elsewhere (S3 replication, subscriptions)");
        }
    }

    [GeneratedRegex(@"\$\.verb\s*=\s*""?(bind|escalate|impersonate)\b""?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex RbacVerb();

    [GeneratedRegex(@"\$\.user(\.username)?\s*=\s*""?(system:serviceaccount:[a-z-]+:)?anonymous\b""?", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Anonymous();

    /// <summary>The region in an ARN, <c>arn:aws:logs:us-east-1:…</c>.</summary>
    private static string RegionOf(string? arn) => arn?.Split(':') is [_, _, _, { Length: > 0 } region, ..] ? region : "REGION";
}
