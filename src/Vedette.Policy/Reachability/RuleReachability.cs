using System.Collections.Immutable;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Reachability;

/// <summary>Whether a rule decides anything.</summary>
public enum Reach
{
    /// <summary>It decides every request that it matches.</summary>
    Full,

    /// <summary>Earlier rules decide some of the requests that it matches.</summary>
    Partial,

    /// <summary>Earlier rules decide every request that it matches.</summary>
    Unreachable,

    /// <summary>It matches no request that there can be.</summary>
    Impossible,

    /// <summary>There are too many combinations to say.</summary>
    Undecided,
}

/// <summary>An earlier rule that decides requests of a later one.</summary>
/// <param name="Rule">The earlier rule, from 0.</param>
/// <param name="Witness">A request that both match and the earlier decides.</param>
public sealed record Shadow(int Rule, RequestAttributes Witness);

/// <summary>What a rule of a policy decides, proved over a <see cref="RequestSpace"/>.</summary>
/// <param name="Rule">The rule, from 0.</param>
/// <param name="Reach">The verdict.</param>
/// <param name="Witness">A request that it decides; null when there is none, or none was found.</param>
/// <param name="Shadows">The earlier rules that decide requests of it, all of them unless <paramref name="IsComplete"/> is false. For an unreachable rule they are the proof: together they cover it.</param>
/// <param name="IsComplete">False when the search has ended before all was looked at.</param>
public sealed record RuleReachability(int Rule, Reach Reach, RequestAttributes? Witness, ImmutableArray<Shadow> Shadows, bool IsComplete)
{
    /// <summary>Most steps for the rules of one policy together; each has its share of what is left, and those for which it was too little share what others leave.</summary>
    public const int MaxSteps = 250_000;

    /// <summary>Decides all rules of a policy, in their order.</summary>
    public static ImmutableArray<RuleReachability> Of(AuditPolicy policy, RequestSpace space)
    {
        ImmutableArray<PolicyTerm> terms = [.. PolicyTerm.Of(policy.Rules)];
        ImmutableArray<RequestBox> boxes = space.Divide(terms);
        RuleReachability[] verdicts = new RuleReachability[policy.Rules.Length];
        PolicyRule[] open = [.. policy.Rules];
        int left = MaxSteps;
        do
        {
            for (int i = 0; i < open.Length; i++)
            {
                int share = left / (open.Length - i);
                int steps = share;
                verdicts[open[i].Index] = Of(open[i], terms, boxes, ref steps);
                left -= share - Math.Max(steps, 0);
            }

            open = [.. open.Where(rule => !verdicts[rule.Index].IsComplete)];
        }
        while (open.Length > 0 && left >= open.Length);

        return [.. verdicts];
    }

    private static RuleReachability Of(PolicyRule rule, ImmutableArray<PolicyTerm> terms, ImmutableArray<RequestBox> boxes, ref int steps)
    {
        TermSet earlier = TermSet.Where(terms.Length, term => terms[term].Rule.Index < rule.Index);
        TermSet own = TermSet.Where(terms.Length, term => terms[term].Rule.Index == rule.Index);
        Dictionary<int, RequestAttributes> deciders = [];
        foreach (RequestBox box in boxes.Where(box => box.Possible.Meets(own)))
        {
            DecisionDiagram<Decider> diagram = new(box, earlier, own, own, (first, second) => second < 0 ? null : new Decider(terms[first < 0 ? second : first].Rule.Index), steps);
            steps = diagram.StepsLeft;
            foreach ((Decider decider, RequestAttributes witness) in diagram.Found)
            {
                deciders.TryAdd(decider.Rule, witness);
            }
        }

        bool isComplete = steps >= 0;
        bool isReached = deciders.Remove(rule.Index, out RequestAttributes? reaching);
        Reach reach = (isReached, deciders.Count > 0, isComplete) switch
        {
            (false, _, false) => Reach.Undecided,
            (false, true, true) => Reach.Unreachable,
            (false, false, true) => Reach.Impossible,
            (true, true, _) => Reach.Partial,
            (true, false, true) => Reach.Full,
            (true, false, false) => Reach.Undecided,
        };
        return new RuleReachability(rule.Index, reach, reaching, [.. deciders.OrderBy(pair => pair.Key).Select(pair => new Shadow(pair.Key, pair.Value))], isComplete);
    }

    private sealed record Decider(int Rule);
}
