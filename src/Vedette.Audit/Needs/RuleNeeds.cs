using System.Collections.Immutable;

namespace Vedette.Audit.Needs;

/// <summary>What a detection rule, or a correlation of such rules, needs of a log.</summary>
/// <param name="Id">Identity of the rule.</param>
/// <param name="Title">What a person reads first.</param>
/// <param name="Severity">How bad it is when it fires: greater is worse.</param>
/// <param name="Ways">The ways in which it can fire; one of them is enough.</param>
/// <param name="Rules">For a correlation the needs of the rules it is over, <paramref name="Ways"/> being empty.</param>
/// <param name="NeedsAll">Must every one of <paramref name="Rules"/> fire (temporal correlations), or is one enough?</param>
public sealed record RuleNeeds(string Id, string Title, int Severity, ImmutableArray<EventNeed> Ways, ImmutableArray<RuleNeeds> Rules, bool NeedsAll)
{
    /// <summary>All ways of it and of the rules it is over.</summary>
    public IEnumerable<EventNeed> AllWays => Ways.Concat(Rules.SelectMany(rule => rule.AllWays));
}
