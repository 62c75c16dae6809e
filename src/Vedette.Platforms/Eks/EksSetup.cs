using System.Globalization;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Eks;

/// <summary>Renders the files for EKS. Scripts, CloudFormation and Terraform do the same; one of them is applied.</summary>
internal sealed class EksSetup(SetupRequest request, SetupOutput output, string? region)
{
    private readonly int _days = CloudWatchRetention.AtLeast(request.RetentionDays, CloudWatchRetention.Days);
    private readonly bool _sends = request.Backend.HasFlag(Backend.Webhook);
    private readonly string[] _regions = [.. request.Residency.RegionsOf("aws")];

    /// <summary>Renders everything.</summary>
    public void Render()
    {
        output.ShellValue("CLUSTER", "name of the EKS cluster: aws eks list-clusters", request.Cluster == SetupRequest.UnnamedCluster ? null : request.Cluster);
        output.ShellValue("REGION", request.Residency.IsRestricted ? $"region of the cluster; allowed: {string.Join(", ", _regions)}" : "region of the cluster", region);
        output.ShellValue("ALERT_EMAIL", "who is told of alarms; AWS sends a mail to confirm");
        if (_sends)
        {
            output.ShellValue("VEDETTE_URL", "Firehose endpoint of Vedette: https://HOST/firehose/CLUSTER");
            output.ShellValue("VEDETTE_KEY", "access key that the endpoint expects: the token of the cluster");
        }

        Scripts();
        Templates();
        Steps();
        Notes();
    }

    private void Scripts()
    {
        output.Add(new RenderedFile("common.sh", Template.Fill("eks/common.sh", ("REGIONS", request.Residency.IsRestricted ? string.Join(" | ", _regions) : "?*"), ("RESIDENCY", $"{request.Residency}")), "what the scripts share"));
        Script("logging.sh", "key, log group, retention, audit and authenticator logs on", ("DAYS", $"{_days}"));
        Script("alerts.sh", "topic, metric filters and alarms", ("ALERTS", Alerts(alert =>
            $"alert {alert.Name} {alert.MetricName} {alert.Threshold} {SetupOutput.Quote(alert.Title)} \\\n    {SetupOutput.Quote(alert.CloudWatchLine)}\n")));
        Script(
            "forward.sh", $"archive and stream to {Destination}", ("DESTINATION", Destination), ("ARCHIVE_DAYS", $"{request.RetentionDays}"), ("ARCHIVE_EXPIRY", $"{request.RetentionDays + 1}"),
            ("STREAM", Template.Fill(_sends ? "eks/stream-http.sh" : "eks/stream-s3.sh")));
        Script("guardduty.sh", "GuardDuty with EKS audit logs and runtime monitoring");
        Script(
            "evidence.sh", "collects what AWS says, and verifies it", ("NEEDED_DAYS", $"{request.RetentionDays}"),
            ("RESIDENCY_OPTION", request.Residency.IsRestricted ? $"{request.Residency}".Replace(" ", "", StringComparison.Ordinal) : "any"));
        Script("undo.sh", "takes it back", ("ALERT_NAMES", string.Join(' ', CloudAlerts.All.Select(alert => alert.Name))));
        foreach ((string name, string purpose) in s_iam)
        {
            output.Add(new RenderedFile($"iam/{name}.json", Template.Fill($"eks/iam/{name}.json"), purpose));
        }

        output.Add(new RenderedFile("logs-insights.txt", Template.Fill("eks/logs-insights.txt"), "queries for CloudWatch Logs Insights"));
    }

    private static readonly (string Name, string Purpose)[] s_iam =
    [
        ("setup", "what who runs the scripts may do, and no more"),
        ("reader", "what a reader of the log and evidence.sh may do"),
        ("kms-key", "policy of the key"),
        ("firehose", "what Firehose may do"),
        ("firehose-trust", "who may take that role"),
        ("subscription", "what the subscription filter may do"),
        ("subscription-trust", "who may take that role"),
    ];

