using Vedette.Platforms.Alerts;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Aks;

/// <summary>Renders the files for AKS. Scripts, Bicep and Terraform do the same; one of them is applied.</summary>
internal sealed class AksSetup(SetupRequest request, SetupOutput output, string? location)
{
    private readonly string _category = request.Options["category"] ?? AksPlatform.All;
    private readonly string[] _locations = [.. request.Residency.RegionsOf("azure")];

    private bool SeesReads => _category == AksPlatform.All;

    private string Table => SeesReads ? "AKSAudit" : "AKSAuditAdmin";

    /// <summary>The alerts that can be raised on what is logged.</summary>
    private IEnumerable<CloudAlert> Alerts => CloudAlerts.All.Where(alert => SeesReads || !alert.NeedsReads);

    /// <summary>Renders everything.</summary>
    public void Render()
    {
        output.ShellValue("SUBSCRIPTION", "id of the subscription: az account list");
        output.ShellValue("RESOURCE_GROUP", "resource group of the cluster");
        output.ShellValue("CLUSTER", "name of the AKS cluster: az aks list", request.Cluster == SetupRequest.UnnamedCluster ? null : request.Cluster);
        output.ShellValue("LOCATION", request.Residency.IsRestricted ? $"region of the workspace; allowed: {string.Join(", ", _locations)}" : "region of the workspace", location);
        output.ShellValue("STORAGE_ACCOUNT", "name of the archive, unique in all of Azure: 3 to 24 small letters and digits");
        output.ShellValue("ALERT_EMAIL", "who is told of alerts");
        Scripts();
        Templates();
        Steps();
        Notes();
    }

    private void Scripts()
    {
        output.Add(new RenderedFile(
            "common.sh", Template.Fill("aks/common.sh", ("LOCATIONS", request.Residency.IsRestricted ? string.Join(" | ", _locations) : "?*"), ("RESIDENCY", $"{request.Residency}")), "what the scripts share"));
        Script("logging.sh", "workspace, archive, diagnostic setting", [("CATEGORY", _category), ("TABLE", Table), .. Days]);
        output.Add(new RenderedFile("lifecycle.json", Template.Fill("aks/lifecycle.json", ("CATEGORY", _category), ("DAYS", $"{request.RetentionDays}")), "when the archive is deleted"));
        Script("immutable.sh", "an archive that nobody can change", ("CATEGORY", _category), ("DAYS", $"{request.RetentionDays}"));
        Script("alerts.sh", "action group and scheduled queries", ("ALERTS", Each(alert => $"alert {alert.Name} {alert.Threshold} {SetupOutput.Quote(alert.Title)}\n")));
        foreach (CloudAlert alert in Alerts)
        {
            output.Add(new RenderedFile($"kql/{alert.Name}.kql", Template.Fill("aks/alert.kql", ("TABLE", Table), ("QUERY", alert.Kusto.ReplaceLineEndings("\n    "))), "query of an alert"));
        }

        Script("defender.sh", "Defender for Containers");
        Script(
            "evidence.sh", "collects what Azure says, and verifies it", ("TABLE", Table), ("NEEDED_DAYS", $"{request.RetentionDays}"),
            ("RESIDENCY_OPTION", request.Residency.IsRestricted ? $"{request.Residency}".Replace(" ", "", StringComparison.Ordinal) : "any"));
        Script("undo.sh", "takes it back", ("ALERT_NAMES", string.Join(' ', Alerts.Select(alert => alert.Name))));
        output.Add(new RenderedFile("iam/setup.json", Template.Fill("aks/iam/setup.json"), "role of who runs the scripts, and no more"));
        output.Add(new RenderedFile("iam/reader.json", Template.Fill("aks/iam/reader.json"), "role of who reads the log, and of evidence.sh"));
    }

    private void Templates()
    {
        string allowed = request.Residency.IsRestricted ? $"@allowed([\n{string.Concat(_locations.Select(name => $"  '{name}'\n"))}])" : "";
        output.Add(new RenderedFile(
            "main.bicep",
            Template.Fill("aks/main.bicep", [("ALLOWED", allowed), ("ALERTS", Fragments("aks/alert.bicep")), ("CATEGORY", _category), ("TABLE", Table), .. Days]),
            "the same as logging.sh and alerts.sh, in Bicep"));
        Terraform("versions.tf", "providers");
        Terraform("variables.tf", "variables", ("VALIDATION", Guard("aks/terraform/validation.tf")), ("DAYS", $"{request.RetentionDays}"));
        Terraform("logging.tf", "workspace, archive, diagnostic setting, Defender", [("PRECONDITION", Guard("aks/terraform/precondition.tf")), ("CATEGORY", _category), ("TABLE", Table), .. Days]);
        Terraform("alerts.tf", "action group and scheduled queries", ("ALERTS", Fragments("aks/terraform/alert.tf")));
    }

    private (string, string)[] Days =>
    [
        ("WORKSPACE_DAYS", $"{AzureRetention.Workspace(request.RetentionDays)}"),
        ("HOT_DAYS", $"{AzureRetention.Interactive(request.RetentionDays)}"),
        ("TOTAL_DAYS", $"{AzureRetention.Total(request.RetentionDays)}"),
    ];

