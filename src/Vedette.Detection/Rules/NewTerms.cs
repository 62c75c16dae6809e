using System.Collections.Immutable;

namespace Vedette.Detection.Rules;

/// <summary>
/// Makes a rule fire on first-seen behaviour only: when the condition holds and the values of <see cref="Fields"/> together were not seen within <see cref="Window"/> before.
/// Written as <c>vedette: {new_terms: …}</c> in a Sigma rule; docs/sigma.md.
/// </summary>
public sealed record NewTerms
{
    /// <summary>Most fields.</summary>
    public const int MaxFields = 8;

    /// <summary>How long a term is remembered where the rule does not say.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromDays(30);

    /// <summary>Fields whose values together are the term. An event that lacks one of them has no term.</summary>
    public required ImmutableArray<string> Fields { get; init; }

    /// <summary>How long a term is remembered after it was last seen, in event time.</summary>
    public TimeSpan Window { get; init; } = DefaultWindow;

    /// <summary>Nothing is told for so long after the first event of the log, in event time: everything is new at first. Events given to learn from count.</summary>
    public TimeSpan Learning { get; init; } = TimeSpan.Zero;

    /// <summary>Fields that name the actor's peers (such as groups); the finding says how many of them were seen doing it.</summary>
    public ImmutableArray<string> Peers { get; init; } = [];
}

/// <summary>More of the same within <see cref="For"/> raises the count of the first finding instead of making another.</summary>
public sealed record Suppression
{
    /// <summary>Fields whose equal values make findings the same.</summary>
    public required ImmutableArray<string> By { get; init; }

    /// <summary>Event time after the first finding during which others are folded into it.</summary>
    public required TimeSpan For { get; init; }
}
