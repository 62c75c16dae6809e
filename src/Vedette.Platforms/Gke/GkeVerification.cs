using System.Text.Json;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Gke;

/// <summary>Verifies GKE from what gcloud says, and scripts by reading them. Filters of Cloud Logging are compared, not evaluated: of one written otherwise it cannot be told what it lets through.</summary>
internal sealed class GkeVerification(VerifyRequest request, Verdict verdict)
{
    private static readonly string[] s_types = ["ADMIN_READ", "DATA_READ", "DATA_WRITE"];

    private readonly Evidence _evidence = Evidence.Read(request, verdict, GkeChecks.Readable);

    /// <summary>Does all checks. Scripts alone, as <c>--setup</c> names them, are no evidence of a project: then only they are looked at.</summary>
    public void Run()
    {
        foreach (EvidenceText text in _evidence.Texts)
        {
            Script(text);
        }

        bool isProject = _evidence.With("bindings").Any() || _evidence.Documents.Any(document => document.Root.ValueKind == JsonValueKind.Array);
        if (verdict.Results.Count > 0 && !isProject)
        {
            return;
        }

        DataAccess();
        Buckets(Sinks());
        Alerts();
    }

    private void DataAccess()
    {
        EvidenceDocument? policy = _evidence.Documents.FirstOrDefault(document => document.Root.At("bindings") is not null || document.Root.At("auditConfigs") is not null);
        if (policy is null)
        {
            verdict.CannotTell(GkeChecks.DataAccess, Place.None, "there is no answer of get-iam-policy", "gcloud projects get-iam-policy PROJECT --format=json");
            return;
        }

        JsonElement[] configs = [.. policy.Root.List("auditConfigs").Where(config => config.Text("service") is "container.googleapis.com" or "allServices").SelectMany(config => config.List("auditLogConfigs"))];
        string[] missing = [.. s_types.Where(type => !configs.Any(config => config.Text("logType") == type))];
        if (missing.Length == 0)
        {
            verdict.Ok(GkeChecks.DataAccess, policy.Place, "ADMIN_READ, DATA_READ and DATA_WRITE are logged");
        }
        else
        {
            verdict.Wrong(
                GkeChecks.DataAccess, policy.Place, $"{string.Join(", ", missing)} of container.googleapis.com {(missing.Length == 1 ? "is" : "are")} off, as by default: no {(missing.Contains("ADMIN_READ", StringComparer.Ordinal) ? "get, list or watch" : "such request")} is logged",
                "add to the IAM policy: auditConfigs: [{service: container.googleapis.com, auditLogConfigs: [{logType: ADMIN_READ}, {logType: DATA_READ}, {logType: DATA_WRITE}]}]; data-access.sh of 'vedette setup gke' does");
        }

        string[] exempted = [.. configs.SelectMany(config => config.List("exemptedMembers")).Select(member => member.AsText() ?? "?").Distinct(StringComparer.Ordinal)];
        if (exempted.Length > 0)
        {
            verdict.Wrong(GkeChecks.Exempted, policy.Place, $"what {string.Join(", ", exempted)} read{(exempted.Length == 1 ? "s" : "")} is not logged", "remove exemptedMembers from auditLogConfigs");
        }
        else if (configs.Length > 0)
        {
            verdict.Ok(GkeChecks.Exempted, policy.Place, "there is no exemption");
        }
    }

