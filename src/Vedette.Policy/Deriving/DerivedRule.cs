using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Model;

namespace Vedette.Policy.Deriving;

/// <summary>A policy rule made for detections.</summary>
/// <param name="Why">What a reader should know.</param>
/// <param name="Level">The level.</param>
/// <param name="Verbs">Verbs; empty: any.</param>
/// <param name="Targets">API group (or <c>*</c>) to resources and subresources; empty: everything.</param>
/// <param name="IsForPaths">Only requests for no resource?</param>
/// <param name="KeepsReceived">Is stage RequestReceived written?</param>
/// <param name="KeepsManagedFields">Are managed fields of bodies written?</param>
public sealed record DerivedRule(
    string Why, AuditLevel Level, ImmutableArray<string> Verbs, ImmutableSortedDictionary<string, ImmutableArray<string>> Targets, bool IsForPaths, bool KeepsReceived, bool KeepsManagedFields)
{
    /// <summary>True when it is there because the user asked for it, and not for any detection.</summary>
    public bool IsAskedFor { get; init; }

    /// <summary>Why the policy cannot do without the rule.</summary>
    public DerivedProof Without { get; init; } = DerivedProof.None;

    /// <summary>Why the level cannot be the next lower one.</summary>
    public DerivedProof Lowered { get; init; } = DerivedProof.None;

    /// <summary>The detections that it is there for, the worst first.</summary>
    public ImmutableArray<RuleNeeds> For => [.. Without.Lost.Union(Lowered.Lost).OrderByDescending(rule => rule.Severity).ThenBy(rule => rule.Title, StringComparer.Ordinal)];
}

/// <summary>What a policy with one rule less, or with one level lower, would do: that the rule is needed as it is.</summary>
/// <param name="Lost">Detections that would lose something.</param>
/// <param name="Request">A request that shows it, as verb and resource.</param>
/// <param name="Guard">What would be written that must not be, or lost that must be kept, where no detection loses anything; else null.</param>
public sealed record DerivedProof(ImmutableArray<RuleNeeds> Lost, string? Request, string? Guard)
{
    /// <summary>Nothing would happen.</summary>
    public static DerivedProof None { get; } = new([], null, null);

    /// <summary>Is it no proof?</summary>
    public bool IsNone => Lost.IsEmpty && Guard is null;
}

/// <summary>What a detection loses because something is never recorded.</summary>
/// <param name="Rule">The detection.</param>
/// <param name="Requests">The requests, as verb and resource.</param>
/// <param name="Needed">The level that it needs of them.</param>
/// <param name="Kept">The level that they get.</param>
/// <param name="Why">Why they do not get it.</param>
public sealed record DerivedLoss(RuleNeeds Rule, ImmutableArray<string> Requests, AuditLevel Needed, AuditLevel Kept, string Why);

/// <summary>Something that is recorded less to keep within a budget.</summary>
/// <param name="Request">The requests, as verb and resource.</param>
/// <param name="From">Their level before.</param>
/// <param name="To">Their level after.</param>
/// <param name="Bytes">What it saves of the log.</param>
/// <param name="Lost">The detections that lose something by it, the worst first.</param>
public sealed record DerivedCut(string Request, AuditLevel From, AuditLevel To, long Bytes, ImmutableArray<RuleNeeds> Lost);