    private void Steps()
    {
        const string Values = ". ./values.env\n";
        output.Apply(new Step(
            "Allow what the scripts do", "`iam/setup.json` is the least that they need; put your subscription into it.",
            Values + "sed \"s/SUBSCRIPTION/$SUBSCRIPTION/\" iam/setup.json >setup-role.json\naz role definition create --subscription \"$SUBSCRIPTION\" --role-definition @setup-role.json"));
        output.Apply(new Step("Switch on audit logs", $"Category `{_category}` and `guard`, the decisions of Entra ID and Azure RBAC. Nothing restarts.", "./logging.sh"));
        output.Apply(new Step("Raise alerts", "", "./alerts.sh"));
        output.Apply(new Step("Make the archive unchangeable", "When the first events have come.", "./immutable.sh"));
        output.Apply(new Step("Defender for Containers", "", "./defender.sh", "nothing; a DaemonSet is added to the cluster"));
        output.Apply(new Step(
            "Instead: Bicep", "In place of logging.sh and alerts.sh.",
            Values + """
            az deployment group create --subscription "$SUBSCRIPTION" --resource-group "$RESOURCE_GROUP" --template-file main.bicep \
                --parameters "cluster=$CLUSTER" "location=$LOCATION" "storageAccount=$STORAGE_ACCOUNT" "alertEmail=$ALERT_EMAIL"
            """));
        output.Apply(new Step(
            "Instead: Terraform", "In place of logging.sh, alerts.sh and the plan of Defender.",
            Values + """
            export TF_VAR_subscription="$SUBSCRIPTION" TF_VAR_resource_group="$RESOURCE_GROUP" TF_VAR_cluster="$CLUSTER"
            export TF_VAR_location="$LOCATION" TF_VAR_storage_account="$STORAGE_ACCOUNT" TF_VAR_alert_email="$ALERT_EMAIL"
            terraform -chdir=terraform init
            terraform -chdir=terraform apply
            """));
        output.Check(new Step("Have it verified", "Reads only. The answers of Azure stay in `evidence/`.", "./evidence.sh"));
        output.Check(new Step(
            "See events", "Some minutes after the first request; blobs are one an hour.",
            Values + $"""
            az storage blob download-batch --subscription "$SUBSCRIPTION" --account-name "$STORAGE_ACCOUNT" --source insights-logs-{_category} --destination audit --auth-mode login
            vedette scan audit
            """));
        output.Undo(new Step("Take it back", "Workspace and archive stay. With Terraform `terraform destroy` instead.", "./undo.sh"));
    }

    private void Notes()
    {
        output.Note("The audit policy is Microsoft's: what `aksService` reads is never logged, service accounts, secrets and config maps are recorded without bodies, and a body that is too big is the text skipped-too-big-size-object.");
        output.Note(SeesReads
            ? "`kube-audit` is every event. `kube-audit-admin` beside it would only double the others."
            : "`kube-audit-admin` has no get and list: it shows no read of a secret, no exec by WebSocket clients (a get), no anonymous read. These alerts are left out: "
                + string.Join(", ", CloudAlerts.All.Where(alert => alert.NeedsReads).Select(alert => alert.Name)) + ".");
        output.Note("`guard` has decisions of Entra ID and Azure RBAC only, no requests of local accounts and service accounts.");
        output.Note("Delivery is not transactional, and small losses may occur: completeness cannot be claimed.");
        output.Note($"The workspace keeps {AzureRetention.Interactive(request.RetentionDays)} days searchable and {AzureRetention.Total(request.RetentionDays)} in all; the archive deletes after {request.RetentionDays}. "
            + "The old retentionPolicy inside diagnostic settings is retired and does nothing.");
        output.Note("Storage account and event hubs must be in the cluster's region; the workspace may be anywhere, so its location is what to look at. GRS storage copies to the paired region.");
        if (request.Backend != Backend.Log)
        {
            output.Note("This version has no receiver for Event Hubs. `vedette scan` reads the blobs of the archive.");
        }
    }

    /// <summary>What refuses other regions; nothing where any is allowed.</summary>
    private string Guard(string template) => request.Residency.IsRestricted
        ? Template.Fill(template, ("LOCATION_LIST", string.Join(", ", _locations.Select(name => $"\"{name}\""))), ("RESIDENCY", $"{request.Residency}")) : "";

    private string Each(Func<CloudAlert, string> render) => string.Concat(Alerts.Select(render));

    private string Fragments(string template) => Each(alert => Template.Fill(template, ("NAME", alert.Name), ("THRESHOLD", $"{alert.Threshold}"), ("TITLE", alert.Title)));

    private void Script(string name, string purpose, params ReadOnlySpan<(string, string)> values) => output.Add(new RenderedFile(name, Template.Fill($"aks/{name}", values), purpose, RenderedFile.Executable));

    private void Terraform(string name, string purpose, params ReadOnlySpan<(string, string)> values) =>
        output.Add(new RenderedFile($"terraform/{name}", Template.Fill($"aks/terraform/{name}", values), $"Terraform: {purpose}"));
}
