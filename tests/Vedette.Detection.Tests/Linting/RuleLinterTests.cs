using Vedette.Detection.Linting;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Documents;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Linting;

public class RuleLinterTests
{
    private const string Head = "title: t\nid: 5b0e6a0c-6f0f-4f5e-9d43-0f3f7a1c2d11\nlevel: low\ndescription: d\nlogsource: {product: kubernetes, service: audit}\ndetection:\n";

    /// <summary>The codes found in a rule with this detection, those about metadata left out.</summary>
    private static string[] CodesOf(string detection) => [.. Lint(Head + string.Concat(detection.Split(';').Select(line => "    " + line.Trim() + "\n"))).Select(found => found.Code).Distinct(StringComparer.Ordinal)];

    private static IEnumerable<Diagnostic> Lint(params string[] texts)
    {
        SigmaRuleSet set = SigmaLoader.Load([.. texts.Select((text, number) => new SigmaFile($"f{number}.yml", text))], new SigmaOptions());
        Assert.False(set.HasErrors, string.Join('\n', set.Diagnostics));
        return RuleLinter.Lint(set, _ => true).Where(found => string.CompareOrdinal(found.Code, "VL1811") < 0 || string.CompareOrdinal(found.Code, "VL1817") >= 0);
    }

    [Theory]
    [InlineData("s: {verbs: get}; condition: s", "VL1001,VL1201")]
    [InlineData("s: {objectref.resource: pods}; condition: s", "VL1001,VL1201")]
    [InlineData("s: {objectRef.kind: Pod}; condition: s", "VL1001,VL1201")]
    [InlineData("s: {apiGroup: apps, verb: get}; condition: s", "VL1002,VL1201")]
    [InlineData("s: {verb: get}; f: {user.name: x}; condition: s and not f", "VL1003,VL1203,VL1304")]
    [InlineData("s: {annotations.anything/at-all: x}; condition: s", "")]
    [InlineData("s: {user.extra.some.key/x: y, vedette.success: true}; condition: s", "")]
    public void Fields_that_events_cannot_have_are_found(string detection, string expected) => AssertCodes(detection, expected);

    [Theory]
    [InlineData("s: {verb: replace}; condition: s", "VL1101,VL1201")]
    [InlineData("s: {verb: [update, replace], vedette.success: true}; condition: s", "VL1102")]
    [InlineData("s: {verb: UPDATE, vedette.success: true}; condition: s", "VL1103")]
    [InlineData("s: {verb|cased: UPDATE}; condition: s", "VL1101,VL1201")]
    [InlineData("s: {responseStatus.code: ALLOW}; condition: s", "VL1101,VL1201")]
    [InlineData("s: {responseStatus.code|gte: 600}; condition: s", "VL1101,VL1201")]
    [InlineData("s: {annotations.authorization.k8s.io/decision: deny}; condition: s", "VL1101,VL1201")]
    [InlineData("s: {stage: Complete}; condition: s", "VL1101,VL1201")]
    [InlineData("s: {objectRef.resource: secret, vedette.success: true}; condition: s", "VL1101")]
    [InlineData("s: {objectRef.resource: pods/exec, vedette.success: true}; condition: s", "VL1101")]
    [InlineData("s: {objectRef.apiGroup: apps/v1, vedette.success: true}; condition: s", "VL1101")]
    [InlineData("s: {objectRef.apiGroup: core, vedette.success: true}; condition: s", "VL1101")]
    [InlineData("s: {sourceIPs: 10.0.0.0/8, vedette.success: true}; condition: s", "VL1101")]
    [InlineData("s: {sourceIPs|cidr: 10.0.0.0/8, vedette.success: true}; condition: s", "")]
    public void Values_that_a_field_never_has_are_found(string detection, string expected) => AssertCodes(detection, expected);

