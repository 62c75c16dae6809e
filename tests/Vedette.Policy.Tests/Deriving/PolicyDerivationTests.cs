using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Vedette.Audit.Needs;
using Vedette.Policy.Deriving;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;
using Vedette.Policy.Sight;
using Vedette.Policy.Tests.Reachability;
using Xunit;
using Seen = Vedette.Policy.Sight.CanFire;

namespace Vedette.Policy.Tests.Deriving;

public class PolicyDerivationTests
{
    private static readonly Gen<EventNeed> s_needs = Gen.Select(
        Gen.Select(Some("get", "list", "create", "update", "patch", "delete", "deletecollection"), Some("pods", "deployments", "secrets", "namespaces", "widgets"), Of("", "log", "status")),
        Gen.Select(Of("alice", "system:serviceaccount:dev:web", "", ""), Of("dev", "", "")), Gen.Enum<NeededLevel>(), Gen.Enum<NeededLevel>(), Gen.Int[0, 7],
        (what, who, level, sure, kind) => new EventNeed
        {
            Requests = RequestShape.Any with
            {
                HasPaths = what.Item2.IsAny && kind < 4,
                Verbs = what.Item1,
                Resources = what.Item2,
                Subresources = kind == 1 ? TextSet.Any : TextSet.Of(what.Item3),
                Users = who.Item1.Length > 0 ? TextSet.Of(who.Item1) : TextSet.Any,
                Namespaces = who.Item2.Length > 0 ? TextSet.Of(who.Item2) : TextSet.Any,
                Groups = kind == 2 ? [TextSet.Of("system:masters")] : [],
            },
            Exclusions = kind == 3 ? [new Exclusion(RequestShape.Any with { Verbs = TextSet.Of("delete"), Users = TextSet.Of("bob") }, NeededLevel.Request)] : [],
            Endings = kind == 4 ? RequestEnding.Refused : RequestEnding.Answered,
            Level = level < sure ? level : sure,
            SureLevel = sure,
            NeedsManagedFields = kind == 5,
            Stages = kind == 6 ? TextSet.Of("RequestReceived") : TextSet.Of("ResponseStarted", "ResponseComplete"),
        });

    private static readonly Gen<ImmutableArray<RuleNeeds>> s_rules = s_needs.Array[1, 2].Array[1, 4].Select(rules =>
        rules.Select((ways, index) => new RuleNeeds($"r{index}", $"R{index}", index, [.. ways], [], NeedsAll: false)).ToImmutableArray());

    [Fact]
    public void What_is_not_told_as_lost_is_always_seen() => s_rules.Sample(
        rules =>
        {
            PolicyDerivation derivation = PolicyDerivation.Of(rules, AuditLevel.None);
            foreach (RuleSight sight in PolicySight.Of(Load(derivation), rules))
            {
                Assert.True(sight.CanFire is Seen.Always or Seen.Unknown || derivation.Losses.Any(loss => loss.Rule == sight.Rule), sight.Missed?.ToString());
                Assert.True(sight.Blurred is null || derivation.Losses.Any(loss => loss.Rule == sight.Rule), sight.Blurred?.ToString());
            }
        },
        iter: 150);

    [Fact]
    public void Without_any_rule_or_at_a_lower_level_a_detection_loses_something_that_coverage_shows() => s_rules.Sample(
        rules =>
        {
            PolicyDerivation derivation = PolicyDerivation.Of(rules, AuditLevel.None);
            AuditPolicy policy = Load(derivation);
            Assert.Equal(derivation.Rules.Length, policy.Rules.Length);
            foreach ((int index, DerivedRule rule) in derivation.Rules.Index().Where(pair => !pair.Item.IsAskedFor))
            {
                Assert.False(rule.Without.IsNone);
                Assert.Equal(rule.Level == AuditLevel.None, rule.Lowered.IsNone);
                AssertLoses(rules, derivation, policy, policy with { Rules = [.. policy.Rules.RemoveAt(index).Select((one, place) => one with { Index = place })] }, rule.Without);
                if (rule.Level > AuditLevel.None)
                {
                    AssertLoses(rules, derivation, policy, policy with { Rules = policy.Rules.SetItem(index, policy.Rules[index] with { Level = rule.Level - 1 }) }, rule.Lowered);
                }
            }
        },
        iter: 100);

    [Theory]
    [InlineData(35, false)]
    [InlineData(35, true)]
    [InlineData(36, false)]
    public void A_group_that_no_detection_names_is_any_from_1_36_on_and_before_one_that_the_cluster_has(int minor, bool isGiven)
    {
        KubernetesVersion version = new(minor);
        RuleNeeds rule = new("r", "R", 0, [Bodies("widgets")], [], NeedsAll: false);
        ApiResource widgets = new("shop.example", "widgets", "Widget", true, ["create"], [], FrozenDictionary<string, ImmutableArray<string>>.Empty);
        PolicyDerivation derivation = PolicyDerivation.Of([rule], AuditLevel.Metadata, new NameableGroups(version, isGiven ? [widgets] : []));
        LoadedPolicy loaded = PolicyLoader.Load("derived", Encoding.UTF8.GetBytes(DerivedPolicyYaml.Write(derivation, explain: true)), version);
        Assert.NotNull(loaded.Policy);
        Assert.Equal(minor == 36 ? ["*"] : isGiven ? ["shop.example"] : [], derivation.Rules.SelectMany(made => made.Targets.Keys));
        RequestAttributes create = new() { User = ImpliedGroups.UserOf("alice", []), Verb = "create", ApiGroup = "shop.example", Resource = "widgets", Namespace = "dev", IsResourceRequest = true };
        Assert.Equal(minor == 36 || isGiven ? AuditLevel.Request : AuditLevel.Metadata, PolicyChecker.Evaluate(loaded.Policy, create).Level);
        if (minor == 36 || isGiven)
        {
            Assert.Empty(derivation.Losses);
        }
        else
        {
            DerivedLoss loss = Assert.Single(derivation.Losses);
            Assert.Equal((AuditLevel.Request, AuditLevel.Metadata, "create widgets"), (loss.Needed, loss.Kept, Assert.Single(loss.Requests)));
            Assert.Contains("--crds", loss.Why, StringComparison.Ordinal);
        }
    }

