using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vedette.Platforms.Aks;
using Vedette.Platforms.Eks;
using Vedette.Platforms.Gke;
using Vedette.Platforms.Residency;

namespace Vedette.Platforms.Retention;

/// <summary>What keeps how long under a framework.</summary>
internal sealed record RetentionPlan(RetentionFramework Framework, int Days, ResidencyRule Residency, ImmutableArray<RetentionPiece> Pieces, ImmutableArray<string> Cannot)
{
    /// <summary>Makes the plan for a platform; null is a cluster of one's own.</summary>
    public static RetentionPlan Make(RetentionFramework framework, int days, string? platform, ResidencyRule residency)
    {
        ImmutableArray<RetentionPiece> pieces = platform switch
        {
            "eks" =>
            [
                new("CloudWatch Logs", $"{CloudWatchRetention.AtLeast(days, CloudWatchRetention.Days)} days (of the values it takes)", true, "region and account of the cluster"),
                new("S3 archive (forward.sh)", $"Object Lock {days} days, deleted after {days + 1}", true, "the cluster's region; no replication"),
                new("GuardDuty findings", "90 days, fixed", days <= 90, "the detector's region"),
            ],
            "gke" =>
            [
                new("log bucket (bucket.sh)", $"{Math.Min(days, GkeSetup.MaxDays)} days", days <= GkeSetup.MaxDays, "chosen when it is made, for ever"),
                new("Cloud Storage archive (sinks.sh storage)", $"retention policy {days} days, deleted after {days + 1}", true, "chosen when it is made, for ever"),
                new("_Required (Admin Activity)", "400 days, fixed", days <= 400, "where it was made: global in most projects"),
                new("_Default", "audit entries are excluded", true, "where it was made: global in most projects"),
            ],
            "aks" =>
            [
                new("Log Analytics table", $"{AzureRetention.Interactive(days)} days searchable, {AzureRetention.Total(days)} in all", AzureRetention.Total(days) >= days, "the workspace's region"),
                new("storage account", $"immutable {days} days, deleted after {days}", true, "the cluster's region; LRS or ZRS"),
            ],
            _ =>
            [
                new("kube-apiserver's files", "maxage is only an upper bound; maxbackup x maxsize deletes earlier", false, "the node"),
                new("a store off the node (settings/)", $"{days} days", true, "where you run it"),
            ],
        };
        List<string> cannot =
        [
            platform is null
                ? "kube-apiserver's rotation alone cannot hold this: files go when there are too many of them, and with the node. A store off the node has to."
                : "The audit policy of a managed cluster cannot be chosen: what the provider leaves out is not kept anywhere, however long.",
            "Prometheus, Falco's own log and `kubectl get events` keep hours to days: nothing of them counts.",
        ];
        if (residency.IsRestricted)
        {
            cannot.Add($"Residency ({residency}) is more than one region's name: multi-region buckets, replication rules, GRS pairs and subscriptions to other accounts have to be asked for each.");
        }

        if (framework.HotDays is { } hot && platform is null)
        {
            cannot.Add($"The latest {hot} days must be searchable at once: in a store such as Elasticsearch, OpenSearch, Splunk or Loki; an archive alone is not enough.");
        }

        return new RetentionPlan(framework, days, residency, pieces, [.. cannot]);
    }

    /// <summary>The plan as Markdown.</summary>
    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# {Framework.Title}: {Days} days\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Framework.Source}; as of {Framework.AsOf:yyyy-MM-dd}. {Framework.Note}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Kept {Days} days{(Framework.HotDays is { } hot ? $", the latest {hot} searchable at once" : "")}. Data in {Residency}.\n\n");
        text.Append("| piece | setting | meets it | where |\n|---|---|---|---|\n");
        foreach (RetentionPiece piece in Pieces)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {piece.Name} | {piece.Setting} | {(piece.Meets ? "yes" : "no")} | {piece.Where} |\n");
        }

        text.Append("\n## What cannot\n\n");
        foreach (string cannot in Cannot)
        {
            text.Append("- ").Append(cannot).Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>One store of a plan.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Setting">How it is set.</param>
/// <param name="Meets">Does it hold as long as asked?</param>
/// <param name="Where">Where its data are.</param>
internal sealed record RetentionPiece(string Name, string Setting, bool Meets, string Where);
