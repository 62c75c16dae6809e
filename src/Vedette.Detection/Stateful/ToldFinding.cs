using Vedette.Detection.Findings;

namespace Vedette.Detection.Stateful;

/// <summary>A finding as the stateful detector tells it.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="Occasion">Why it is told.</param>
public readonly record struct ToldFinding(Finding Finding, ToldOccasion Occasion);

/// <summary>Why a finding is told.</summary>
public enum ToldOccasion
{
    /// <summary>An event completed it.</summary>
    Event,

    /// <summary>A window closed.</summary>
    Close,

    /// <summary>More of the same raised its count; the id is that of a finding told before.</summary>
    Update,
}
