using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Sight;

/// <summary>Can a detection rule fire under a policy?</summary>
public enum CanFire
{
    /// <summary>No request that Kubernetes serves could make it fire, whatever the policy.</summary>
    Unknown,

    /// <summary>Nothing that it needs is recorded.</summary>
    Never,

    /// <summary>Some of what it needs is recorded.</summary>
    Sometimes,

    /// <summary>All that it needs is recorded.</summary>
    Always,
}

/// <summary>What a policy lacks.</summary>
public enum Lack
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The request is not recorded at all.</summary>
    Request,

    /// <summary>The stage that shows it is left out.</summary>
    Stage,

    /// <summary>The level is too low.</summary>
    Level,

    /// <summary>The level shows it for some requests and not for others: patches of which only the response tells what they changed.</summary>
    SomeLevel,

    /// <summary>metadata.managedFields are cut out.</summary>
    ManagedFields,

    /// <summary>The log does not carry a field, whatever the policy.</summary>
    Field,
}

/// <summary>A request that a rule would fire on and that a policy does not record well enough.</summary>
/// <param name="Request">The request; the policy's answer to it is confirmed by evaluating it.</param>
/// <param name="Answer">The policy's answer.</param>
/// <param name="Lack">What is lacking.</param>
/// <param name="Need">What is needed.</param>
/// <param name="Ending">How the request ends.</param>
/// <param name="Level">The level needed.</param>
public sealed record MissedCase(RequestAttributes Request, PolicyAnswer Answer, Lack Lack, EventNeed Need, RequestEnding Ending, NeededLevel Level)
{
    /// <summary>The field that the log does not carry; null when that is not what is lacking.</summary>
    public string? Field { get; init; }
}

/// <summary>What a policy leaves of a rule.</summary>
/// <param name="Rule">The rule's needs.</param>
/// <param name="CanFire">Can it fire?</param>
/// <param name="Missed">Where it cannot; null where it always can.</param>
/// <param name="Blurred">Where it cannot tell what it should leave out, and so may fire too often; null when nowhere.</param>
public sealed record RuleSight(RuleNeeds Rule, CanFire CanFire, MissedCase? Missed, MissedCase? Blurred)
{
    /// <summary>The sights of the rules that a correlation is over.</summary>
    public ImmutableArray<RuleSight> Rules { get; init; } = [];
}
