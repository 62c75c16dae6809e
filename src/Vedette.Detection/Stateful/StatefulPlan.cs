using System.Collections.Immutable;
using Vedette.Detection.Correlations;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Stateful;

/// <summary>
/// What rules feed: which correlation takes which rule's matches, which fields a match must carry along, and which rules tell findings of their own. Rules and correlations are
/// numbered together here, correlations after the rules.
/// </summary>
public sealed class StatefulPlan
{
    private readonly ImmutableArray<PlannedRule> _planned;
    private readonly ImmutableArray<CompiledCorrelation> _correlations;

    private StatefulPlan(ImmutableArray<PlannedRule> planned, ImmutableArray<CompiledCorrelation> correlations, ImmutableArray<ImmutableArray<(string Name, int Path)>> fields)
    {
        _planned = planned;
        _correlations = correlations;
        All = [.. planned.Select(rule => rule.Rule)];
        Fields = fields;
        TermPaths = [.. fields.Select((all, rule) => planned[rule].Rule.NewTerms is { } terms
            ? all.Where(field => terms.Fields.Contains(field.Name, StringComparer.Ordinal) || terms.Peers.Contains(field.Name, StringComparer.Ordinal)).Select(field => field.Path).ToImmutableArray() : [])];
        FieldNames = [.. fields.Select(all => all.Select(field => field.Name).ToImmutableArray())];
        Alone = [.. fields.Select((_, rule) => ImmutableArray.Create(rule))];
        HasNewTerms = planned.Any(rule => rule.Rule.NewTerms is not null);
        IsEmpty = !planned.Any(rule => rule.IsStateful);
        Groups = GroupsOf(planned, fields.Length);
    }

    /// <summary>True when no rule needs state.</summary>
    public bool IsEmpty { get; }

    /// <summary>True when some rule asks for first-seen values, for which it counts when the log began.</summary>
    public bool HasNewTerms { get; }

    internal ImmutableArray<PlannedRule> Planned => _planned;

    internal ImmutableArray<CompiledCorrelation> Correlations => _correlations;

    /// <summary>The rules and the attributes of the correlations, by their place.</summary>
    internal ImmutableArray<DetectionRule> All { get; }

    /// <summary>Per rule, the fields its matches carry, with the place of their path among the compiled paths.</summary>
    internal ImmutableArray<ImmutableArray<(string Name, int Path)>> Fields { get; }

    /// <summary>Per rule, the names of the fields its matches carry, which the matches of only one share.</summary>
    internal ImmutableArray<ImmutableArray<string>> FieldNames { get; }

    /// <summary>Per rule, the paths whose values tell one term from another, peers included; none for a rule without new terms.</summary>
    internal ImmutableArray<ImmutableArray<int>> TermPaths { get; }

    /// <summary>Per rule, a list of it alone, which the matches of only one share.</summary>
    internal ImmutableArray<ImmutableArray<int>> Alone { get; }

    /// <summary>
    /// Per rule and correlation, the number of its group: what feeds the same correlation, and what has the same id, is of one group. What happens to one group has nothing to do with any other, but for the memory
    /// that all have.
    /// </summary>
    internal ImmutableArray<int> Groups { get; }

    /// <summary>True when each match of the rule is a finding by itself: it has neither new terms nor suppression, and no correlation silences it.</summary>
    public bool TellsDirectly(int rule) => _planned[rule] is { Tells: true, Rule: { NewTerms: null, Suppression: null } };

    /// <summary>True when matches of the rule go to the stateful detector.</summary>
    public bool IsStateful(int rule) => _planned[rule].IsStateful;

