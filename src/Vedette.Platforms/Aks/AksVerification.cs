using System.Text.Json;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Aks;

/// <summary>Verifies AKS from what the Azure command line says, and scripts by reading them. Queries are compared, not evaluated.</summary>
internal sealed class AksVerification(VerifyRequest request, Verdict verdict)
{
    private readonly Evidence _evidence = Evidence.Read(request, verdict, AksChecks.Readable);

    /// <summary>Objects of all answers; a list's elements, whether or not it is wrapped in <c>value</c>.</summary>
    private IEnumerable<(Place Place, JsonElement Item)> Items => _evidence.Documents
        .SelectMany(document => (document.Root.ValueKind == JsonValueKind.Array ? document.Items : document.Root.At("value") is { ValueKind: JsonValueKind.Array } ? document.Root.List("value") : [document.Root])
            .Select(item => (document.Place, item)));

    /// <summary>Does all checks. Scripts alone, as <c>--setup</c> names them, are no evidence of a cluster: then only they are looked at.</summary>
    public void Run()
    {
        foreach (EvidenceText text in _evidence.Texts)
        {
            Script(text);
        }

        bool isAzure = Items.Any(pair => pair.Item.Text("id")?.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase) == true) || _evidence.Documents.Any(document => document.Root.ValueKind == JsonValueKind.Array);
        if (verdict.Results.Count > 0 && !isAzure)
        {
            return;
        }