    [Theory]
    [InlineData("s: {requestObject.spec.x: y, level: Metadata}; condition: s")]
    [InlineData("s: {responseObject.kind: Pod, level: Request}; condition: s")]
    [InlineData("s: {responseStatus.code: 200, stage: RequestReceived}; condition: s")]
    [InlineData("s: {objectRef.resource: pods, verb: options}; condition: s")]
    [InlineData("s: {objectRef.resource: pods, requestURI|startswith: /healthz}; condition: s")]
    [InlineData("s: {requestObject.spec.x: y, verb: get}; condition: s")]
    [InlineData("s: {responseObject.kind: Pod, verb: watch}; condition: s")]
    [InlineData("s: {vedette.operation: exec, verb: delete, objectRef.subresource: log}; condition: s")]
    [InlineData("s: {vedette.resource: pods, objectRef.subresource: exec}; condition: s")]
    [InlineData("s: {vedette.resource: pods/exec, objectRef.resource: nodes}; condition: s")]
    [InlineData("s: {objectRef.resource: rolebindings, requestObject.spec.serviceAccountName: x}; condition: s")]
    [InlineData("s: {objectRef.resource: secrets, vedette.podSpec.hostPID: true}; condition: s")]
    [InlineData("s: {verb: deletecollection, objectRef.name: x}; condition: s")]
    [InlineData("s: {verb: get}; t: {verb: list}; condition: s and t")]
    [InlineData("s: {verb: get}; t: {verb: [get, list]}; condition: s and not t")]
    [InlineData("s: {user.username|startswith: 'system:node:'}; t: {user.username|startswith: 'system:'}; condition: s and not t")]
    [InlineData("s: {user.username|startswith: 'a'}; t: {user.username|startswith: 'b'}; condition: s and t")]
    [InlineData("s: {user.groups: admins}; t: {user.groups|startswith: adm}; condition: s and not t")]
    [InlineData("s: {objectRef.namespace|exists: false, objectRef.namespace: x}; condition: s")]
    [InlineData("s: {objectRef: null, objectRef.resource|exists: true}; t: {objectRef|exists: false}; condition: s and t")]
    [InlineData("s: {vedette.success: true, responseStatus.code: 403}; condition: s")]
    [InlineData("s: {vedette.success: true, annotations.authorization.k8s.io/decision: forbid}; condition: s")]
    [InlineData("s: {verb|exists: false}; condition: s")]
    public void Contradictions_are_proved(string detection) => Assert.Contains("VL1201", CodesOf(detection));

    [Theory]
    [InlineData("s: {user.groups: a}; t: {user.groups: b}; condition: s and t")]
    [InlineData("s: {requestObject.spec.x: y}; condition: s")]
    [InlineData("s: {user.username: Alice}; t: {user.username|re: '^[a-z]+$'}; condition: s and t")]
    [InlineData("s: {vedette.operation: create, verb: patch}; condition: s")]
    [InlineData("s: {vedette.operation: exec, verb: get}; condition: s")]
    [InlineData("s: {objectRef.resource: widgets, requestObject.anything: x}; condition: s")]
    [InlineData("s: {objectRef.resource: rolebindings, requestObject.path: /subjects/-}; condition: s")]
    [InlineData("s: {verb: list, objectRef.name: x}; condition: s")]
    [InlineData("s: {user.username|startswith: a}; t: {user.username|startswith: ab}; condition: s and not t")]
    public void What_can_happen_is_not_called_dead(string detection) => Assert.DoesNotContain("VL1201", CodesOf(detection));

    [Theory]
    [InlineData("s: {verb: '*'}; condition: s", "VL1204,VL1304")]
    [InlineData("s: {verb: get}; condition: s or not s", "VL1204,VL1304")]
    [InlineData("s: {verb: get, vedette.success: true}; unused: {verb: list}; condition: s", "VL1205")]
    [InlineData("s: {verb: get, vedette.success: true}; t: {stage: Never}; condition: s or t", "VL1101,VL1202")]
    [InlineData("s: {verb: get, vedette.success: true}; f: {verb: list}; condition: s and not f", "VL1203")]
    public void Conditions_that_do_not_say_what_they_seem_to_are_found(string detection, string expected) => AssertCodes(detection, expected);

    [Theory]
    [InlineData("s: {verb: create, objectRef.resource: pods, vedette.success: true}; condition: s", "VL1301")]
    [InlineData("s: {verb: create, objectRef.resource: serviceaccounts, vedette.success: true}; condition: s", "VL1301")]
    [InlineData("s: {verb: create, vedette.resource: pods, vedette.success: true}; condition: s", "")]
    [InlineData("s: {verb: create, objectRef.resource: pods, vedette.success: true}; f: {objectRef.subresource: '*'}; condition: s and not f", "")]
    [InlineData("s: {verb: delete, objectRef.resource: secrets, vedette.success: true}; condition: s", "VL1302")]
    [InlineData("s: {verb: [delete, deletecollection], objectRef.resource: secrets, vedette.success: true}; condition: s", "")]
    [InlineData("s: {verb: create, objectRef.resource: pods, objectRef.subresource: exec, vedette.success: true}; condition: s", "VL1303")]
    [InlineData("s: {vedette.operation: exec, objectRef.resource: pods, vedette.success: true}; condition: s", "")]
    [InlineData("s: {verb: get, objectRef.resource: secrets}; condition: s", "VL1304")]
    [InlineData("s: {verb: get, objectRef.resource: secrets, stage: ResponseComplete}; condition: s", "")]
    [InlineData("s: {verb: get, objectRef.resource: secrets, annotations.authorization.k8s.io/decision: allow}; condition: s", "")]
    public void Traps_of_audit_data_are_found(string detection, string expected) => AssertCodes(detection, expected);