    /// <summary>Looks at the sinks.</summary>
    /// <returns>Names of the log buckets that get audit entries; null when no answer about sinks is there.</returns>
    private HashSet<string>? Sinks()
    {
        (Place Place, JsonElement Item)[] sinks = [.. Items(item => item.Text("destination") is not null && item.Text("name") is not null)];
        if (sinks.Length == 0)
        {
            verdict.CannotTell(GkeChecks.Routed, Place.None, "there is no answer about sinks", "gcloud logging sinks list --project PROJECT --format=json");
            return null;
        }

        const string LogBucket = "logging.googleapis.com/";
        HashSet<string> buckets = new(StringComparer.Ordinal);
        foreach ((Place place, JsonElement sink) in sinks)
        {
            string name = sink.Text("name")!;
            string destination = sink.Text("destination")!;
            bool routes = !sink.IsTrue("disabled") && Takes(sink.Text("filter") ?? "");
            if (routes && name is not "_Default" and not "_Required" && destination.StartsWith(LogBucket, StringComparison.Ordinal))
            {
                buckets.Add(destination[LogBucket.Length..]);
                verdict.Ok(GkeChecks.Routed, place, $"{name} routes to {destination}");
            }

            if (name == "_Default" && request.Residency.IsRestricted)
            {
                bool excludes = sink.IsTrue("disabled") || sink.List("exclusions").Any(exclusion => !exclusion.IsTrue("disabled") && Takes(exclusion.Text("filter") ?? ""));
                if (excludes || (PlaceOf(destination) is { } kept && request.Residency.Allows("gcp", kept)))
                {
                    verdict.Ok(GkeChecks.Default, place, excludes ? "_Default leaves Kubernetes audit entries out" : $"_Default is in {PlaceOf(destination)}");
                }
                else
                {
                    verdict.Wrong(
                        GkeChecks.Default, place, $"_Default keeps Data Access entries in {PlaceOf(destination) ?? "a place that is not known"}",
                        $"gcloud logging sinks update _Default --project PROJECT --add-exclusion 'name=k8s-audit,filter={CloudAlerts.GkeScope}'");
                }
            }
        }

        if (buckets.Count == 0)
        {
            verdict.Wrong(
                GkeChecks.Routed, sinks[0].Place, "no sink routes Kubernetes audit entries to a log bucket of your own",
                $"gcloud logging sinks create vedette-k8s-audit logging.googleapis.com/projects/PROJECT/locations/LOCATION/buckets/BUCKET --project PROJECT --log-filter '{CloudAlerts.GkeScope}'");
        }

        return buckets;
    }

    private void Buckets(HashSet<string>? routed)
    {
        (Place Place, JsonElement Item)[] buckets = [.. Items(item => item.Text("name")?.Contains("/buckets/", StringComparison.Ordinal) == true)];
        if (buckets.Length == 0)
        {
            verdict.CannotTell(GkeChecks.Retention, Place.None, "there is no answer about log buckets", "gcloud logging buckets list --project PROJECT --format=json");
            return;
        }

        foreach ((Place place, JsonElement bucket) in buckets)
        {
            string name = bucket.Text("name")!;
            string where = PlaceOf(name) ?? "an unknown place";
            if (name.EndsWith("/_Required", StringComparison.Ordinal))
            {
                Required(place, where);
            }
            else if (routed?.Contains(name) ?? !name.EndsWith("/_Default", StringComparison.Ordinal))
            {
                Bucket(place, name, where, bucket.Number("retentionDays"));
            }
        }
    }

    private void Required(Place place, string where)
    {
        if (!request.Residency.IsRestricted)
        {
            return;
        }

        if (request.Residency.Allows("gcp", where))
        {
            verdict.Ok(GkeChecks.Required, place, $"_Required is in {where}");
        }
        else
        {
            verdict.CannotTell(
                GkeChecks.Required, place, $"_Required is in {where}, {(where == "global" ? "which does not say where entries are stored" : "outside")}, and keeps Admin Activity entries 400 days whatever is routed",
                "its location cannot be changed: accept it in writing, or move the clusters to a project made after 'gcloud logging settings update --organization O --storage-location L'");
        }
    }

    private void Bucket(Place place, string name, string where, int? days)
    {
        string id = name[(name.LastIndexOf('/') + 1)..];
        if (where == "global" || !request.Residency.Allows("gcp", where))
        {
            verdict.Wrong(
                GkeChecks.Location, place, where == "global" ? $"{id} is in global, which does not say where entries are stored" : $"{id} is in {where}, and data may be in {request.Residency} only",
                $"gcloud logging buckets create NAME --project PROJECT --location {request.Residency.RegionsOf("gcp").FirstOrDefault(region => region.Contains('-', StringComparison.Ordinal)) ?? "LOCATION"}; a bucket's location cannot be changed");
        }
        else
        {
            verdict.Ok(GkeChecks.Location, place, $"{id} is in {where}");
        }

        int needed = request.RetentionDays ?? 1;
        if (days >= needed)
        {
            verdict.Ok(GkeChecks.Retention, place, $"{id} keeps {days} days");
        }
        else
        {
            verdict.Wrong(GkeChecks.Retention, place, $"{id} keeps {days?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "30"} days, less than {needed}", $"gcloud logging buckets update {id} --project PROJECT --location {where} --retention-days {needed}");
        }
    }