        Settings();
        Regions();
        Retention();
        Alerts();
        Defender();
    }

    private void Settings()
    {
        (Place Place, JsonElement Item)[] settings = [.. Items.Where(pair => pair.Item.At("logs") is { ValueKind: JsonValueKind.Array })];
        Place where = settings.Length > 0 ? settings[0].Place : Place.None;
        if (settings.Length == 0 && !Items.Any(pair => IsOf(pair.Item, "/managedClusters/")) && !_evidence.Documents.Any(document => document.Root.ValueKind == JsonValueKind.Array && !document.Items.Any()))
        {
            verdict.CannotTell(AksChecks.AuditOn, Place.None, "there is no answer about diagnostic settings", "az monitor diagnostic-settings list --resource $(az aks show -g RG -n CLUSTER --query id -o tsv)");
            return;
        }

        HashSet<string> categories = new(StringComparer.OrdinalIgnoreCase);
        foreach ((Place place, JsonElement setting) in settings)
        {
            foreach (JsonElement log in setting.List("logs"))
            {
                if (log.IsTrue("enabled"))
                {
                    categories.Add(log.Text("category") ?? "group " + log.Text("categoryGroup"));
                }

                if (log.IsTrue("retentionPolicy.enabled"))
                {
                    verdict.Wrong(AksChecks.Retired, place, $"{setting.Text("name")} has a retentionPolicy, which is retired and keeps nothing", "set it to 0 and false; keep by the workspace's retention and by a lifecycle policy of the storage account");
                }
            }

            if (setting.Text("workspaceId") is not null)
            {
                Table(place, setting);
            }
        }

        bool all = categories.Overlaps(["kube-audit", "group audit", "group allLogs"]);
        bool admin = categories.Contains("kube-audit-admin");
        const string Mend = "az monitor diagnostic-settings create --name vedette --resource CLUSTER_ID --logs '[{\"category\":\"kube-audit\",\"enabled\":true},{\"category\":\"guard\",\"enabled\":true}]' --workspace WORKSPACE_ID --export-to-resource-specific true";
        verdict.Say(AksChecks.AuditOn, all || admin, where, all ? "kube-audit is sent" : admin ? "kube-audit-admin is sent" : "no setting sends audit events", Mend);
        if (all || admin)
        {
            verdict.Say(AksChecks.Reads, all, where, all ? "get and list are logged" : "kube-audit-admin has no get and list: no read of a secret, no exec by WebSocket clients, no anonymous read shows", Mend);
            verdict.Say(AksChecks.Once, !(all && admin), where, all && admin ? "kube-audit and kube-audit-admin are both on: what changes something is there twice" : "one category has the audit events", "switch kube-audit-admin off; kube-audit has all of it");
        }

        bool guard = categories.Overlaps(["guard", "group audit", "group allLogs"]);
        verdict.Say(AksChecks.Guard, guard, where, guard ? "guard is sent" : "guard is off", Mend);
    }

    private void Table(Place place, JsonElement setting)
    {
        bool dedicated = setting.Text("logAnalyticsDestinationType") == "Dedicated";
        verdict.Say(
            AksChecks.Table, dedicated, place, dedicated ? $"{setting.Text("name")} writes AKSAudit and its like" : $"{setting.Text("name")} writes AzureDiagnostics, where the event is one text in log_s",
            "az monitor diagnostic-settings create … --export-to-resource-specific true");
    }

    private void Regions()
    {
        if (!request.Residency.IsRestricted)
        {
            return;
        }

        foreach ((Place place, JsonElement item) in Items)
        {
            string? what = IsOf(item, "/managedClusters/") ? "cluster" : IsOf(item, "/workspaces/") && !IsOf(item, "/tables/") ? "workspace" : IsOf(item, "/storageAccounts/") ? "archive" : null;
            foreach (string member in (ReadOnlySpan<string>)["location", "secondaryLocation"])
            {
                if (what is not null && item.Text(member) is { } found && !IsOf(item, "/diagnosticSettings/"))
                {
                    string region = found.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
                    string name = $"{what} {item.Text("name")}{(member == "location" ? "" : ", by replication,")}";
                    bool allowed = request.Residency.Allows("azure", region);
                    verdict.Say(
                        AksChecks.Residency, allowed, place, allowed ? $"{name} is in {region}" : $"{name} is in {region}, and data may be in {request.Residency} only",
                        member == "location" ? "make it anew in an allowed region; it cannot be moved" : "az storage account update --sku Standard_LRS");
                }
            }
        }
    }

    private void Retention()
    {
        int needed = request.RetentionDays ?? 1;
        (Place Place, JsonElement Item)[] tables = [.. Items.Where(pair => pair.Item.Number("totalRetentionInDays") is not null)];
        (Place Place, JsonElement Item)[] workspaces = [.. Items.Where(pair => IsOf(pair.Item, "/workspaces/") && pair.Item.At("customerId") is not null)];
        (Place place, JsonElement kept) = tables.Concat(workspaces).FirstOrDefault();
        if (kept.ValueKind == JsonValueKind.Undefined)
        {
            verdict.CannotTell(AksChecks.Retention, Place.None, "there is no answer about the workspace or its table", "az monitor log-analytics workspace table show -g RG --workspace-name NAME --name AKSAudit");
            return;
        }

        int days = kept.Number("totalRetentionInDays") ?? kept.Number("retentionInDays") ?? 0;
        verdict.Say(
            AksChecks.Retention, days >= needed, place, $"{kept.Text("name")} keeps {days} days{(days >= needed ? "" : $", less than {needed}")}",
            $"az monitor log-analytics workspace table update -g RG --workspace-name NAME --name AKSAudit --retention-time {AzureRetention.Interactive(needed)} --total-retention-time {AzureRetention.Total(needed)}");
    }

    private void Alerts()
    {
        (Place Place, JsonElement Item)[] rules = [.. Items.Where(pair => IsOf(pair.Item, "/scheduledQueryRules/"))];
        foreach (CloudAlert alert in CloudAlerts.All)
        {
            string title = alert.Title.ToLowerInvariant();
            (Place Place, JsonElement Item)[] asking =
                [.. rules.Where(rule => rule.Item.List("criteria.allOf").Any(criterion => Plain(criterion.Text("query") ?? "").Contains(Plain(alert.Kusto), StringComparison.Ordinal)))];
            if (asking.Length == 0)
            {
                verdict.CannotTell(
                    AksChecks.Alerted, rules.Length > 0 ? rules[0].Place : Place.None, $"no scheduled query has Vedette's condition for: {title}", $"az monitor scheduled-query create … with: AKSAudit | where {Plain(alert.Kusto)}");
                continue;
            }

            (Place place, JsonElement found) = asking[0];
            bool tells = found.At("enabled") is not { ValueKind: JsonValueKind.False } && found.List("actions.actionGroups").Any();
            verdict.Say(AksChecks.Alerted, tells, place, tells ? $"{found.Text("name")} tells: {title}" : $"{found.Text("name")} tells nobody: it is off or has no action group", "az monitor scheduled-query update … --action-groups ID --disabled false");
        }
    }

    private void Defender()
    {
        (Place place, JsonElement plan) = Items.FirstOrDefault(pair => pair.Item.Text("pricingTier") is not null && pair.Item.Text("name") == "Containers");
        if (plan.ValueKind == JsonValueKind.Undefined)
        {
            verdict.CannotTell(AksChecks.Defender, Place.None, "there is no answer about the plan", "az security pricing show --name Containers");
            return;
        }

        bool on = plan.Text("pricingTier") == "Standard";
        verdict.Say(AksChecks.Defender, on, place, $"the plan is {plan.Text("pricingTier")}", "az security pricing create --name Containers --tier Standard");
    }

    private void Script(EvidenceText text)
    {
        int right = 0;
        foreach (ShellCommand command in ShellCommands.Of("az", text))
        {
            string? logs = command.Is("monitor", "diagnostic-settings", "create") ? command.Option("--logs") : null;
            if (command.Is("aks", "diagnostic-settings"))
            {
                verdict.Wrong(AksChecks.Commands, command.Place, "there is no command 'az aks diagnostic-settings'", "az monitor diagnostic-settings create --resource CLUSTER_ID …");
            }
            else if (logs is not null && !logs.Contains('$', StringComparison.Ordinal) && !logs.Contains("kube-audit\"", StringComparison.Ordinal) && logs.Contains("kube-audit-admin", StringComparison.Ordinal))
            {
                verdict.Wrong(AksChecks.Reads, command.Place, "kube-audit-admin has no get and list: no read of a secret shows", "name the category kube-audit, or accept it in writing");
            }
            else if (logs is not null && command.Option("--workspace") is not null && command.Option("--export-to-resource-specific") is null)
            {
                verdict.Wrong(AksChecks.Table, command.Place, "without it events go to AzureDiagnostics, as one text in log_s", "add --export-to-resource-specific true");
            }
            else if (command.Option("--sku") is { } sku && sku.Contains("GRS", StringComparison.OrdinalIgnoreCase) && request.Residency.IsRestricted)
            {
                verdict.Wrong(AksChecks.Residency, command.Place, $"{sku} copies to the paired region", "--sku Standard_LRS or Standard_ZRS, or make sure of the pair");
            }
            else if (command.Option("--location") is { } location && location is not ['$', ..] && !request.Residency.Allows("azure", location))
            {
                verdict.Wrong(AksChecks.Residency, command.Place, $"{location} is outside of {request.Residency}", "name an allowed region");
            }
            else
            {
                right++;
            }
        }

        if (right > 0)
        {
            verdict.Ok(AksChecks.Commands, new Place(text.File), $"{right} az commands");
        }
    }

    private static bool IsOf(JsonElement item, string kind) => item.ValueKind == JsonValueKind.Object && item.Text("id")?.Contains(kind, StringComparison.OrdinalIgnoreCase) == true;

    private static string Plain(string query) => string.Join(' ', query.Split([' ', '\n', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries));
}