    private void Templates()
    {
        output.Add(new RenderedFile(
            "cloudformation.yaml",
            Template.Fill(
                "eks/cloudformation.yaml", ("VEDETTE_PARAMETERS", _sends ? Template.Fill("eks/cloudformation/parameters.yaml") : ""), ("RESIDENCY_RULE", Guard("eks/cloudformation/residency.yaml")),
                ("DAYS", $"{_days}"), ("ALERTS", Fragments("eks/cloudformation/alert.yaml", alert => alert.CloudWatchLine.Replace("'", "''", StringComparison.Ordinal))), ("ARCHIVE_DAYS", $"{request.RetentionDays}"),
                ("ARCHIVE_EXPIRY", $"{request.RetentionDays + 1}"), ("STREAM", Template.Fill(_sends ? "eks/cloudformation/stream-http.yaml" : "eks/cloudformation/stream-s3.yaml"))),
            "the same as logging.sh, alerts.sh, forward.sh and guardduty.sh, as one stack"));
        Terraform("versions.tf", "providers");
        Terraform(
            "variables.tf", "variables", ("VALIDATION", Guard("eks/terraform/validation.tf")), ("VEDETTE_VARIABLES", _sends ? Template.Fill("eks/terraform/vedette-variables.tf") : ""),
            ("DAYS", $"{_days}"), ("ARCHIVE_DAYS", $"{request.RetentionDays}"));
        Terraform("logging.tf", "key and log group");
        Terraform("alerts.tf", "topic, metric filters and alarms", ("ALERTS", Fragments("eks/terraform/alert.tf", alert => TerraformText.Escape(alert.CloudWatchLine))));
        Terraform("forward.tf", $"archive and stream to {Destination}", ("DESTINATION", Destination), ("STREAM", Template.Fill(_sends ? "eks/terraform/stream-http.tf" : "eks/terraform/stream-s3.tf")));
        Terraform("guardduty.tf", "GuardDuty");
        output.Add(new RenderedFile(
            "eksctl.yaml", Template.Fill("eks/eksctl.yaml", ("DAYS", $"{request.RetentionDays}"), ("EKSCTL_DAYS", $"{CloudWatchRetention.AtLeast(request.RetentionDays, CloudWatchRetention.EksctlDays)}")),
            "the logging part of an eksctl configuration"));
    }

    private void Steps()
    {
        const string Values = ". ./values.env\n";
        output.Apply(new Step(
            "Allow what the scripts do", "`iam/setup.json` is the least that the commands below need; fill it in and attach it to the role you run them with.",
            "(. ./common.sh && fill setup) >setup-policy.json"));
        output.Apply(new Step(
            "Switch on audit logs",
            "Choose one of the ways: the scripts (this step and the next ones), the stack `cloudformation.yaml`, or `terraform/`. The stack and Terraform make the same log group, alarms and archive, and say at their top what the cluster's own resource needs.",
            "./logging.sh", "nothing; the update takes some minutes, needs free addresses in the cluster's subnets (up to five each), and no other update may run"));
        output.Apply(new Step("Raise alarms", "A topic, and for each alert a metric filter and an alarm. Confirm the mail that AWS sends.", "./alerts.sh"));
        output.Apply(new Step($"Send events to {Destination}", _sends ? "`vedette serve`, which takes them, has to run first; see the notes." : "`vedette scan` reads the archive.", "./forward.sh"));
        output.Apply(new Step("GuardDuty", "Costs by volume; it reads the audit log by itself, whether or not CloudWatch gets it.", "./guardduty.sh"));
        output.Apply(new Step(
            "Instead: CloudFormation", "In place of the three scripts above.",
            Values + $"""
            aws cloudformation deploy --region "$REGION" --stack-name "vedette-$CLUSTER" --template-file cloudformation.yaml --capabilities CAPABILITY_IAM \
                --parameter-overrides "Cluster=$CLUSTER" "AlertEmail=$ALERT_EMAIL"{(_sends ? " \"VedetteUrl=$VEDETTE_URL\" \"VedetteKey=$VEDETTE_KEY\"" : "")}
            """));
        output.Apply(new Step(
            "Instead: Terraform", "In place of the scripts too.",
            Values + $"""
            export TF_VAR_cluster="$CLUSTER" TF_VAR_region="$REGION" TF_VAR_alert_email="$ALERT_EMAIL"{(_sends ? " TF_VAR_vedette_url=\"$VEDETTE_URL\" TF_VAR_vedette_key=\"$VEDETTE_KEY\"" : "")}
            terraform -chdir=terraform init
            terraform -chdir=terraform apply
            """));
        output.Check(new Step("Have it verified", "Reads only. The answers of AWS stay in `evidence/`.", "./evidence.sh"));
        output.Check(new Step(
            "See an alert", "Read a secret of kube-system; the alarm follows within ten minutes. Then look at the log with Vedette's rules.",
            Values + """
            kubectl -n kube-system get secrets >/dev/null
            aws logs filter-log-events --region "$REGION" --log-group-name "/aws/eks/$CLUSTER/cluster" --log-stream-name-prefix kube-apiserver-audit- \
                --start-time "$(date -d '1 hour ago' +%s)000" --output json | vedette scan -
            """));
        output.Check(new Step(
            "Read the archive", "Some minutes after the first events.",
            Values + """
            account=$(aws sts get-caller-identity --region "$REGION" --query Account --output text)
            aws s3 sync --region "$REGION" "s3://vedette-$CLUSTER-audit-$account-$REGION/audit/" audit/
            vedette scan audit
            """));
        output.Undo(new Step("Take it back", "The logs, their key and the archive stay. With CloudFormation `aws cloudformation delete-stack --region REGION`, with Terraform `terraform destroy` instead.", "./undo.sh"));
    }

