using CsCheck;
using Vedette.Audit.Needs;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;
using Vedette.Policy.Sight;
using Vedette.Policy.Tests.Evaluation;
using Xunit;
using Seen = Vedette.Policy.Sight.CanFire;

namespace Vedette.Policy.Tests.Sights;

public class PolicySightTests
{
    private static readonly Gen<EventNeed> s_needs = Gen.Select(
        Of("get", "list", "watch", "create", "delete"), Of("pods", "deployments", "namespaces"), Of("", "log"), Gen.Select(Of("alice", "bob", ""), Of("dev", "kube-system", "")), Gen.Enum<NeededLevel>(), Gen.Bool,
        (verb, resource, subresource, who, level, isLate) => new EventNeed
        {
            Requests = RequestShape.Any with
            {
                HasPaths = false,
                Verbs = TextSet.Of(verb),
                Resources = TextSet.Of(resource),
                Subresources = TextSet.Of(subresource),
                Users = who.Item1.Length > 0 ? TextSet.Of(who.Item1) : TextSet.Any,
                Namespaces = who.Item2.Length > 0 ? TextSet.Of(who.Item2) : TextSet.Any,
            },
            Endings = RequestEnding.Answered,
            Level = level,
            SureLevel = level,
            Stages = isLate ? TextSet.Of("ResponseComplete", "Panic") : TextSet.Any,
        });

    [Fact]
    public void The_verdict_is_that_of_trying_requests() =>
        Gen.Select(RandomPolicies.Policies, s_needs, RandomPolicies.Requests.Array[200]).Sample(
            (policy, need, requests) =>
            {
                RuleSight sight = Assert.Single(PolicySight.Of(policy, [new RuleNeeds("r", "R", 0, [need], [], NeedsAll: false)]));
                foreach (RequestAttributes request in requests.Where(request => request.IsResourceRequest && request.User is not null && IsServed(request)
                    && need.Requests.Has(request.Verb, request.ApiGroup, request.Resource, request.Subresource) && need.Requests.Namespaces.Contains(request.Namespace)
                    && need.Requests.Has(request.User.Name, request.User.Groups)))
                {
                    PolicyAnswer answer = PolicyChecker.Evaluate(policy, request);
                    AuditStage stages = need.Stages.IsAny ? RequestStages.Of(request) : AuditStage.ResponseComplete;
                    bool isSeen = (int)answer.Level >= (int)need.Level && answer.Written(stages) != AuditStage.None;
                    Assert.NotEqual(isSeen ? Seen.Never : Seen.Always, sight.CanFire);
                }
            },
            iter: 300);

    [Fact]
    public void The_evaluator_confirms_every_missed_case() =>
        Gen.Select(RandomPolicies.Policies, s_needs).Sample(
            (policy, need) =>
            {
                RuleSight sight = Assert.Single(PolicySight.Of(policy, [new RuleNeeds("r", "R", 0, [need], [], NeedsAll: false)]));
                Assert.Equal(sight.CanFire is Seen.Never or Seen.Sometimes, sight.Missed is not null);
                if (sight.Missed is { } missed)
                {
                    Assert.Equal(PolicyChecker.Evaluate(policy, missed.Request), missed.Answer);
                    Assert.True(need.Requests.Has(missed.Request.Verb, missed.Request.ApiGroup, missed.Request.Resource, missed.Request.Subresource));
                    Assert.True((int)missed.Answer.Level < (int)need.Level || missed.Lack == Lack.Stage);
                }
            },
            iter: 300);

    [Theory]
    [InlineData("- level: Metadata\n", Seen.Always)]
    [InlineData("- level: None\n", Seen.Never)]
    [InlineData("- level: None\n  users: [alice]\n- level: Metadata\n", Seen.Sometimes)]
    [InlineData("- level: Metadata\n  omitStages: [ResponseStarted]\n", Seen.Always)]
    [InlineData("- level: None\n  resources:\n  - group: \"\"\n    resources: [secrets]\n    resourceNames: [dull]\n- level: Metadata\n", Seen.Sometimes)]
    [InlineData("- level: None\n  resources:\n  - group: \"\"\n    resources: [configmaps]\n- level: Metadata\n", Seen.Always)]
    public void Reads_of_secrets_are_seen_as_far_as_they_are_recorded(string rules, Seen sight)
    {
        EventNeed need = new() { Requests = RequestShape.Any with { HasPaths = false, Verbs = TextSet.Of("get"), Resources = TextSet.Of("secrets") }, Endings = RequestEnding.Answered };
        AuditPolicy policy = Tables.Policy("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n" + rules);
        Assert.Equal(sight, Assert.Single(PolicySight.Of(policy, [new RuleNeeds("r", "R", 0, [need], [], NeedsAll: false)])).CanFire);
    }

    [Fact]
    public void Failed_authentication_is_seen_at_stage_ResponseStarted_only()
    {
        RuleNeeds rule = new("r", "R", 0, [new EventNeed { Requests = RequestShape.Any, Endings = RequestEnding.Refused }], [], NeedsAll: false);
        AuditPolicy policy = Tables.Policy("apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [ResponseStarted]\nrules:\n- level: RequestResponse\n");
        Assert.True(Assert.Single(PolicySight.Of(policy, [rule])) is { CanFire: Seen.Never, Missed.Lack: Lack.Stage });
    }

    /// <summary>Does the table of Kubernetes' resources have such a request, with the parts its path must have?</summary>
    private static bool IsServed(RequestAttributes request) =>
        ApiCatalogue.Kubernetes.Find(request.ApiGroup, request.Resource) is { IsNamespaced: true } resource
        && (request.Subresource.Length == 0 ? resource.Verbs : resource.Subresources.GetValueOrDefault(request.Subresource, [])).Contains(request.Verb)
        && (request.Namespace.Length > 0 || request.Verb is "list" or "watch")
        && (request.Subresource.Length > 0 || request.Verb is "get" or "delete" ? request.Name.Length > 0 : request.Verb is "list" or "watch" || request.Name.Length == 0)
        && request.User!.Groups.Contains("system:authenticated") && !request.User.Groups.Any(group => group.StartsWith("system:serviceaccounts", StringComparison.Ordinal)) && request.User.Name.Length > 0;

    private static Gen<string> Of(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);
}
