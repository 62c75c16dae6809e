namespace Vedette.Detection.Engine;

/// <summary>How often rules matched and were blind, per rule, on some events. Used again for others, so that counting costs no allocation.</summary>
public sealed class RuleCounts
{
    /// <summary>Counts of nothing.</summary>
    internal RuleCounts(CompiledRules rules)
    {
        Matched = new long[rules.Rules.Length];
        Blind = new long[rules.Rules.Length];
        Suppressed = [.. rules.Filters.Select(filters => new long[filters.Length])];
    }

    /// <summary>Events matched.</summary>
    internal long[] Matched { get; }

    /// <summary>Events on which the rule was blind.</summary>
    internal long[] Blind { get; }

    /// <summary>Per filter of each rule, events it kept the rule from matching.</summary>
    internal long[][] Suppressed { get; }

    /// <summary>Tests by regular expression that ran out of time, of all rules.</summary>
    internal long RegexTimeouts { get; set; }

    /// <summary>Adds counts of the same rules.</summary>
    internal void Add(RuleCounts more)
    {
        for (int rule = 0; rule < Matched.Length; rule++)
        {
            Matched[rule] += more.Matched[rule];
            Blind[rule] += more.Blind[rule];
            for (int filter = 0; filter < Suppressed[rule].Length; filter++)
            {
                Suppressed[rule][filter] += more.Suppressed[rule][filter];
            }
        }

        RegexTimeouts += more.RegexTimeouts;
    }

    /// <summary>Begins anew.</summary>
    internal void Clear()
    {
        Array.Clear(Matched);
        Array.Clear(Blind);
        Array.ForEach(Suppressed, Array.Clear);
        RegexTimeouts = 0;
    }
}
