using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Tuning;

/// <summary>Who made a rule match, doing what to which object: what an exclusion names.</summary>
/// <param name="Actor">The effective user.</param>
/// <param name="Operation">What was asked.</param>
/// <param name="Resource">Resource, with its subresource.</param>
/// <param name="Namespace">Namespace; null for none.</param>
/// <param name="Name">Name of the object; null for none.</param>
public sealed record MatchShape(string Actor, string Operation, string Resource, string? Namespace, string? Name);

/// <summary>What makes a rule noisy.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Matches">Events that matched.</param>
/// <param name="Shapes">Who, what, and how often; the most frequent first.</param>
public sealed record RuleNoise(DetectionRule Rule, long Matches, ImmutableArray<(MatchShape Shape, long Count)> Shapes);

/// <summary>Counts what makes rules match. Not for several threads.</summary>
public sealed class RuleTuner
{
    /// <summary>Most different shapes kept of a rule; what comes after is counted only as matches.</summary>
    public const int MaxShapes = 10_000;

    private readonly CompiledRules _rules;
    private readonly RuleEvaluator _evaluator;
    private readonly bool[] _isTold;
    private readonly Dictionary<MatchShape, long>[] _shapes;

    /// <summary>A counter for these rules.</summary>
    public RuleTuner(CompiledRules rules)
    {
        _rules = rules;
        _evaluator = new RuleEvaluator(rules);

        // What a correlation counts, and what is told only when it is new, is no noise however often the condition holds.
        HashSet<string> parts = new(rules.Correlations.Where(correlation => !correlation.Generate).SelectMany(correlation => correlation.Rules), StringComparer.Ordinal);
        _isTold = [.. rules.Rules.Select(rule => rule.NewTerms is null && !parts.Contains(rule.Id) && !parts.Contains(rule.Name ?? rule.Id))];
        _shapes = [.. rules.Rules.Select(_ => new Dictionary<MatchShape, long>())];
    }

    /// <summary>Events looked at.</summary>
    public long Events { get; private set; }

    /// <summary>Takes an event.</summary>
    public void Add(in EventView view)
    {
        Events++;
        foreach (int rule in _evaluator.Evaluate(view))
        {
            if (!_isTold[rule] || ShapeOf(view) is not { } shape)
            {
                continue;
            }

            Dictionary<MatchShape, long> shapes = _shapes[rule];
            if (shapes.TryGetValue(shape, out long count) || shapes.Count < MaxShapes)
            {
                shapes[shape] = count + 1;
            }
        }
    }

    /// <summary>The rules that matched, the noisiest first; those that only feed a correlation or fire on what is new are not among them.</summary>
    public ImmutableArray<RuleNoise> Noise() =>
    [
        .. _rules.Rules.Select((rule, index) => new RuleNoise(
            rule, _evaluator.Matched[index],
            [.. _shapes[index].OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key.ToString(), StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value))]))
            .Where((noise, index) => _isTold[index] && noise.Matches > 0).OrderByDescending(noise => noise.Matches).ThenBy(noise => noise.Rule.Id, StringComparer.Ordinal),
    ];

    private static MatchShape? ShapeOf(in EventView view)
    {
        string? actor = view[AuditField.ImpersonatedUserName].AsString() ?? view[AuditField.UserName].AsString();
        string? resource = view[AuditField.ObjectResource].AsString();
        string? verb = view[AuditField.Verb].AsString();
        if (string.IsNullOrEmpty(actor) || string.IsNullOrEmpty(resource) || string.IsNullOrEmpty(verb))
        {
            return null;
        }

        string? subresource = view[AuditField.ObjectSubresource].AsString();
        return new MatchShape(
            actor, verb, string.IsNullOrEmpty(subresource) ? resource : $"{resource}/{subresource}", view[AuditField.ObjectNamespace].AsString(), view[AuditField.ObjectName].AsString());
    }
}