    private void Notes()
    {
        output.Note("The audit policy is AWS's: it cannot be chosen or read, Kubernetes events are not in it, secrets and config maps are recorded without bodies.");
        output.Note("AWS delivers audit logs as best effort, within minutes; an event larger than 1 MB is cut and ends in [Truncated...]. Completeness cannot be claimed.");
        output.Note($"CloudWatch keeps {_days} days: of the values it takes, the shortest that holds {request.RetentionDays}. Logs stay in the cluster's region and account. Deletion may lag up to 72 hours.");
        output.Note("A metric counts events, and a long-running request (exec, watch) is two of them.");
        output.Note("Patterns for CloudWatch cannot look into lists, so `user.groups[0]` stands for the groups; where they can differ from Vedette's rules is in docs/setup-clouds.md.");
        if (request.Cluster.Any(character => !char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character != '-'))
        {
            output.Note($"The name of a bucket has small letters, digits and hyphens only: give the archive of {request.Cluster} another name in forward.sh, iam/, cloudformation.yaml and terraform/forward.tf.");
        }

        if (_sends)
        {
            output.Note("The Firehose endpoint is `vedette serve` (docs/sources.md), where AWS reaches it over TLS. Without one leave forward.sh out, or render with `--backend log`: the archive in S3 is read by `vedette scan`.");
        }
    }

    /// <summary>What refuses other regions; nothing where any is allowed.</summary>
    private string Guard(string template) => request.Residency.IsRestricted
        ? Template.Fill(template, ("REGION_LIST", string.Join(", ", _regions.Select(name => $"\"{name}\""))), ("RESIDENCY", $"{request.Residency}")) : "";

    private string Destination => _sends ? "Vedette, with a copy in S3" : "S3";

    private static string Alerts(Func<CloudAlert, string> render) => string.Concat(CloudAlerts.All.Select(render));

    private static string Fragments(string template, Func<CloudAlert, string> pattern) => Alerts(alert => Template.Fill(
        template, ("NAME", alert.Name), ("METRIC", alert.MetricName), ("TITLE", alert.Title), ("THRESHOLD", alert.Threshold.ToString(CultureInfo.InvariantCulture)), ("PATTERN", pattern(alert))));

    private void Script(string name, string purpose, params ReadOnlySpan<(string, string)> values) => output.Add(new RenderedFile(name, Template.Fill($"eks/{name}", values), purpose, RenderedFile.Executable));

    private void Terraform(string name, string purpose, params ReadOnlySpan<(string, string)> values) =>
        output.Add(new RenderedFile($"terraform/{name}", Template.Fill($"eks/terraform/{name}", values), $"Terraform: {purpose}"));
}
