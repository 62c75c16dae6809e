using System.Collections.Immutable;

namespace Vedette.Platforms.Shippers;

/// <summary>A program that reads the audit log on the node and sends it on.</summary>
/// <param name="Name">What people type; folder of its templates.</param>
/// <param name="ConfigFile">Name of its configuration.</param>
/// <param name="Ending">Ending of its templates.</param>
/// <param name="Service">Its systemd unit.</param>
/// <param name="User">User its package runs it as; null for root, who may read the log.</param>
/// <param name="MaxLine">How it writes the longest line it is to take: 3 MiB, twice the largest request (etcd's 1.5 MiB).</param>
/// <param name="Targets">Where it can send to; empty for everywhere.</param>
internal sealed record Shipper(string Name, string ConfigFile, string Ending, string Service, string? User, string MaxLine, ImmutableArray<string> Targets)
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<Shipper> All { get; } =
    [
        new("vector", "vector.yaml", ".yaml", "vector", "vector", "3145728", []),
        new("fluent-bit", "fluent-bit.conf", ".conf", "fluent-bit", null, "3M", []),
        new("fluentd", "fluentd.conf", ".conf", "fluentd", "_fluentd", "3m", []),
        new("filebeat", "filebeat.yml", ".yml", "filebeat", null, "3145728", ["vedette", "elasticsearch"]),
        new("rsyslog", "60-kubernetes-audit.conf", ".conf", "rsyslog", null, "3m", ["vedette", "elasticsearch"]),
    ];

    /// <summary>Can it send there?</summary>
    public bool Sends(string target) => Targets.IsEmpty || Targets.Contains(target, StringComparer.Ordinal);
}
