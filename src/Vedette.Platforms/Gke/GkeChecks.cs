using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Gke;

/// <summary>What verification of GKE looks at.</summary>
internal static class GkeChecks
{
    public static Check Readable { get; } = new("VC4001", "The evidence can be read");

    public static Check DataAccess { get; } = new("VC4002", "Data Access audit logs of Kubernetes are on");

    public static Check Exempted { get; } = new("VC4003", "Nobody is exempted from Data Access logs");

    public static Check Routed { get; } = new("VC4004", "A sink routes Kubernetes audit entries to a log bucket of your own");

    public static Check Location { get; } = new("VC4005", "Buckets that hold audit entries are in an allowed place");

    public static Check Retention { get; } = new("VC4006", "Audit entries are kept long enough");

    public static Check Required { get; } = new("VC4007", "The bucket _Required is in an allowed place");

    public static Check Default { get; } = new("VC4008", "The bucket _Default keeps no copy elsewhere");

    public static Check Counted { get; } = new("VC4009", "A log-based metric counts each of the alerts");

    public static Check Alerted { get; } = new("VC4010", "An alert policy that tells somebody watches each metric");

    public static Check Component { get; } = new("VC4011", "Component logs are not taken for audit logs");

    public static Check Places { get; } = new("VC4012", "Commands store data in an allowed place");

    public static ImmutableArray<Check> All { get; } = [Readable, DataAccess, Exempted, Routed, Location, Retention, Required, Default, Counted, Alerted, Component, Places];
}