    [Theory]
    [InlineData("s: {requestObject.spec.x: y}; condition: s", "VL1401")]
    [InlineData("s: {responseObject.kind: Table}; condition: s", "VL1401,VL1402")]
    [InlineData("s: {verb: create, objectRef.resource: widgets, vedette.success: true}; f: {requestObject.spec.x: y}; condition: s and not f", "VL1403")]
    [InlineData("s: {requestObject.a: x, vedette.success: true}; t: {responseObject.b: y, vedette.success: true}; condition: s or t", "VL1401")]
    public void Rules_that_a_level_blinds_are_named(string detection, string expected) => AssertCodes(detection, expected);

    [Theory]
    [InlineData("s: {userAgent|re: '(a)\\1', vedette.success: true}; condition: s", "VL1501")]
    [InlineData("s: {userAgent|re: '.*curl.*', vedette.success: true}; condition: s", "VL1502")]
    [InlineData("s: {userAgent|re: 'a{2,900}', vedette.success: true}; condition: s", "VL1503")]
    [InlineData("s: {userAgent|re: '^curl/', vedette.success: true}; condition: s", "")]
    public void Costly_expressions_are_found(string detection, string expected) => AssertCodes(detection, expected);

    [Fact]
    public void Rules_that_repeat_another_are_found()
    {
        const string One = "title: one\nid: 00000000-0000-4000-8000-000000000001\nlevel: medium\nlogsource: {product: kubernetes}\ndetection:\n    s: {verb: [get, list], vedette.success: true, objectRef.resource: widgets}\n    condition: s\n";
        string same = One.Replace("one", "two", StringComparison.Ordinal).Replace("0001", "0002", StringComparison.Ordinal).Replace("[get, list]", "[list, get]", StringComparison.Ordinal);
        string narrower = One.Replace("one", "three", StringComparison.Ordinal).Replace("0001", "0003", StringComparison.Ordinal).Replace("[get, list]", "get", StringComparison.Ordinal);
        Assert.Contains(Lint(One, same), found => found is { Code: "VL1601", File: "f1.yml" });
        Assert.Contains(Lint(One, narrower), found => found is { Code: "VL1602", File: "f1.yml" });
        Assert.DoesNotContain(Lint(One, narrower.Replace("medium", "high", StringComparison.Ordinal)), found => found.Code is "VL1601" or "VL1602");
        Assert.DoesNotContain(Lint(One, narrower.Replace("get", "watch", StringComparison.Ordinal)), found => found.Code is "VL1601" or "VL1602");
    }

    [Fact]
    public void Correlations_and_filters_of_what_cannot_be_are_found()
    {
        const string Dead = "title: dead\nname: dead\nid: 00000000-0000-4000-8000-000000000001\nlogsource: {product: kubernetes}\ndetection:\n    s: {verb: replace}\n    condition: s\n";
        const string Live = "title: live\nname: live\nid: 00000000-0000-4000-8000-000000000002\nlogsource: {product: kubernetes}\ndetection:\n    s: {verb: get, objectRef.resource: widgets}\n    condition: s\n";
        const string Correlation = "title: c\nid: 00000000-0000-4000-8000-000000000003\ncorrelation:\n    type: event_count\n    rules: NAME\n    group-by: FIELD\n    timespan: 5m\n    condition: {gte: 3}\n";
        const string Filter = "title: f\nid: 00000000-0000-4000-8000-000000000004\nlogsource: {product: kubernetes}\nfilter:\n    rules: [live]\n    s: {verb: VERB}\n    condition: not s\n";
        Assert.Contains(Lint(Dead, Correlation.Replace("NAME", "dead", StringComparison.Ordinal).Replace("FIELD", "user.username", StringComparison.Ordinal)), found => found.Code == "VL1701");
        Diagnostic[] counted = [.. Lint(Live, Correlation.Replace("NAME", "live", StringComparison.Ordinal).Replace("FIELD", "user.name", StringComparison.Ordinal))];
        Assert.Contains(counted, found => found.Code == "VL1702");
        Assert.Contains(counted, found => found.Code == "VL1305");
        Assert.Contains(Lint(Live, Filter.Replace("VERB", "list", StringComparison.Ordinal)), found => found.Code == "VL1903");
        Assert.Contains(Lint(Live, Filter.Replace("VERB", "get", StringComparison.Ordinal)), found => found.Code == "VL1904");
        Assert.Contains(Lint(Dead, Filter), found => found.Code == "VL1901");
        Assert.Contains(Lint(Dead, Filter), found => found.Code == "VL1902");
    }

