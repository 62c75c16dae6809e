using System.Text.RegularExpressions;
using Vedette.Documents;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Testing;
using Vedette.Tests;
using Xunit;

namespace Vedette.Policy.Tests.Testing;

public partial class PolicyTestFileTests
{
    private static readonly AuditPolicy s_recommended = PolicyLoader.Load("recommended", File.ReadAllBytes(Path.Combine(SharedData.Root, "policies", "recommended.yaml"))).Policy!;

    [Fact]
    public void The_tests_of_the_documentation_hold_for_the_recommended_policy()
    {
        PolicyTestFile file = Read(Example().Match(File.ReadAllText(Path.Combine(SharedData.Root, "docs", "policy-tests.md"))).Groups["yaml"].Value);
        Assert.Equal("audit-policy.yaml", file.Policy);
        Assert.Equal(4, file.Tests.Length);
        Assert.All(file.Tests, test => Assert.Empty(test.Run(s_recommended)));
    }

    [Fact]
    public void A_test_that_does_not_hold_says_which_rule_decided()
    {
        PolicyTestFile file = Read("""
            tests:
                - name: n
                  request: {verb: create, resource: pods, namespace: prod}
                  expect: {level: None, stages: [], rule: none, omitManagedFields: false}
            """);
        Assert.Collection(
            Assert.Single(file.Tests).Run(s_recommended),
            failure => Assert.Equal("level is Request, should be None (rules[7] on line 76 decides)", failure),
            failure => Assert.Equal("stages written are ResponseComplete, should be none (rules[7] on line 76 decides)", failure),
            failure => Assert.Equal("rules[7] on line 76 decides, should be no rule", failure),
            failure => Assert.Equal("managedFields are left out, should be kept (rules[7] on line 76 decides)", failure));
    }

    [Theory]
    [InlineData("tests: 1")]
    [InlineData("test: []")]
    [InlineData("tests: [{name: n, request: {verb: get, resource: pods}}]")]
    [InlineData("tests: [{name: n, request: {verb: get, resource: pods, namespace: a}, expect: {level: None}}]")]
    [InlineData("tests: [{name: n, request: {verb: list, resource: pods, nmespace: a}, expect: {level: None}}]")]
    [InlineData("tests: [{name: n, request: {verb: replace, resource: pods, name: a}, expect: {level: None}}]")]
    [InlineData("tests: [{name: n, request: {uri: /api/v1/watch}, expect: {level: None}}]")]
    [InlineData("tests: [{name: n, request: {uri: /}, expect: {level: none}}]")]
    [InlineData("tests: [{name: n, request: {uri: /}, expect: {stages: [Complete]}}]")]
    [InlineData("tests: [{name: n, request: {uri: /}, expect: {}}]")]
    [InlineData("tests: [{name: n, request: {uri: /}, expect: {rule: -2}}]")]
    public void A_mistake_in_a_test_is_told_with_its_place(string text)
    {
        List<Diagnostic> diagnostics = [];
        PolicyTestFile.Read("x.yaml", text, diagnostics);
        Assert.Contains(diagnostics, diagnostic => diagnostic is { Code: "VP3001", Line: 1, Column: > 0 });
    }

    [Theory]
    [InlineData("system:serviceaccount:ci:builder", "system:serviceaccounts:ci")]
    [InlineData("system:node:n1", "system:nodes")]
    [InlineData("system:anonymous", "system:unauthenticated")]
    [InlineData("alice", "system:authenticated")]
    public void Groups_that_follow_from_a_name_are_added(string user, string group)
    {
        PolicyTestFile file = Read($"tests: [{{name: n, request: {{uri: /, user: '{user}'}}, expect: {{level: None}}}}]");
        Assert.Contains(group, Assert.Single(file.Tests).Request.User!.Groups);
    }

    private static PolicyTestFile Read(string text)
    {
        List<Diagnostic> diagnostics = [];
        PolicyTestFile file = PolicyTestFile.Read("x.yaml", text, diagnostics);
        Assert.Empty(diagnostics);
        return file;
    }

    [GeneratedRegex("```yaml\n(?<yaml>.*?\n)```", RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Example();
}
