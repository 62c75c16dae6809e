using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;

namespace Vedette.Pipeline.Scanning;

/// <summary>What a scan saw.</summary>
public sealed record ScanStatistics
{
    /// <summary>Inputs read.</summary>
    public required ImmutableArray<InputStatistics> Inputs { get; init; }

    /// <summary>Inputs that were only learned from.</summary>
    public ImmutableArray<InputStatistics> Learned { get; init; } = [];

    /// <summary>Audit events.</summary>
    public long Events => Inputs.Sum(input => input.Events);

    /// <summary>Bytes of input, decompressed.</summary>
    public long Bytes => Inputs.Sum(input => input.Bytes);

    /// <summary>Time of the earliest event, to the second; null when none has one that reads.</summary>
    public DateTimeOffset? FirstEvent => Inputs.Min(input => input.FirstEvent);

    /// <summary>Time of the latest event, to the second.</summary>
    public DateTimeOffset? LastEvent => Inputs.Max(input => input.LastEvent);

    /// <summary>Per reason, how many pieces of input gave no event.</summary>
    public required ImmutableSortedDictionary<string, long> Rejects { get; init; }

    /// <summary>Per rule, in the order of the rules.</summary>
    public required ImmutableArray<RuleStatistics> Rules { get; init; }

    /// <summary>Matches beyond the bound on findings.</summary>
    public long DroppedFindings { get; init; }

    /// <summary>What stateful rules could not do as they should.</summary>
    public StateStatistics State { get; init; } = new();

    /// <summary>How often a regular expression of a rule ran out of time.</summary>
    public long RegexTimeouts { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}

/// <summary>What one input held.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Events">Audit events.</param>
/// <param name="Bytes">Bytes, decompressed.</param>
/// <param name="Rejects">Pieces that gave no event, by reason.</param>
/// <param name="Problem">Why it could not be read, or not to its end; null when it could.</param>
/// <param name="CouldNotOpen">True when nothing of it could be read for lack of permission or trouble of the file system.</param>
public sealed record InputStatistics(string Name, long Events, long Bytes, ImmutableSortedDictionary<string, long> Rejects, string? Problem, bool CouldNotOpen)
{
    /// <summary>Time of the earliest event, to the second; null when none has one that reads.</summary>
    public DateTimeOffset? FirstEvent { get; init; }

    /// <summary>Time of the latest event, to the second.</summary>
    public DateTimeOffset? LastEvent { get; init; }
}

/// <summary>How often a rule matched, and how often it was blind.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Matched">Events that matched.</param>
/// <param name="Blind">Events whose level hides what the rule looks at.</param>
public sealed record RuleStatistics(DetectionRule Rule, long Matched, long Blind)
{
    /// <summary>Filters that kept the rule from matching, and on how many events each did.</summary>
    public ImmutableArray<FilterStatistics> Suppressed { get; init; } = [];
}

/// <summary>On how many events a filter kept a rule from matching.</summary>
public sealed record FilterStatistics(RuleFilter Filter, long Events);