    [Fact]
    public void A_place_is_that_of_the_value_or_of_the_field()
    {
        Diagnostic[] found = [.. Lint(Head + "    s:\n        objectRef.kind: Pod\n        verb:\n            - get\n            - replace\n    condition: s\n")];
        Assert.Contains(found, one => one is { Code: "VL1001", Line: 8, Column: 9 });
        Assert.Contains(found, one => one is { Code: "VL1102", Line: 11, Column: 15 });
    }

    [Fact]
    public void The_dead_rules_of_SigmaHQ_are_the_five_that_are_dead()
    {
        string folder = SharedData.Third("sigma/rules/kubernetes_audit");
        SigmaRuleSet set = SigmaLoader.Load([.. Directory.EnumerateFiles(folder, "*.yml").Select(file => new SigmaFile(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file)))], new SigmaOptions());
        Assert.Equal(16, set.Rules.Length);
        Assert.Equal(
            ["hostpath_mount", "potential_enumeration_activity", "privileged_pod_creation", "rbac_permisions_listing", "sidecar_injection"],
            RuleLinter.Lint(set, _ => true).Where(found => found.Code == "VL1201").Select(found => found.File.Replace("kubernetes_audit_", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_pack_is_clean()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules"), "*.yml", SearchOption.AllDirectories).Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal))];
        SigmaRuleSet set = SigmaLoader.Load([.. files.Select(file => new SigmaFile(file, File.ReadAllText(file)))], new SigmaOptions());
        Assert.Empty(RuleLinter.Lint(set, file => File.Exists(file[..^".yml".Length] + RuleTests.Suffix)).Where(found => found.Severity >= DiagnosticSeverity.Warning));
    }

    [Fact]
    public void Every_code_has_a_row_in_the_manual()
    {
        string page = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "lint.md"));
        Assert.All(LintCode.All, code => Assert.Contains($"| {code.Id} |", page, StringComparison.Ordinal));
        Assert.Equal(LintCode.All.Length, page.Split('\n').Count(line => line.StartsWith("| VL", StringComparison.Ordinal)));
    }

    [Fact]
    public void No_rule_that_its_own_tests_match_is_called_impossible()
    {
        EventLogic logic = new();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules", "kubernetes"), "*.yml", SearchOption.AllDirectories).Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal)))
        {
            foreach (DetectionRule rule in SigmaLoader.Load([new SigmaFile(file, File.ReadAllText(file))], new SigmaOptions()).Rules)
            {
                Assert.True(logic.IsPossible(rule.Condition), file);
            }
        }
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(2_000, true)]
    public void What_is_too_large_to_be_compared_counts_as_possible(int values, bool possible)
    {
        Condition[] tests = [.. Enumerable.Range(0, values).Select(i => Events.Field("requestObject.x", $"v{i}"))];
        Condition excluded = new Condition.All([.. tests.Select(test => new Condition.Not(test))]);
        Assert.Equal(possible, new EventLogic().IsPossible(new Condition.Any([.. tests]), excluded));
    }

    [Fact]
    public void Exclusions_beyond_the_bound_are_not_looked_at()
    {
        string[] useless = [.. Enumerable.Range(0, LogicLint.MaxExclusions + 50).Select(i => $"u{i}: {{verb: list, requestURI: '/{i}'}}")];
        Assert.Equal(
            LogicLint.MaxExclusions,
            Lint(Head + "    s: {verb: get}\n" + string.Concat(useless.Select(line => $"    {line}\n")) + "    condition: s and not 1 of u*\n").Count(found => found.Code == "VL1203"));
    }

    private static void AssertCodes(string detection, string expected) => Assert.Equal(expected, string.Join(',', CodesOf(detection).Order(StringComparer.Ordinal)));
}