    private void Alerts()
    {
        (Place Place, JsonElement Item)[] metrics = [.. Items(item => item.Text("filter") is not null && item.At("metricDescriptor") is not null)];
        JsonElement[] policies = [.. Items(item => item.Text("name")?.Contains("/alertPolicies/", StringComparison.Ordinal) == true).Select(pair => pair.Item)];
        foreach (CloudAlert alert in CloudAlerts.All)
        {
            (Place Place, JsonElement Item)[] counting = [.. metrics.Where(metric => Plain(metric.Item.Text("filter")!) == Plain(alert.CloudLoggingLine))];
            if (counting.Length == 0)
            {
                verdict.CannotTell(
                    GkeChecks.Counted, metrics.Length > 0 ? metrics[0].Place : Place.None, $"no log-based metric has Vedette's filter for: {alert.Title.ToLowerInvariant()}",
                    $"gcloud logging metrics create vedette-{alert.Name} --project PROJECT --description '{alert.Title}' --log-filter '{alert.CloudLoggingLine}'");
                continue;
            }

            (Place place, JsonElement found) = counting[0];
            string metric = $"logging.googleapis.com/user/{found.Text("name")}";
            verdict.Ok(GkeChecks.Counted, place, $"{found.Text("name")} counts: {alert.Title.ToLowerInvariant()}");
            JsonElement[] watching = [.. policies.Where(policy => policy.List("conditions").Any(condition => condition.Text("conditionThreshold.filter")?.Contains($"\"{metric}\"", StringComparison.Ordinal) == true))];
            if (watching.Any(policy => policy.At("enabled") is not { ValueKind: JsonValueKind.False } && policy.List("notificationChannels").Any()))
            {
                verdict.Ok(GkeChecks.Alerted, place, $"an alert policy watches {found.Text("name")}");
            }
            else
            {
                verdict.Wrong(
                    GkeChecks.Alerted, place, watching.Length == 0 ? $"no alert policy watches {found.Text("name")}" : $"the alert policy on {found.Text("name")} tells nobody: it is off or has no channel",
                    $"gcloud monitoring policies create --project PROJECT --policy-from-file alerts/{alert.Name}.json --notification-channels CHANNEL");
            }
        }
    }

    private void Script(EvidenceText text)
    {
        int places = 0;
        foreach (ShellCommand command in ShellCommands.Of("gcloud", text).Concat(ShellCommands.Of("bq", text)))
        {
            if (command.Words.Contains("clusters", StringComparer.Ordinal) && command.Option("--logging")?.Contains("API_SERVER", StringComparison.Ordinal) == true)
            {
                verdict.Wrong(GkeChecks.Component, command.Place, "--logging=API_SERVER keeps what kube-apiserver writes about itself; audit logs are not switched there", "switch on Data Access logs in the project's IAM policy: auditConfigs");
            }

            string? where = command.Option("--location");
            bool stores = command.Words[0] == "bq" ? command.Words.Contains("mk", StringComparer.Ordinal) : command.Is("logging", "buckets", "create") || command.Is("storage", "buckets", "create");
            if (where is null or ['$', ..] || !stores)
            {
                places += stores ? 1 : 0;
                continue;
            }

            if (where == "global" || !request.Residency.Allows("gcp", where))
            {
                verdict.Wrong(GkeChecks.Places, command.Place, $"{where} {(where == "global" ? "does not say where entries are stored" : $"is outside of {request.Residency}")}", "name an allowed region; a bucket's location cannot be changed later");
            }
            else
            {
                places++;
            }
        }

        if (places > 0)
        {
            verdict.Ok(GkeChecks.Places, new Place(text.File), "the places are allowed, or checked when it runs");
        }
    }

    /// <summary>Does a filter take Kubernetes audit entries? None takes everything.</summary>
    private static bool Takes(string filter) => filter.Length == 0
        || (filter.Contains("cloudaudit", StringComparison.Ordinal) && filter.Contains("k8s", StringComparison.Ordinal) && !filter.StartsWith("NOT ", StringComparison.Ordinal));

    private static string Plain(string filter) => string.Join(' ', filter.Split([' ', '\n', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The location in a bucket's name, <c>projects/P/locations/us-central1/buckets/B</c>.</summary>
    private static string? PlaceOf(string name)
    {
        string[] parts = name.Split('/');
        int at = Array.IndexOf(parts, "locations");
        return at >= 0 && at + 1 < parts.Length ? parts[at + 1] : null;
    }

    private IEnumerable<(Place Place, JsonElement Item)> Items(Func<JsonElement, bool> isOne) =>
        _evidence.Documents.SelectMany(document => document.Items.Select(item => (document.Place, item))).Where(pair => pair.item.ValueKind == JsonValueKind.Object && isOne(pair.item));
}
