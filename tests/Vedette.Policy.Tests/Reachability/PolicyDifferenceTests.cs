using CsCheck;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Reachability;
using Vedette.Policy.Requests;
using Vedette.Policy.Tests.Evaluation;
using Xunit;

namespace Vedette.Policy.Tests.Reachability;

public class PolicyDifferenceTests
{
    private const string Head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

    private static readonly Gen<AuditPolicy> s_small = RandomPolicies.Policies.Where(policy => policy.Rules.Length < 8);

    [Fact]
    public void Policies_written_differently_that_answer_alike_have_no_difference()
    {
        PolicyDifference difference = Of("- level: None\n  verbs: [get, list]\n- level: Metadata\n", "- level: None\n  verbs: [list]\n- level: None\n  verbs: [get]\n- level: Metadata\n- level: Request\n  users: [alice]\n");
        Assert.Empty(difference.Changes);
        Assert.True(difference.IsComplete);
    }

    [Fact]
    public void A_region_reads_as_a_person_would_say_it()
    {
        PolicyDifference.Change change = Assert.Single(Of(
            "- level: Request\n  resources:\n  - group: \"\"\n    resources: [pods]\n- level: Metadata\n",
            "- level: Request\n  resources:\n  - group: \"\"\n    resources: [\"pods\", \"pods/log\"]\n- level: Metadata\n").Changes);
        Assert.Equal("verb get; resource pods/log", Assert.Single(change.Regions).ToString());
        Assert.Equal((AuditLevel.Metadata, AuditLevel.Request), (change.Old.Level, change.New.Level));
    }

    [Fact]
    public void All_requests_are_two_regions() =>
        Assert.Equal(["all requests for resources", "all requests for other paths"], Assert.Single(Of("- level: Metadata\n", "- level: Request\n").Changes).Regions.Select(region => region.ToString()));

    [Fact]
    public void Omitted_stages_alone_are_a_difference() => Assert.Single(Of("- level: Metadata\n", "- level: Metadata\n  omitStages: [Panic]\n").Changes);

    [Fact]
    public void Changes_are_those_of_trying_every_request() =>
        Gen.Select(s_small, s_small).Sample(
            (old, @new) =>
            {
                CompiledPolicy before = CompiledPolicy.Compile(old);
                CompiledPolicy after = CompiledPolicy.Compile(@new);
                HashSet<(PolicyAnswer, PolicyAnswer)> expected = [];
                foreach (RequestAttributes request in RealisableRequests.Operations)
                {
                    foreach (RequestUser? user in RealisableRequests.Users)
                    {
                        PolicyAnswer was = WithoutRule(before.Evaluate(request, user));
                        PolicyAnswer @is = WithoutRule(after.Evaluate(request, user));
                        if (was != @is)
                        {
                            expected.Add((was, @is));
                        }
                    }
                }

                PolicyDifference difference = PolicyDifference.Of(old, @new, RequestSpace.Kubernetes);
                Assert.True(difference.IsComplete);
                Assert.Equal(expected, difference.Changes.Select(change => (WithoutRule(change.Old), WithoutRule(change.New))).ToHashSet());
                Assert.All(difference.Changes, change => Assert.Equal((change.Old, change.New), (PolicyChecker.Evaluate(old, change.Witness), PolicyChecker.Evaluate(@new, change.Witness))));
            },
            iter: 8);

    [Fact]
    public void A_request_is_in_a_region_of_a_change_exactly_when_it_changes_so() =>
        Gen.Select(s_small, s_small, Gen.Int).Sample(
            (old, @new, seed) =>
            {
                PolicyDifference difference = PolicyDifference.Of(old, @new, RequestSpace.Kubernetes);
                Random random = new(seed);
                foreach (RequestBox box in RequestSpace.Kubernetes.Divide([.. PolicyTerm.Of(old.Rules.Concat(@new.Rules))]))
                {
                    for (int i = 0; i < 300; i++)
                    {
                        Dictionary<string, string> texts = [];
                        Dictionary<int, Atom> chosen = [];
                        for (int part = 0; part < box.Dimensions.Length; part++)
                        {
                            Atom[] atoms = [.. box.Dimensions[part].Atoms];
                            chosen[part] = atoms[random.Next(atoms.Length)];
                            texts[box.Dimensions[part].Part] = chosen[part].Text;
                        }

                        RequestAttributes request = box.Witness(chosen);
                        PolicyAnswer was = WithoutRule(PolicyChecker.Evaluate(old, request));
                        PolicyAnswer @is = WithoutRule(PolicyChecker.Evaluate(@new, request));
                        PolicyDifference.Change[] found =
                        [
                            .. difference.Changes.Where(change => change.Regions.Any(region => region.IsForResources == box.IsForResources
                                && region.Parts.All(part => texts.TryGetValue(part.Key, out string? text) && part.Value.Texts.Contains(text) != part.Value.IsComplement))),
                        ];
                        Assert.Equal(was == @is ? [] : [(was, @is)], found.Select(change => (WithoutRule(change.Old), WithoutRule(change.New))));
                    }
                }
            },
            iter: 30);

    private static PolicyDifference Of(string old, string @new) => PolicyDifference.Of(Tables.Policy(Head + old), Tables.Policy(Head + @new), RequestSpace.Kubernetes);

    private static PolicyAnswer WithoutRule(PolicyAnswer answer) => answer.Level == AuditLevel.None ? default : answer with { Rule = 0 };
}
