using System.Text.Json;
using System.Xml.Linq;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

public class RuleWorkTests
{
    private const string Dead = """
        title: Replaced
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {verb: replace}, condition: sel}
        level: low
        """;

    [Fact]
    public void Lint_names_the_rule_that_can_never_fire_and_fails()
    {
        using Workspace files = new();
        string rule = files.Write("dead.yml", Dead);
        Answer answer = VedetteProgram.Run("rules", "lint", rule);
        Assert.Equal(1, answer.Exit);
        Assert.Contains($"{rule}:3:", answer.Out, StringComparison.Ordinal);
        Assert.Contains("replace", answer.Out, StringComparison.Ordinal);
        Assert.Equal(0, VedetteProgram.Run("rules", "lint", rule, "--fail-on", "never").Exit);
        JsonElement run = JsonDocument.Parse(VedetteProgram.Run("rules", "lint", rule, "-o", "sarif").Out).RootElement.GetProperty("runs")[0];
        Assert.NotEmpty(run.GetProperty("results").EnumerateArray());
        Assert.Equal(0, VedetteProgram.Run("rules", "lint", "--fail-on", "warning").Exit);
    }

    [Theory]
    [InlineData("builtin:", "list", "-o", "json")]
    [InlineData("rules/", "lint", "--fail-on", "never", "-o", "sarif")]
    public void The_rules_inside_the_program_are_those_of_the_folder_it_was_built_from(string prefix, params string[] command)
    {
        string folder = Path.Combine(SharedData.Root, "rules");
        string inside = VedetteProgram.Run(["rules", .. command]).Out;
        string outside = VedetteProgram.Run(["rules", .. command, folder]).Out;
        Assert.Equal(outside.Replace(folder + "/", prefix, StringComparison.Ordinal), inside);
    }

    [Fact]
    public void Coverage_is_a_table_and_a_layer_for_the_navigator()
    {
        Assert.Contains("T1609", VedetteProgram.Run("rules", "coverage").Out, StringComparison.Ordinal);
        JsonElement layer = JsonDocument.Parse(VedetteProgram.Run("rules", "coverage", "-o", "navigator").Out).RootElement;
        Assert.Equal("4.5", layer.GetProperty("versions").GetProperty("layer").GetString());
        Assert.Contains(layer.GetProperty("techniques").EnumerateArray(), technique => technique.GetProperty("techniqueID").GetString() == "T1609");
    }

    [Fact]
    public void Explain_says_which_part_of_a_rule_held()
    {
        using Workspace files = new();
        string rule = files.Write("rule.yml", Workspace.SecretRule);
        Answer answer = VedetteProgram.Run("rules", "explain", rule, "--event", files.Write("event.json", Workspace.Event(verb: "list")));
        Assert.Equal(0, answer.Exit);
        Assert.Contains("verb", answer.Out, StringComparison.Ordinal);
        Assert.Contains("false", answer.Out, StringComparison.Ordinal);
        Assert.Contains("true", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Tune_proposes_a_filter_for_what_one_identity_does_again_and_again()
    {
        using Workspace files = new();
        string rule = files.Write("rule.yml", Workspace.SecretRule);
        string log = files.Write("audit.log", string.Concat(Enumerable.Range(0, 40).Select(number => Workspace.Event($"{number}", user: "system:serviceaccount:ops:reader"))));
        Answer unproven = VedetteProgram.Run("rules", "tune", rule, "--log", log, "-o", "yaml");
        Assert.Equal((0, ""), (unproven.Exit, unproven.Out));
        Assert.Contains("no tests beside", unproven.Error, StringComparison.Ordinal);
        files.Write("rule.tests.yml", "match:\n    - name: somebody else\n      event: {verb: get, user: {username: eve}, objectRef: {resource: secrets, namespace: prod, name: db}}\n");
        Answer answer = VedetteProgram.Run("rules", "tune", rule, "--log", log, "-o", "yaml");
        Assert.Equal(0, answer.Exit);
        string filter = files.Write("filter.yml", answer.Out);
        Assert.Contains("system:serviceaccount:ops:reader", answer.Out, StringComparison.Ordinal);
        Assert.NotEmpty(VedetteProgram.Run("scan", "--rules", rule, "-o", "jsonl", log).Out);
        Answer filtered = VedetteProgram.Run("scan", "--rules", rule, "--rules", filter, "-o", "jsonl", "--stats", log);
        Assert.Equal("", filtered.Out);
        Assert.NotEmpty(VedetteProgram.Run("scan", "--rules", rule, "--rules", filter, "--without-filter", "all", "-o", "jsonl", log).Out);
    }

    [Fact]
    public void Tests_of_rules_speak_junit()
    {
        using Workspace files = new();
        string rule = files.Write("secret.yml", Workspace.SecretRule);
        files.Write("secret.tests.yml", """
            match:
                - name: read
                  event: {verb: get, objectRef: {resource: secrets}}
            no_match:
                - name: wrong on purpose
                  event: {verb: get, objectRef: {resource: secrets}}
            """);
        Answer answer = VedetteProgram.Run("rules", "test", rule, "-o", "junit");
        Assert.Equal(1, answer.Exit);
        XDocument report = XDocument.Parse(answer.Out);
        Assert.Equal(2, report.Descendants("testcase").Count());
        Assert.Single(report.Descendants("failure"));
    }

    [Fact]
    public void A_correlation_gives_one_finding_with_its_group_and_window()
    {
        using Workspace files = new();
        string rules = files.Write("rules.yml", Workspace.SecretRule.Replace("title: Secret read", "title: Secret read\nname: read", StringComparison.Ordinal) + """

            ---
            title: Many secrets
            correlation: {type: value_count, rules: [read], group-by: [user.username], timespan: 5m, condition: {field: objectRef.name, gte: 3}}
            level: high
            """);
        string log = files.Write("audit.log", string.Concat(Enumerable.Range(0, 3).Select(number => Workspace.Event($"{number}", name: $"db-{number}"))));
        JsonElement finding = JsonDocument.Parse(VedetteProgram.Run("scan", "--rules", rules, "-o", "jsonl", log).Out).RootElement;
        Assert.Equal("Many secrets", finding.GetProperty("rule").GetProperty("title").GetString());
        Assert.Equal("alice", finding.GetProperty("group").GetProperty("user.username").GetString());
        Assert.Equal(3, finding.GetProperty("count").GetInt32());
        Assert.Equal(3, finding.GetProperty("events").GetArrayLength());
        Assert.True(finding.TryGetProperty("window", out _));
    }
}
