using CsCheck;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Tests.Evaluation;

/// <summary>Policies and requests drawn from few words, so that they often meet.</summary>
internal static class RandomPolicies
{
    private static readonly Gen<string> s_user = Of("alice", "bob", "system:anonymous", "system:serviceaccount:dev:web", "system:node:n1", "");
    private static readonly Gen<string> s_group = Of("system:authenticated", "system:masters", "developers", "*", "system:nodes", "system:serviceaccounts:dev");
    private static readonly Gen<string> s_verb = Of("get", "list", "watch", "create", "delete", "");
    private static readonly Gen<string> s_namespace = Of("", "dev", "kube-system");
    private static readonly Gen<string> s_apiGroup = Of("", "apps", "rbac.authorization.k8s.io", "*");
    private static readonly Gen<string> s_pattern = Of("pods", "pods/log", "pods/*", "*/log", "*", "*/*", "deployments", "namespaces", "", "/log", "pods/");
    private static readonly Gen<string> s_name = Of("", "web", "*");
    private static readonly Gen<string> s_path = Of("/healthz", "/healthz/ping", "/metrics", "/", "*");
    private static readonly Gen<string> s_spec = Of("/healthz", "/healthz*", "/*", "*", "/metrics", "**");
    private static readonly Gen<string> s_stage = Of("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic");

    private static readonly Gen<PolicySwitch?> s_switch = Gen.Int[0, 2].Select(choice => choice == 0 ? null : new PolicySwitch(choice == 1, 0, 0));

    private static readonly Gen<GroupResources> s_entry = Gen.Select(s_apiGroup, List(s_pattern), List(s_name), (group, resources, names) =>
        new GroupResources(new PolicyText(group, 0, 0), resources, names, 0, 0));

    private static readonly Gen<PolicyRule> s_rule = Gen.Select(
        Gen.Select(Gen.Enum<AuditLevel>(), List(s_user), List(s_group), List(s_verb)),
        Gen.Select(List(s_namespace), s_entry.Array[0, 2], List(s_spec), List(s_stage)),
        s_switch,
        (who, what, managed) => new PolicyRule
        {
            Index = 0,
            Line = 0,
            Column = 0,
            Level = who.Item1,
            LevelText = default,
            Users = who.Item2,
            UserGroups = who.Item3,
            Verbs = who.Item4,
            Namespaces = what.Item1,
            Resources = [.. what.Item2],
            NonResourceUrls = what.Item3,
            OmitStages = what.Item4,
            OmitManagedFields = managed,
        });

    /// <summary>Policies, some of more rules than one machine word has bits.</summary>
    public static Gen<AuditPolicy> Policies { get; } = Gen.Select(Gen.Frequency((9, s_rule.Array[1, 12]), (1, s_rule.Array[60, 140])), List(s_stage), s_switch, (rules, stages, managed) => new AuditPolicy
    {
        File = "random",
        Rules = [.. rules.Select((rule, index) => rule with { Index = index })],
        OmitStages = stages,
        OmitManagedFields = managed,
    });

    /// <summary>Requests, some without a user.</summary>
    public static Gen<RequestAttributes> Requests { get; } = Gen.Select(
        Gen.Select(s_user, s_group.Array[0, 3], Gen.Bool, s_verb), Gen.Select(s_namespace, s_apiGroup, s_pattern, s_pattern), s_name, Gen.Bool, s_path,
        (who, what, name, resource, path) => new RequestAttributes
        {
            User = who.Item3 || who.Item1 != "" ? new RequestUser(who.Item1, [.. who.Item2]) : null,
            Verb = who.Item4,
            Namespace = what.Item1,
            ApiGroup = what.Item2,
            Resource = what.Item3.Split('/')[0],
            Subresource = what.Item4.Contains('/', StringComparison.Ordinal) ? what.Item4.Split('/')[1] : "",
            Name = name,
            IsResourceRequest = resource,
            Path = path,
        });

    private static Gen<string> Of(params string[] words) => Gen.Int[0, words.Length - 1].Select(index => words[index]);

    /// <summary>Lists, mostly empty ones: each that is not makes a rule match less.</summary>
    private static Gen<PolicyList> List(Gen<string> item) => Gen.Frequency((2, Gen.Const(Array.Empty<string>())), (1, item.Array[1, 3]))
        .Select(items => new PolicyList([.. items.Select(text => new PolicyText(text, 0, 0))], 0, 0));
}
