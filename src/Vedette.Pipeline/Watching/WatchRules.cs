using System.Collections.Immutable;
using Vedette.Detection.Rules;

namespace Vedette.Pipeline.Watching;

/// <summary>The rules that findings about Vedette's own sources name. Nothing evaluates them: <see cref="SourceWatch"/> knows when they hold.</summary>
public static class WatchRules
{
    /// <summary>A source that normally speaks is silent.</summary>
    public static DetectionRule Silent { get; } = new()
    {
        Id = "0d2f7d0a-5f0e-4d5e-9a57-2c5a1f1f7a01",
        Name = "source_silent",
        Title = "Audit source is silent",
        Level = RuleLevel.High,
        Status = "stable",
        Description = "No event has come by this source for much longer than is usual for it. What happens in the cluster meanwhile is not seen.",
        FalsePositives = ["A cluster that was turned off.", "Maintenance of the control plane or of the network between."],
        NextSteps =
        [
            "Ask the cluster something (kubectl get ns) and see whether an event comes: if so, the cluster is only idle.",
            "Look at apiserver_audit_error_total of the API server, and at its log for 'audit'.",
            "Compare the API server's flags and its audit policy with what they should be (vedette verify): turning the log off is a way to hide.",
        ],
        Tags = Impair,
        Condition = new Condition.Constant(false),
    };

    /// <summary>A stage that a source used to send does not come any more, or requests begin and do not end.</summary>
    public static DetectionRule Stages { get; } = new()
    {
        Id = "0d2f7d0a-5f0e-4d5e-9a57-2c5a1f1f7a02",
        Name = "source_stages_missing",
        Title = "Audit stages are missing",
        Level = RuleLevel.High,
        Status = "stable",
        Description = "A stage of requests that this source used to send no longer comes, or requests begin whose end is never told. Rules that look at it see nothing.",
        FalsePositives = ["The audit policy was changed on purpose (omitStages)."],
        NextSteps =
        [
            "Compare the audit policy of every API server with what it should be (vedette policy diff).",
            "Look at apiserver_audit_error_total of the API server: events may be lost on the way.",
        ],
        Tags = Impair,
        Condition = new Condition.Constant(false),
    };

    /// <summary>The events of a source are older or newer than they can be.</summary>
    public static DetectionRule Time { get; } = new()
    {
        Id = "0d2f7d0a-5f0e-4d5e-9a57-2c5a1f1f7a03",
        Name = "source_time_off",
        Title = "Audit events come late or with a wrong clock",
        Level = RuleLevel.Medium,
        Status = "stable",
        Description = "For a quarter of an hour even the newest events of this source were minutes old when they came, or their time was ahead of ours: the way here is slow, or a clock is wrong. Findings come late.",
        FalsePositives = ["A sender that was away and sends what it kept."],
        NextSteps =
        [
            "Compare the clocks of the control plane nodes and of this machine (timedatectl, chronyc tracking).",
            "If they agree, look for what waits on the way: the shipper's queue, a full disk, a receiver that answers 503.",
        ],
        Tags = Impair,
        Condition = new Condition.Constant(false),
    };

    /// <summary>Old events among new ones.</summary>
    public static DetectionRule Order { get; } = new()
    {
        Id = "0d2f7d0a-5f0e-4d5e-9a57-2c5a1f1f7a04",
        Name = "source_order_odd",
        Title = "Old audit events among new ones",
        Level = RuleLevel.Low,
        Status = "stable",
        Description = "Many events of this source are much older than others that come at the same time: one of several API servers is behind or has a wrong clock, or somebody sends old events again.",
        FalsePositives = ["A log that is read again from its start beside the live one."],
        NextSteps =
        [
            "Find out which API server the old events are from, and look at its clock and at its audit backend.",
            "If none is behind, find out who can send events by this source: its credential may be stolen.",
        ],
        Tags = Impair,
        Condition = new Condition.Constant(false),
    };

    /// <summary>An API server says that it lost audit events.</summary>
    public static DetectionRule AuditErrors { get; } = new()
    {
        Id = "0d2f7d0a-5f0e-4d5e-9a57-2c5a1f1f7a05",
        Name = "apiserver_audit_errors",
        Title = "API server loses audit events",
        Level = RuleLevel.High,
        Status = "stable",
        Description = "The API server's own counter apiserver_audit_error_total has risen: it could not write or send audit events, and they are gone. The count is how many.",
        FalsePositives = ["A collector or disk that was away for longer than the API server waits (about 81 seconds)."],
        NextSteps =
        [
            "Plugin buffered: its queue was full; raise --audit-webhook-batch-buffer-size and throttle. Plugin webhook: the collector did not answer. Plugin log: the disk, or an event that cannot be encoded.",
            "A server-side apply whose body is YAML cannot be encoded at level Request and above, and takes its whole batch with it: log patch at level Metadata, or upgrade.",
            "Look at what the cluster's other logs say of that time: losing events is a way to hide.",
        ],
        Tags = Impair,
        Condition = new Condition.Constant(false),
    };

    /// <summary>All of them.</summary>
    public static ImmutableArray<DetectionRule> All => [Silent, Stages, Time, Order, AuditErrors];

    private static ImmutableArray<string> Impair => ["attack.stealth", "attack.defense-evasion", "attack.t1562"];
}
