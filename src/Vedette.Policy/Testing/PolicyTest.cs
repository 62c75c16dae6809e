using System.Collections.Immutable;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Testing;

/// <summary>One test of a policy: a request, and what must be said of it.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Request">The request.</param>
/// <param name="Stages">Stages the request goes through before the policy omits any.</param>
/// <param name="Level">The level it must get; null: any.</param>
/// <param name="Written">The stages that must be written, no more and no fewer; null: any.</param>
/// <param name="Rule">The rule that must decide, from 0, -1 for none; null: any.</param>
/// <param name="OmitManagedFields">Whether managed fields must be left out; null: any.</param>
/// <param name="Line">Line in its file.</param>
public sealed record PolicyTest(
    string Name,
    RequestAttributes Request,
    AuditStage Stages,
    AuditLevel? Level,
    AuditStage? Written,
    int? Rule,
    bool? OmitManagedFields,
    int Line)
{
    /// <summary>Runs the test.</summary>
    /// <returns>What is not as it must be, for people; none when the test holds.</returns>
    public ImmutableArray<string> Run(AuditPolicy policy)
    {
        PolicyAnswer answer = PolicyChecker.Evaluate(policy, Request);
        List<string> failures = [];
        string decides = answer.Rule < 0 ? "no rule matches" : $"rules[{answer.Rule}] on line {policy.Rules[answer.Rule].Line} decides";
        if (Level is { } level && answer.Level != level)
        {
            failures.Add($"level is {answer.Level}, should be {level} ({decides})");
        }

        if (Written is { } written && answer.Written(Stages) != written)
        {
            failures.Add($"stages written are {Names(answer.Written(Stages))}, should be {Names(written)} ({decides})");
        }

        if (Rule is { } rule && answer.Rule != rule)
        {
            failures.Add($"{decides}, should be {(rule < 0 ? "no rule" : $"rules[{rule}]")}");
        }

        if (OmitManagedFields is { } omit && answer.OmitManagedFields != omit)
        {
            failures.Add($"managedFields are {(omit ? "kept, should be left out" : "left out, should be kept")} ({decides})");
        }

        return [.. failures];
    }

    private static string Names(AuditStage stages) => stages == AuditStage.None ? "none" : string.Join(", ", AuditStages.Sorted(stages));
}
