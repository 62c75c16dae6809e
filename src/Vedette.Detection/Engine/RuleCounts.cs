namespace Vedette.Detection.Engine;

/// <summary>How often rules matched and were blind, per rule, on some events.</summary>
/// <param name="Matched">Events matched.</param>
/// <param name="Blind">Events on which the rule was blind.</param>
/// <param name="Suppressed">Per filter of each rule, events it kept the rule from matching.</param>
/// <param name="RegexTimeouts">Tests by regular expression that ran out of time, of all rules.</param>
public sealed record RuleCounts(long[] Matched, long[] Blind, long[][] Suppressed, long RegexTimeouts);
