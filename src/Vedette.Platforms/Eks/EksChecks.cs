using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Eks;

/// <summary>What verification of EKS looks at.</summary>
internal static class EksChecks
{
    public static Check Readable { get; } = new("VC3001", "The evidence can be read");

    public static Check AuditOn { get; } = new("VC3002", "The control plane logs audit events");

    public static Check AuthenticatorOn { get; } = new("VC3003", "The control plane logs who became which Kubernetes user (authenticator)");

    public static Check Residency { get; } = new("VC3004", "Cluster and logs are in an allowed region");

    public static Check Retention { get; } = new("VC3005", "The log group keeps events long enough");

    public static Check Key { get; } = new("VC3006", "The log group is encrypted with a key of your own");

    public static Check Class { get; } = new("VC3007", "The log group is of a class that metric filters work on");

    public static Check Grammar { get; } = new("VC3008", "Filter patterns are in the grammar of CloudWatch Logs and look at JSON");

    public static Check Counted { get; } = new("VC3009", "A metric filter counts each of the alerts");

    public static Check Alarmed { get; } = new("VC3010", "An alarm that tells somebody watches each metric");

    public static Check Forwarded { get; } = new("VC3011", "A subscription filter sends audit events on");

    public static Check GuardDutyAudit { get; } = new("VC3012", "GuardDuty reads EKS audit logs");

    public static Check GuardDutyRuntime { get; } = new("VC3013", "GuardDuty watches the nodes at run time");

    public static Check Regions { get; } = new("VC3014", "Every aws command names its region");

    public static Check RetentionValue { get; } = new("VC3015", "Retention is one of the values that CloudWatch takes");

    public static Check Possible { get; } = new("VC3016", "Filters look for what an audit event can have");

    public static ImmutableArray<Check> All { get; } =
        [Readable, AuditOn, AuthenticatorOn, Residency, Retention, Key, Class, Grammar, Counted, Alarmed, Forwarded, GuardDutyAudit, GuardDutyRuntime, Regions, RetentionValue, Possible];
}
