using System.Collections.Immutable;

namespace Vedette.Platforms.Alerts;

/// <summary>An alert that every cloud can raise by itself from audit logs, in the language of each. What it says is what rules of the pack say.</summary>
public sealed record CloudAlert
{
    /// <summary>Short name, of small letters and hyphens; resources are named for it.</summary>
    public required string Name { get; init; }

    /// <summary>What happened, for people.</summary>
    public required string Title { get; init; }

    /// <summary>Names of the rules of the pack that it stands for; it is raised where one of them matches.</summary>
    public required ImmutableArray<string> Rules { get; init; }

    /// <summary>Filter pattern of CloudWatch Logs (EKS).</summary>
    public required string CloudWatch { get; init; }

    /// <summary>Filter of Cloud Logging (GKE), beside <see cref="CloudAlerts.GkeScope"/>.</summary>
    public required string CloudLogging { get; init; }

    /// <summary>Conditions of a KQL query over the table AKSAudit (AKS).</summary>
    public required string Kusto { get; init; }

    /// <summary>How many events within five minutes raise it.</summary>
    public required int Threshold { get; init; }

    /// <summary>True when it needs reads to be logged: Data Access logs on GKE, category kube-audit (not kube-audit-admin) on AKS.</summary>
    public bool NeedsReads { get; init; }

    /// <summary>An event that must raise it, as kube-apiserver writes it.</summary>
    public required string Probe { get; init; }

    /// <summary><see cref="CloudWatch"/> on one line.</summary>
    public string CloudWatchLine => OneLine(CloudWatch);

    /// <summary><see cref="CloudLogging"/> behind <see cref="CloudAlerts.GkeScope"/>, on one line.</summary>
    public string CloudLoggingLine => $"{CloudAlerts.GkeScope} AND {OneLine(CloudLogging)}";

    /// <summary><see cref="Name"/> as metrics are called: <c>PodExec</c>.</summary>
    public string MetricName => string.Concat(Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private static string OneLine(string text) => string.Join(' ', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
