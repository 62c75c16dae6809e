using System.Globalization;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Gke;

/// <summary>Renders the files for GKE. Scripts and Terraform do the same; one of them is applied.</summary>
internal sealed class GkeSetup(SetupRequest request, SetupOutput output, string? location)
{
    /// <summary>Longest retention of a log bucket, in days (Cloud Logging quotas).</summary>
    public const int MaxDays = 3650;

    private readonly int _days = Math.Min(request.RetentionDays, MaxDays);
    private readonly string[] _locations = [.. request.Residency.RegionsOf("gcp")];

    /// <summary>Renders everything.</summary>
    public void Render()
    {
        if (request.RetentionDays > MaxDays)
        {
            output.Note($"A log bucket keeps at most {MaxDays} days.");
        }

        output.ShellValue("PROJECT", "id of the project of the clusters: gcloud projects list");
        output.ShellValue("LOCATION", request.Residency.IsRestricted ? $"where log bucket and archive are; allowed: {string.Join(", ", _locations)}" : "where log bucket and archive are: a region, or us or eu; never global", location);
        output.ShellValue("PUBSUB_REGIONS", "regions that messages may be stored in, with commas; for sinks.sh pubsub and scc.sh", location is not null && location.Contains('-', StringComparison.Ordinal) ? location : null);
        output.ShellValue("ALERT_EMAIL", "who is told of alerts");
        output.ShellValue("ORGANIZATION", "number of the organisation, for scc.sh only: gcloud organizations list");
        Scripts();
        Terraform();
        Steps();
        Notes();
    }

    private void Scripts()
    {
        output.Add(new RenderedFile(
            "common.sh", Template.Fill("gke/common.sh", ("LOCATIONS", request.Residency.IsRestricted ? string.Join(" | ", _locations) : "?*"), ("RESIDENCY", $"{request.Residency}")), "what the scripts share"));
        Script("data-access.sh", "Data Access audit logs on");
        Script("bucket.sh", "log bucket and sink", ("DAYS", $"{_days}"));
        Script("alerts.sh", "log-based metrics and alert policies", ("ALERTS", Each(alert =>
            $"alert {alert.Name} {SetupOutput.Quote(alert.Title)} \\\n    {SetupOutput.Quote(alert.CloudLoggingLine)}\n")));
        foreach (CloudAlert alert in CloudAlerts.All)
        {
            output.Add(new RenderedFile(
                $"alerts/{alert.Name}.json",
                Template.Fill("gke/alert.json", ("NAME", alert.Name), ("TITLE", alert.Title), ("THRESHOLD", $"{alert.Threshold}"), ("ABOVE", $"{alert.Threshold - 1}")),
                "alert policy"));
        }

        Script("sinks.sh", "archive in Cloud Storage, BigQuery, Pub/Sub", ("DAYS", $"{_days}"), ("DAYS_SECONDS", (_days * 86400L).ToString(CultureInfo.InvariantCulture)));
        output.Add(new RenderedFile("archive-lifecycle.json", Template.Fill("gke/archive-lifecycle.json", ("EXPIRY", $"{_days + 1}")), "when the archive is deleted"));
        Script("scc.sh", "findings of Security Command Center");
        Script(
            "evidence.sh", "collects what Google says, and verifies it", ("NEEDED_DAYS", $"{request.RetentionDays}"),
            ("RESIDENCY_OPTION", request.Residency.IsRestricted ? $"{request.Residency}".Replace(" ", "", StringComparison.Ordinal) : "any"));
        Script("undo.sh", "takes it back", ("ALERT_NAMES", string.Join(' ', CloudAlerts.All.Select(alert => alert.Name))));
        output.Add(new RenderedFile("iam/setup.yaml", Template.Fill("gke/iam/setup.yaml"), "role of who runs the scripts, and no more"));
        output.Add(new RenderedFile("iam/reader.yaml", Template.Fill("gke/iam/reader.yaml"), "role of who reads the log, and of evidence.sh"));
    }

