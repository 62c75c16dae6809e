using System.Collections.Immutable;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Reachability;

/// <summary>The requests of a <see cref="RequestSpace"/> that two policies answer differently in level, stages or managed fields: all of them, and no others.</summary>
/// <param name="Changes">The changes, the greatest loss of level first.</param>
/// <param name="IsComplete">False when there are too many combinations to look at all: then there may be changes besides.</param>
public sealed record PolicyDifference(ImmutableArray<PolicyDifference.Change> Changes, bool IsComplete)
{
    /// <summary>Most steps of the comparison.</summary>
    public const int MaxSteps = 1_000_000;

    /// <summary>Most products looked at before they are merged.</summary>
    public const int MaxPieces = 5_000;

    /// <summary>Requests that change alike.</summary>
    /// <param name="Witness">One of them.</param>
    /// <param name="Old">What the old policy answers it.</param>
    /// <param name="New">What the new policy answers it.</param>
    /// <param name="Regions">The requests: each is in one of these; the rules that decide may differ among them.</param>
    public sealed record Change(RequestAttributes Witness, PolicyAnswer Old, PolicyAnswer New, ImmutableArray<RequestRegion> Regions);

    /// <summary>Compares two policies.</summary>
    public static PolicyDifference Of(AuditPolicy old, AuditPolicy @new, RequestSpace space)
    {
        ImmutableArray<PolicyTerm> oldTerms = [.. PolicyTerm.Of(old.Rules)];
        ImmutableArray<PolicyTerm> terms = [.. oldTerms, .. PolicyTerm.Of(@new.Rules)];
        TermSet first = TermSet.Where(terms.Length, term => term < oldTerms.Length);
        TermSet second = TermSet.Where(terms.Length, term => term >= oldTerms.Length);
        ImmutableArray<RequestBox> boxes = space.Divide(terms);
        Dictionary<Turn, (RequestAttributes Witness, List<(RequestBox, ImmutableDictionary<int, ImmutableArray<Atom>>)> Pieces)> changes = [];
        int steps = MaxSteps;
        int pieces = 0;
        foreach (RequestBox box in boxes.Where(box => box.Possible.Meets(first | second)))
        {
            DecisionDiagram<Turn> diagram = new(box, first, second, null, TurnOf, steps);
            steps = diagram.StepsLeft;
            foreach ((Turn turn, RequestAttributes witness) in diagram.Found)
            {
                changes.TryAdd(turn, (witness, []));
            }

            foreach ((ImmutableDictionary<int, ImmutableArray<Atom>> atoms, Turn turn) in
                DecisionDiagram<Turn>.Ways(diagram.Root, ImmutableDictionary<int, ImmutableArray<Atom>>.Empty).TakeWhile(_ => pieces++ < MaxPieces))
            {
                changes[turn].Pieces.Add((box, atoms));
            }
        }

        RegionMerger merger = new(boxes);
        return new PolicyDifference(
            [
                .. changes.Values.Select(change => new Change(
                    change.Witness, PolicyChecker.Evaluate(old, change.Witness), PolicyChecker.Evaluate(@new, change.Witness), merger.Merge(change.Pieces)))
                    .OrderBy(change => (int)change.New.Level - (int)change.Old.Level).ThenBy(change => change.Old.Rule).ThenBy(change => change.New.Rule),
            ],
            steps >= 0 && pieces <= MaxPieces);

        Turn? TurnOf(int oldTerm, int newTerm)
        {
            Answer before = Answer.Of(oldTerm < 0 ? PolicyChecker.Unmatched(old) : PolicyChecker.AnswerOf(old, terms[oldTerm].Rule));
            Answer after = Answer.Of(newTerm < 0 ? PolicyChecker.Unmatched(@new) : PolicyChecker.AnswerOf(@new, terms[newTerm].Rule));
            return before == after ? null : new Turn(before, after);
        }
    }

    private sealed record Turn(Answer Old, Answer New);

    /// <summary>An answer without the rule that gives it. Nothing is written at level None, whatever the rest.</summary>
    private readonly record struct Answer(AuditLevel Level, AuditStage OmitStages, bool OmitManagedFields)
    {
        public static Answer Of(PolicyAnswer answer) => answer.Level == AuditLevel.None ? default : new(answer.Level, answer.OmitStages, answer.OmitManagedFields);
    }
}