    /// <summary>Plans.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="correlations">The correlations, each after those it refers to.</param>
    /// <param name="pathOf">Gives the place of a field among the compiled paths.</param>
    internal static StatefulPlan Build(ImmutableArray<DetectionRule> rules, ImmutableArray<CorrelationRule> correlations, Func<string, int> pathOf)
    {
        ImmutableArray<DetectionRule> all = [.. rules, .. correlations.Select(correlation => correlation.Attributes)];
        Dictionary<string, List<int>> places = new(StringComparer.Ordinal);
        for (int place = 0; place < all.Length; place++)
        {
            foreach (string name in new[] { all[place].Id, all[place].Name ?? all[place].Id }.Distinct(StringComparer.Ordinal))
            {
                (places.TryGetValue(name, out List<int>? known) ? known : places[name] = []).Add(place);
            }
        }

        List<Feed>[] feeds = [.. all.Select(_ => new List<Feed>())];
        bool[] silenced = new bool[all.Length];
        bool[] generates = new bool[all.Length];
        ImmutableArray<CompiledCorrelation>.Builder compiled = ImmutableArray.CreateBuilder<CompiledCorrelation>(correlations.Length);
        for (int index = 0; index < correlations.Length; index++)
        {
            CorrelationRule correlation = correlations[index];
            CompiledCorrelation made = new(correlation, rules.Length + index);
            compiled.Add(made);
            HashSet<int> fed = [];
            foreach (string name in correlation.Rules.Distinct(StringComparer.Ordinal))
            {
                int input = made.AddInput(name, places.GetValueOrDefault(name) is [var first, ..] ? all[first].Id : name);
                foreach (int place in places.GetValueOrDefault(name) ?? [])
                {
                    silenced[place] |= !correlation.Generate;
                    generates[place] |= correlation.Generate;
                    if (fed.Add(place))
                    {
                        feeds[place].Add(new Feed(
                            index, input, [.. correlation.GroupBy.Select(field => FieldFor(correlation, field, name, all[place]))],
                            [.. (correlation.Threshold?.Fields ?? []).Select(field => FieldFor(correlation, field, name, all[place]))]));
                    }
                }
            }
        }

        ImmutableArray<PlannedRule> planned = [.. all.Select((rule, place) => new PlannedRule(rule, !silenced[place] || generates[place], [.. feeds[place]]))];
        return new StatefulPlan(planned, compiled.MoveToImmutable(), [.. rules.Select((_, place) => FieldsOf(planned[place], pathOf))]);
    }

    private static ImmutableArray<int> GroupsOf(ImmutableArray<PlannedRule> planned, int rules)
    {
        // Each points to another one of its group, or to itself.
        int[] group = [.. Enumerable.Range(0, planned.Length)];
        Dictionary<string, int> byId = new(StringComparer.Ordinal);
        for (int place = 0; place < planned.Length; place++)
        {
            if (!byId.TryAdd(planned[place].Rule.Id, place))
            {
                Join(byId[planned[place].Rule.Id], place);
            }

            foreach (Feed feed in planned[place].Feeds)
            {
                Join(rules + feed.Correlation, place);
            }
        }

        return [.. Enumerable.Range(0, planned.Length).Select(First)];

        int First(int place)
        {
            while (group[place] != place)
            {
                place = group[place];
            }

            return place;
        }

        void Join(int one, int other) => group[First(other)] = First(one);
    }

    /// <summary>The field that a name means for a rule; null when it is an alias that leaves this rule out.</summary>
    private static string? FieldFor(CorrelationRule correlation, string field, string name, DetectionRule rule) =>
        correlation.Aliases.TryGetValue(field, out ImmutableDictionary<string, string>? alias)
            ? alias.GetValueOrDefault(name) ?? alias.GetValueOrDefault(rule.Name ?? rule.Id) ?? alias.GetValueOrDefault(rule.Id)
            : field;

    private static ImmutableArray<(string, int)> FieldsOf(PlannedRule planned, Func<string, int> pathOf) =>
    [
        .. planned.Feeds.SelectMany(feed => feed.GroupFields.Concat(feed.ValueFields)).OfType<string>()
            .Concat(planned.Rule.NewTerms is { } terms ? terms.Fields.Concat(terms.Peers) : [])
            .Concat(planned.Rule.Suppression?.By ?? [])
            .Distinct(StringComparer.Ordinal).Select(field => (field, pathOf(field))),
    ];
}

/// <summary>A rule or correlation and what becomes of its matches.</summary>
/// <param name="Rule">The rule, or the attributes of the correlation.</param>
/// <param name="Tells">True when it makes findings of its own.</param>
/// <param name="Feeds">The correlations it goes into.</param>
internal sealed record PlannedRule(DetectionRule Rule, bool Tells, ImmutableArray<Feed> Feeds)
{
    /// <summary>True when its matches need state.</summary>
    public bool IsStateful => Feeds.Length > 0 || Rule.NewTerms is not null || Rule.Suppression is not null;
}

/// <summary>The way from a rule into a correlation.</summary>
/// <param name="Correlation">Place among the correlations.</param>
/// <param name="Input">Place among the correlation's rules.</param>
/// <param name="GroupFields">The rule's fields that give the group; null for one that an alias leaves out.</param>
/// <param name="ValueFields">The rule's fields that are counted or computed with.</param>
internal sealed record Feed(int Correlation, int Input, ImmutableArray<string?> GroupFields, ImmutableArray<string?> ValueFields);