    private static EventNeed Bodies(string resource) => new()
    {
        Requests = RequestShape.Any with { HasPaths = false, Verbs = TextSet.Of("create"), Resources = TextSet.Of(resource), Subresources = TextSet.Of("") },
        Endings = RequestEnding.Answered,
        Level = NeededLevel.Request,
        SureLevel = NeededLevel.Request,
        Stages = TextSet.Of("ResponseComplete"),
    };

    [Fact]
    public void No_body_of_a_secret_or_token_is_recorded_whoever_asks() => s_rules.Sample(
        rules =>
        {
            AuditPolicy policy = Load(PolicyDerivation.Of(rules, AuditLevel.Metadata));
            foreach (RequestAttributes request in RealisableRequests.Operations.Where(request => request is { ApiGroup: "", Resource: "secrets" } or { ApiGroup: "", Resource: "serviceaccounts", Subresource: "token" }
                or { ApiGroup: "authentication.k8s.io", Resource: "tokenreviews" }))
            {
                Assert.All(RealisableRequests.Users, user => Assert.InRange(
                    PolicyChecker.Evaluate(policy, request with { User = user }).Level, AuditLevel.None, request.Verb is "delete" or "deletecollection" ? AuditLevel.Request : AuditLevel.Metadata));
            }
        },
        iter: 20);

    [Fact]
    public void Where_nothing_is_needed_nothing_is_recorded_unless_it_is_asked_for()
    {
        Assert.Equal(AuditLevel.None, Assert.Single(Load(PolicyDerivation.Of([], AuditLevel.None)).Rules).Level);
        Assert.Equal(AuditLevel.Metadata, Assert.Single(Load(PolicyDerivation.Of([], AuditLevel.Metadata)).Rules).Level);
    }

    [Fact]
    public void Managed_fields_are_kept_by_the_rules_alone_whose_detections_look_at_them()
    {
        ImmutableArray<RuleNeeds> rules =
        [
            new("a", "A", 0, [Body("pods") with { NeedsManagedFields = true }], [], NeedsAll: false),
            new("b", "B", 0, [Body("configmaps")], [], NeedsAll: false),
        ];
        PolicyDerivation derivation = PolicyDerivation.Of(rules, AuditLevel.None);
        Assert.Equal(["configmaps", "pods"], derivation.Rules.SelectMany(rule => rule.Targets[""]).Order(StringComparer.Ordinal));
        Assert.All(derivation.Rules, rule => Assert.Equal(rule.Targets[""].Contains("pods"), rule.KeepsManagedFields));
    }

    private static EventNeed Body(string resource) => new()
    {
        Requests = RequestShape.Any with { HasPaths = false, Verbs = TextSet.Of("create"), Resources = TextSet.Of(resource), Subresources = TextSet.Of("") },
        Endings = RequestEnding.Answered,
        Level = NeededLevel.Request,
        SureLevel = NeededLevel.Request,
    };

    private static AuditPolicy Load(PolicyDerivation derivation)
    {
        LoadedPolicy loaded = PolicyLoader.Load("derived", Encoding.UTF8.GetBytes(DerivedPolicyYaml.Write(derivation, explain: true)), KubernetesVersion.Default);
        Assert.Null(loaded.LoadError);
        Assert.Null(loaded.StrictError);
        return loaded.Policy!;
    }

    /// <summary>Every way of a detection is looked at alone, so that a loss shows even where another way has one already.</summary>
    private static void AssertLoses(ImmutableArray<RuleNeeds> rules, PolicyDerivation derivation, AuditPolicy policy, AuditPolicy changed, DerivedProof proof)
    {
        if (proof.Guard is not null)
        {
            Assert.Empty(proof.Lost);
            return;
        }

        Assert.NotEmpty(proof.Lost);
        ImmutableArray<RuleSight> before = PolicySight.Of(policy, rules);
        ImmutableArray<RuleSight> after = PolicySight.Of(changed, rules);
        foreach ((RuleSight old, RuleSight @new) in before.Zip(after).Where(pair => proof.Lost.Contains(pair.First.Rule)))
        {
            bool isLess = @new.CanFire < old.CanFire || (old.Blurred is null && @new.Blurred is not null);
            Assert.True(isLess || derivation.Losses.Any(loss => loss.Rule == old.Rule), $"{old.Rule.Title}: {old.CanFire} before and {@new.CanFire} after");
        }
    }

    private static Gen<TextSet> Some(params string[] words) => Gen.Select(Gen.Int[0, words.Length - 1], Gen.Int[0, words.Length - 1], Gen.Int[0, 4], (one, other, kind) =>
        kind == 0 ? TextSet.Any : TextSet.Of([.. new[] { words[one], words[other] }.Distinct()]));

    private static Gen<string> Of(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);
}
