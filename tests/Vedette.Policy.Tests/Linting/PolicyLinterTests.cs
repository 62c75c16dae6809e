using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Vedette.Documents;
using Vedette.Policy.Linting;
using Vedette.Policy.Loading;
using Vedette.Policy.Reachability;
using Vedette.Tests;
using Xunit;

namespace Vedette.Policy.Tests.Linting;

public partial class PolicyLinterTests
{
    private const string Head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

    public static TheoryData<string> Pages =>
        [.. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "docs", "policy-lint"), "VP*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Presets =>
        [.. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "policies"), "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void What_is_undecided_is_said()
    {
        const string Text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
        LoadedPolicy loaded = PolicyLoader.Load("p", Encoding.UTF8.GetBytes(Text), KubernetesVersion.Default);
        Assert.Contains(PolicyLinter.Lint(loaded, Text, [new RuleReachability(0, Reach.Undecided, null, [], IsComplete: false)]), found => found is { Code: "VP2022", Line: 4 });
        Assert.DoesNotContain(PolicyLinter.Lint(loaded, Text), found => found.Code == "VP2022");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_page_of_a_check_shows_what_it_finds_and_what_it_does_not(string id)
    {
        Assert.SkipWhen(id == PolicyChecks.Undecided.Id, "what shows it is too large for a page; another test does");
        string page = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "policy-lint", id + ".md"));
        MatchCollection examples = Example().Matches(page);
        Assert.Equal(2, examples.Count);
        KubernetesVersion version = id == "VP1009" ? new KubernetesVersion(20) : KubernetesVersion.Default;
        Assert.Contains(Lint(examples[0].Groups["yaml"].Value, version), found => found.Code == id && found.Line > 0 && found.Help is not null);
        Assert.DoesNotContain(Lint(examples[1].Groups["yaml"].Value, version), found => found.Code == id);
        if (PolicyChecks.All.FirstOrDefault(check => check.Id == id) is { } check)
        {
            Assert.StartsWith($"# {id}: {check.Title}\n\nSeverity: {(check.Severity == DiagnosticSeverity.Information ? "note" : check.Severity.ToString().ToLowerInvariant())}\n", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_check_has_a_page_and_every_page_a_check()
    {
        string[] loading = [.. Enumerable.Range(1001, 9).Select(number => $"VP{number}")];
        Assert.Equal(loading.Concat(PolicyChecks.All.Select(check => check.Id)).Order(StringComparer.Ordinal), Pages.Select(page => page.Data));
    }

    [Fact]
    public void The_classic_wrong_policy_is_told_all_that_is_wrong_with_it()
    {
        ImmutableArray<Diagnostic> found = Lint(
            Head + "- level: Metadata\n  omitStages: [RequestReceived]\n- level: RequestResponse\n  users: [\"system:serviceaccount:kube-system:anonymous\"]\n"
            + "  resources:\n  - group: \"\"\n    resources: [secrets, configmaps]\n");
        Assert.Contains(found, item => item is { Code: "VP2020", Severity: DiagnosticSeverity.Error, Line: 6 } && item.Message.Contains("rules[1] is unreachable", StringComparison.Ordinal));
        Assert.Contains(found, item => item is { Code: "VP2010", Severity: DiagnosticSeverity.Error, Line: 7 } && item.Message.Contains("not the anonymous user", StringComparison.Ordinal));
        Assert.Contains(found, item => item is { Code: "VP2030", Severity: DiagnosticSeverity.Error, Line: 6 } && item.Message.Contains("would log, were it reached, values of Secrets", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kinds", "Deployment", "apps", "deployments")]
    [InlineData("short names", "deploy", "apps", "deployments")]
    [InlineData("capitals", "Deployments", "apps", "deployments")]
    [InlineData("another group", "deployments", "", "apps")]
    [InlineData("alone", "exec", "", "pods/exec")]
    [InlineData("a slip in the subresource", "pods/exce", "", "exec")]
    [InlineData("a slash too many", "pods/", "", "pods")]
    public void A_resource_by_a_wrong_name_is_told_the_right_one(string what, string written, string group, string right)
    {
        ImmutableArray<Diagnostic> found = Lint($"{Head}- level: Request\n  resources:\n  - group: \"{group}\"\n    resources: [\"{written}\"]\n");
        Assert.True(found.Any(item => item is { Code: "VP2006" or "VP2008", Line: 7 } && item.Help!.Contains(right, StringComparison.Ordinal)), what);
    }

    [Fact]
    public void Custom_resources_are_nobodys_business() =>
        Assert.DoesNotContain(
            Lint(Head + "- level: Request\n  resources:\n  - group: argoproj.io\n    resources: [applications, applications/status]\n- level: Metadata\n"),
            item => item.Code is "VP2004" or "VP2006" or "VP2007" or "VP2008");

    [Fact]
    public void A_comment_with_a_reason_ignores_one_check_for_its_line_or_its_rule()
    {
        const string rule = "- level: RequestResponse\n  resources:\n  - group: \"\"\n    resources: [secrets]\n- level: Metadata\n";
        Assert.Contains(Lint(Head + rule), item => item.Code == "VP2030");
        ImmutableArray<Diagnostic> ignored = Lint($"{Head}# vedette-ignore: VP2030 a honeypot, nothing in it is real\n{rule}");
        Assert.DoesNotContain(ignored, item => item.Code is "VP2030" or "VP2080");
        Assert.Contains(ignored, item => item.Code == "VP2060");
        Assert.Contains(Lint($"{Head}# vedette-ignore: VP2030\n{rule}"), item => item.Code == "VP2030");
        Assert.Contains(Lint(Head + rule.Replace("- level: Metadata", "# vedette-ignore: VP2030 elsewhere\n- level: Metadata", StringComparison.Ordinal)), item => item.Code == "VP2030");
        Assert.DoesNotContain(Lint(Head + "- level: Metadata\n  users: [anonymous] # vedette-ignore: VP2010 a person of that name\n- level: Metadata\n"), item => item.Code == "VP2010");
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_preset_has_exactly_the_faults_that_are_known_of_it(string name)
    {
        string file = Path.Combine(SharedData.Root, "policies", name + ".yaml");
        string[] actual = [.. Lint(File.ReadAllText(file)).Select(item => $"{item.Code}:{item.Line}")];
        string[] known =
        [
            .. File.ReadLines(SharedData.Case("policy/preset-faults.tsv")).Where(line => !line.StartsWith('#')).Select(line => line.Split('\t')).Where(cells => cells[0] == name)
                .Select(cells => cells[1]),
        ];
        Assert.Equal(known, actual);
    }

    [Theory]
    [InlineData("minimal")]
    [InlineData("recommended")]
    [InlineData("compliance")]
    [InlineData("forensic")]
    public void Our_own_presets_load_everywhere_and_have_no_error_and_no_warning(string name)
    {
        string text = File.ReadAllText(Path.Combine(SharedData.Root, "policies", name + ".yaml"));
        Assert.DoesNotContain(Lint(text), item => item.Severity >= DiagnosticSeverity.Warning);
        Assert.NotNull(PolicyLoader.Load(name, Encoding.UTF8.GetBytes(text), new KubernetesVersion(28)).Policy);
    }

    [Fact]
    public void Rules_that_cover_a_later_one_together_are_all_named() =>
        Assert.Contains(
            Lint(Head + "- level: None\n  verbs: [get, list, watch]\n- level: Metadata\n  verbs: [create, update, patch, delete, deletecollection]\n- level: Request\n  resources:\n  - group: apps\n- level: Metadata\n"),
            found => found is { Code: "VP2020", Line: 8 } && found.Message.Contains("rules[0] (line 4) and rules[1] (line 6) together match all its requests", StringComparison.Ordinal));

    [Fact]
    public void No_text_makes_the_linter_throw() =>
        Gen.String[0, 200].Sample(noise =>
        {
            Lint(noise);
            Lint(Head + noise);
            Lint($"{Head}- level: Request\n  users: [{noise.Replace('\n', ' ')}]\n");
        });

    private static ImmutableArray<Diagnostic> Lint(string text) => Lint(text, KubernetesVersion.Default);

    private static ImmutableArray<Diagnostic> Lint(string text, KubernetesVersion version) =>
        PolicyLinter.Lint(PolicyLoader.Load("policy.yaml", Encoding.UTF8.GetBytes(text), version), text);

    [GeneratedRegex("```yaml\n(?<yaml>.*?\n)```", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Example();
}
