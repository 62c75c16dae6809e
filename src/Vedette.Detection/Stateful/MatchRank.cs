using Vedette.Detection.Findings;

namespace Vedette.Detection.Stateful;

/// <summary>The order of matches whose time is the same, as it was clamped: that of the times they claim, then one that does not depend on the order in which they came, as far as they differ at all.</summary>
/// <param name="Time">Event time, as claimed.</param>
/// <param name="Evidence">Who did what to what.</param>
/// <param name="Number">Place among those that came.</param>
internal readonly record struct MatchRank(DateTimeOffset? Time, Evidence Evidence, long Number) : IComparable<MatchRank>
{
    /// <inheritdoc />
    public int CompareTo(MatchRank other) =>
        Nullable.Compare(Time, other.Time) is var claimed && claimed != 0 ? claimed
            : Evidence.Content.SequenceCompareTo(other.Evidence.Content) is var content && content != 0 ? content
            : Number.CompareTo(other.Number);
}
