using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Aks;

/// <summary>What verification of AKS looks at.</summary>
internal static class AksChecks
{
    public static Check Readable { get; } = new("VC5001", "The evidence can be read");

    public static Check AuditOn { get; } = new("VC5002", "A diagnostic setting sends audit events somewhere");

    public static Check Reads { get; } = new("VC5003", "Reads are logged");

    public static Check Guard { get; } = new("VC5004", "Decisions of Entra ID and Azure RBAC are logged (guard)");

    public static Check Once { get; } = new("VC5005", "Every event is logged once");

    public static Check Table { get; } = new("VC5006", "Events go to tables of their own");

    public static Check Residency { get; } = new("VC5007", "Cluster, workspace and archive are in allowed regions");

    public static Check Retention { get; } = new("VC5008", "Events are kept long enough");

    public static Check Retired { get; } = new("VC5009", "Nobody relies on retention inside diagnostic settings");

    public static Check Alerted { get; } = new("VC5010", "A scheduled query that tells somebody raises each of the alerts");

    public static Check Defender { get; } = new("VC5011", "Defender for Containers is on");

    public static Check Commands { get; } = new("VC5012", "Commands exist and ask for what they mean");

    public static ImmutableArray<Check> All { get; } = [Readable, AuditOn, Reads, Guard, Once, Table, Residency, Retention, Retired, Alerted, Defender, Commands];
}
