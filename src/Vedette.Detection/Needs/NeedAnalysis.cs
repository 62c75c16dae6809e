using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Needs;

/// <summary>
/// What rules need of a log: the ways in which a rule can fire, each with the requests, the stages and the level without which it cannot. A rule's condition is taken apart into alternatives as the
/// linter's prover does it; what a rule excludes is kept beside them. Not for several threads.
/// </summary>
public sealed class NeedAnalysis
{
    /// <summary>Most alternatives of a rule; where there are more, the largest of its tests is left open until there are not.</summary>
    public const int MaxWays = 256;

    /// <summary>Most alternatives of one exclusion; one that has more is taken to exclude nothing.</summary>
    public const int MaxExclusions = 64;

    private readonly EventLogic _logic = new();

    /// <summary>The needs of rules and of the correlations over them, in their order.</summary>
    public ImmutableArray<RuleNeeds> Of(SigmaRuleSet set)
    {
        List<(DetectionRule Rule, RuleNeeds Needs)> known = [.. set.Rules.Select(rule => (rule, Of(rule, FieldsOf(set, rule))))];
        foreach (CorrelationRule correlation in set.Correlations)
        {
            bool isTemporal = correlation.Type is CorrelationType.Temporal or CorrelationType.TemporalOrdered && correlation.Extended is null;
            DetectionRule rule = correlation.Attributes;
            known.Add((rule, new RuleNeeds(
                rule.Id, rule.Title, (int)rule.Level, [], [.. known.Where(other => correlation.Rules.Any(name => IsCalled(other.Rule, name))).Select(other => other.Needs)], isTemporal)));
        }

        return [.. known.Select(rule => rule.Needs)];
    }

    /// <summary>The needs of a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="fields">Further fields that must be there for its matches to count.</param>
    public RuleNeeds Of(DetectionRule rule, params IEnumerable<string> fields)
    {
        List<Condition> wanted = [.. fields.Concat(rule.NewTerms?.Fields ?? []).Distinct(StringComparer.Ordinal).Select(field => new Condition.Exists(field))];
        List<Condition.All> excluded = [];
        foreach (Condition condition in rule.Filters.Select(filter => filter.Condition).Prepend(rule.Condition))
        {
            Spread(condition, isWanted: true, wanted, excluded);
        }

        IReadOnlyList<Facts> ways = WaysOf(wanted, out bool isExact);
        Condition.All selection = new([.. wanted]);
        ImmutableArray<Exclusion> exclusions = [.. excluded.SelectMany(exclusion => ExclusionsOf(exclusion, selection))];
        return new RuleNeeds(rule.Id, rule.Title, (int)rule.Level, [.. ways.SelectMany(facts => NeedOfFacts.Of(facts, _logic, exclusions, isExact))], [], NeedsAll: false);
    }

    /// <summary>Takes apart what must all hold; what is excluded as a combination stays together.</summary>
    private static void Spread(Condition condition, bool isWanted, List<Condition> wanted, List<Condition.All> excluded)
    {
        switch (condition)
        {
            case Condition.Not not:
                Spread(not.Of, !isWanted, wanted, excluded);
                break;
            case Condition.All { Of: [var only] }:
                Spread(only, isWanted, wanted, excluded);
                break;
            case Condition.All all when isWanted:
                foreach (Condition part in all.Of)
                {
                    Spread(part, isWanted, wanted, excluded);
                }

                break;
            case Condition.Any any when !isWanted:
                foreach (Condition part in any.Of)
                {
                    Spread(part, isWanted, wanted, excluded);
                }

                break;
            case Condition.All all:
                excluded.Add(all);
                break;
            default:
                wanted.Add(isWanted ? condition : new Condition.Not(condition));
                break;
        }
    }

    private IReadOnlyList<Facts> WaysOf(List<Condition> wanted, out bool isExact)
    {
        isExact = true;
        List<Condition> left = [.. wanted];
        while (true)
        {
            if (_logic.Ways(MaxWays, [.. left]) is { } ways)
            {
                return ways;
            }

            isExact = false;
            left.Remove(left.MaxBy(Size)!);
        }
    }

    /// <summary>The combinations that a rule excludes; what the rest of the rule asks for anyway is left out of them, so that what remains says more.</summary>
    private IEnumerable<Exclusion> ExclusionsOf(Condition.All excluded, Condition selection)
    {
        Condition[] parts = [.. excluded.Of.Where(part => !_logic.Implies(selection, part))];
        return (_logic.Ways(MaxExclusions, parts) ?? []).SelectMany(facts => NeedOfFacts.ExclusionsOf(facts, _logic));
    }

    /// <summary>Fields without which a match of the rule counts for nothing: those that a correlation over it counts or computes with.</summary>
    private static IEnumerable<string> FieldsOf(SigmaRuleSet set, DetectionRule rule) =>
        from correlation in set.Correlations
        where !correlation.Generate && correlation.Rules.Any(name => IsCalled(rule, name))
        from field in correlation.Threshold?.Fields ?? []
        select correlation.Aliases.TryGetValue(field, out ImmutableDictionary<string, string>? alias)
            ? alias.GetValueOrDefault(rule.Name ?? rule.Id) ?? alias.GetValueOrDefault(rule.Id) ?? field
            : field;

    private static bool IsCalled(DetectionRule rule, string name) => rule.Id == name || rule.Name == name;

    private static int Size(Condition condition) => condition switch
    {
        Condition.All all => all.Of.Sum(Size),
        Condition.Any any => any.Of.Sum(Size),
        Condition.Not not => Size(not.Of),
        _ => 1,
    };
}
