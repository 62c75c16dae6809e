using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Model;

namespace Vedette.Policy.Managed;

/// <summary>
/// The logs of providers whose audit policy cannot be chosen. Facts are the providers' documents of the dates named; what those do not say is said not to be known.
/// </summary>
public static class ManagedLogs
{
    private static readonly ImmutableArray<string> s_aksFacts =
    [
        "Microsoft, Monitor AKS (2026-08-21): the audit policy in full, and the categories kube-audit and kube-audit-admin.",
        "Microsoft, Azure Monitor resource logs (2026-08-21): delivery is not transactional, small losses may occur.",
    ];

    private static readonly ImmutableArray<string> s_aksUnknown =
    [
        "Whether kube-audit-admin leaves out watches: get and list alone are named. Counted as carried.",
        "Objects too large for a column come as a text in their place; the limit is not published. Counted as carried.",
        "The policy may differ between versions of AKS; there is no history of it.",
    ];

    private static readonly ImmutableArray<string> s_gkeFacts =
    [
        "Google, GKE audit logging and audit policy (as of 2026-08): Admin Activity is always on; get, list, watch and updates of status are Data Access, off until enabled; bodies of Secrets and ConfigMaps are not logged.",
        "Entries of real clusters: names of methods, resources, callers and authorization; no groups, no impersonation, no query of the URI (so no command of an exec), one event a request.",
        "Google, Logging quotas (as of 2026-08): an entry has at most 512 KiB.",
    ];

    private static readonly ImmutableArray<string> s_gkeUnknown =
    [
        "The rules of GKE's policy: Google describes them and does not publish them. The policy of cluster/gce in Kubernetes stands in for them.",
        "Whether requests for paths of no resource, requests that fail to authenticate (401), and requests whose handler panics are carried. Not judged.",
        "Which log an exec over WebSocket (verb get) goes to. Counted as Data Access, as other gets are.",
        "Whether dry runs, and objects that webhooks changed, can be told from others. Counted as carried.",
    ];

    // What src/Vedette.Audit/Shapes/GoogleEvent.cs cannot give back, and what follows from it. An actor is the user alone then.
    private static readonly ImmutableArray<string> s_gkeLost =
    [
        "user.groups", "user.uid", "user.extra", "impersonatedUser", "authenticationMetadata", "stageTimestamp", "responseStatus.details", "objectRef.uid", "objectRef.resourceVersion", "vedette.actor.groups", "vedette.exec.command",
    ];

    /// <summary>The logs; of each platform the one first that is looked at when none is named.</summary>
    public static ImmutableArray<ManagedLog> All { get; } =
    [
        new()
        {
            Title = "Amazon EKS",
            Platform = "eks",
            Name = "audit",
            Preset = "eks-like",
            BasedOn =
            [
                "AWS, EKS best practices, detective controls (2026-05-04): the audit policy.",
                "AWS, EKS user guide, control plane logs (as of 2026-08): delivery is best effort, within minutes.",
                "AWS, CloudWatch Logs (as of 2026-08): an event has at most 1 MB; what is longer is cut.",
            ],
            NotKnown = ["The policy may differ between versions of EKS; the document names none.", "What of a cut event can be read depends on where it is cut. Counted as carried."],
        },
        new()
        {
            Title = "Google GKE",
            Platform = "gke",
            Name = "activity",
            Preset = "gce",
            LeftOut =
                """
                - level: None
                  verbs: [get, list, watch]
                - level: None
                  verbs: [update, patch]
                  resources:
                  - group: "*"
                    resources: ["*/status"]
                """,
            LostStages = [AuditStage.RequestReceived],
            LostFields = s_gkeLost,
            KnownEndings = RequestEnding.Answered,
            IsKnownOfPaths = false,
            BasedOn = s_gkeFacts,
            NotKnown = s_gkeUnknown,
        },
        new()
        {
            Title = "Google GKE",
            Platform = "gke",
            Name = "data_access",
            Preset = "gce",
            LostStages = [AuditStage.RequestReceived],
            LostFields = s_gkeLost,
            KnownEndings = RequestEnding.Answered,
            IsKnownOfPaths = false,
            BasedOn = s_gkeFacts,
            NotKnown = s_gkeUnknown,
        },
        new() { Title = "Azure AKS", Platform = "aks", Name = "kube-audit", Preset = "aks-like", BasedOn = s_aksFacts, NotKnown = s_aksUnknown },
        new()
        {
            Title = "Azure AKS",
            Platform = "aks",
            Name = "kube-audit-admin",
            Preset = "aks-like",
            LeftOut =
                """
                - level: None
                  verbs: [get, list]
                """,
            BasedOn = s_aksFacts,
            NotKnown = s_aksUnknown,
        },
    ];

    /// <summary>The platforms.</summary>
    public static IEnumerable<string> Platforms => All.Select(log => log.Platform).Distinct(StringComparer.Ordinal);

    /// <summary>The logs of a platform.</summary>
    public static IEnumerable<ManagedLog> Of(string platform) => All.Where(log => log.Platform == platform);
}
