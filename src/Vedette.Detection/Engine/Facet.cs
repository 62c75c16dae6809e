using Vedette.Audit.Events;

namespace Vedette.Detection.Engine;

/// <summary>
/// Fields of an event whose values come together and come again: a cluster has few operations, users, programs. What rules ask of these fields alone is worked out once for each combination of
/// values and then remembered (<see cref="FacetMemory"/>).
/// </summary>
/// <param name="Inputs">The fields, as far as rules ask for them.</param>
/// <param name="Predicates">The predicates that they answer.</param>
/// <param name="ExistencePredicates">The predicates of which they tell whether their field can be there at all.</param>
/// <param name="Rules">The rules that ask these; about all others it says nothing.</param>
/// <param name="Asking">The same rules as a set.</param>
/// <param name="Filters">The filters that ask its predicates.</param>
internal sealed record Facet(AuditField[] Inputs, int[] Predicates, int[] ExistencePredicates, int[] Rules, ulong[] Asking, int[] Filters)
{
    /// <summary>Do many of its values come once? Then one is worth learning when it comes again.</summary>
    public bool OftenComesOnce => Inputs is [AuditField.ObjectName] or [AuditField.RequestUri];

    /// <summary>How many answers it gives.</summary>
    public int AnswerCount => Predicates.Length + ExistencePredicates.Length;

    /// <summary>
    /// The groups of fields, the one that tells most first. Not here are fields that are different in nearly every event (times, IDs), and all objects that a client writes.
    /// </summary>
    public static readonly AuditField[][] Groups =
    [
        // What was done, how it ended, and of which moment this tells.
        [
            AuditField.Verb, AuditField.ObjectResource, AuditField.ObjectSubresource, AuditField.ObjectApiGroup, AuditField.ObjectApiVersion, AuditField.ResponseCode, AuditField.Decision,
            AuditField.Level, AuditField.Stage,
        ],
        // Who did it.
        [
            AuditField.UserName, AuditField.UserUid, AuditField.UserGroups,
            AuditField.ImpersonatedUserName, AuditField.ImpersonatedUserUid, AuditField.ImpersonatedUserGroups,
        ],
        // Annotations are nearly always the authorizer's decision and reason.
        [AuditField.Annotations, AuditField.DecisionReason],
        [AuditField.UserAgent],
        [AuditField.ObjectNamespace],
        [AuditField.SourceIps],
        [AuditField.ResponseStatusText, AuditField.ResponseReason],
        [AuditField.UserExtra],
        // A client's own words: most come again (of leases, nodes, probes), many never.
        [AuditField.ObjectName],
        [AuditField.RequestUri],
    ];
}