    private void Terraform()
    {
        string guard = request.Residency.IsRestricted
            ? Template.Fill("gke/terraform/validation.tf", ("LOCATION_LIST", string.Join(", ", _locations.Select(name => $"\"{name}\""))), ("RESIDENCY", $"{request.Residency}")) : "";
        Terraform("versions.tf", "providers");
        Terraform("variables.tf", "variables", ("VALIDATION", guard), ("DAYS", $"{_days}"));
        Terraform("logging.tf", "Data Access logs, log bucket, sinks, archive");
        Terraform("sinks.tf", "BigQuery, Pub/Sub, Security Command Center; off until asked for");
        Terraform("alerts.tf", "log-based metrics and alert policies", ("ALERTS", Each(alert => Template.Fill(
            "gke/terraform/alert.tf", ("NAME", alert.Name), ("THRESHOLD", $"{alert.Threshold}"), ("TITLE", alert.Title), ("FILTER", TerraformText.Escape(alert.CloudLoggingLine))))));
    }

    private void Steps()
    {
        const string Values = ". ./values.env\n";
        output.Apply(new Step("Allow what the scripts do", "`iam/setup.yaml` is the least that the scripts need.", Values + "gcloud iam roles create vedetteSetup --project \"$PROJECT\" --file iam/setup.yaml"));
        output.Apply(new Step(
            "Switch on Data Access logs", "They are off by default, and billed by volume. Admin Activity (writes, exec by create) is always on. The whole IAM policy is read and written back with its etag; the old one stays beside it.",
            "./data-access.sh"));
        output.Apply(new Step("Keep them in a place", "A bucket of Cloud Logging, not of Cloud Storage: its location is fixed for ever.", "./bucket.sh"));
        output.Apply(new Step("Raise alerts", "", "./alerts.sh"));
        output.Apply(new Step("Keep an archive", "`storage` gives objects that `vedette scan` reads; `bigquery` and `pubsub` are for who needs them.", "./sinks.sh storage"));
        output.Apply(new Step("Security Command Center", "Needs the organisation, and rights there.", "./scc.sh"));
        output.Apply(new Step(
            "Instead: Terraform", "In place of data-access.sh, bucket.sh, alerts.sh and sinks.sh storage.",
            Values + """
            export TF_VAR_project="$PROJECT" TF_VAR_location="$LOCATION" TF_VAR_alert_email="$ALERT_EMAIL"
            terraform -chdir=terraform init
            terraform -chdir=terraform apply
            """));
        output.Check(new Step("Have it verified", "Reads only. The answers of Google stay in `evidence/`.", "./evidence.sh"));
        output.Check(new Step(
            "See that reads are logged", "Read a secret of kube-system, wait a minute, then look at the log with Vedette's rules.",
            Values + """
            kubectl -n kube-system get secrets >/dev/null
            gcloud logging read 'logName:"cloudaudit.googleapis.com" AND protoPayload.serviceName="k8s.io"' --project "$PROJECT" --freshness 1h --format json | vedette scan -
            """));
        output.Undo(new Step("Take it back", "The log bucket, the archive and what is in them stay. With Terraform `terraform destroy` instead.", "./undo.sh"));
    }

    private void Notes()
    {
        output.Note("The audit policy is Google's. Entries have no groups, no impersonation, no user extra and no query of the URI; rules that need them cannot fire.");
        output.Note("Entries larger than 512 KiB are cut, and bodies of secrets and config maps are never in them.");
        output.Note("Admin Activity entries are also kept 400 days in the bucket `_Required`, whose location cannot be changed: `global` in most projects, which says nothing about where they are stored. Only a project made after "
            + "`gcloud logging settings update --organization O --storage-location L` has it elsewhere.");
        output.Note("bucket.sh excludes these entries from `_Default`, which is in `global` too in most projects and keeps 30 days.");
        output.Note("`--logging=…,API_SERVER` of `gcloud container clusters update` is about the component's own log lines, not about audit logs.");
        if (request.Backend != Backend.Log)
        {
            output.Note("This version has no endpoint that Pub/Sub can push to. `sinks.sh pubsub` makes a subscription to pull from, and `vedette scan` reads what `gcloud logging read --format json` gives.");
        }
    }

    private static string Each(Func<CloudAlert, string> render) => string.Concat(CloudAlerts.All.Select(render));

    private void Script(string name, string purpose, params ReadOnlySpan<(string, string)> values) => output.Add(new RenderedFile(name, Template.Fill($"gke/{name}", values), purpose, RenderedFile.Executable));

    private void Terraform(string name, string purpose, params ReadOnlySpan<(string, string)> values) =>
        output.Add(new RenderedFile($"terraform/{name}", Template.Fill($"gke/terraform/{name}", values), $"Terraform: {purpose}"));
}
