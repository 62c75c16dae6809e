using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Documents;
using Xunit;

namespace Vedette.Detection.Tests.Testing;

public class RuleTestsTests
{
    private static readonly DetectionRule s_deletes = SigmaLoader.Load(
        [new SigmaFile("rule.yml", "title: t\nlogsource: {product: kubernetes}\ndetection:\n    sel: {verb: delete, objectRef.resource: pods}\n    condition: sel\n")],
        new SigmaOptions()).Rules[0];

    [Fact]
    public void An_event_is_laid_over_the_base_and_a_null_takes_a_member_away()
    {
        RuleTest test = Assert.Single(Read("""
            base: {verb: get, objectRef: {resource: pods, name: x}, user: {username: alice}}
            match:
                - name: n
                  event: {verb: delete, objectRef: {name: y}, user: ~}
            """));
        Assert.Equal("""{"verb":"delete","objectRef":{"resource":"pods","name":"y"}}""", Text(test.Events[0]));
        Assert.Null(RuleTests.Run(s_deletes, test));
    }

    [Fact]
    public void A_sequence_has_times_and_identities_and_numbers_its_repetitions()
    {
        RuleTest test = Assert.Single(Read("""
            match:
                - name: n
                  sequence:
                      - at: -1d
                        event: {verb: get}
                      - at: 5m
                        repeat: 2
                        every: 30s
                        event: {verb: delete, objectRef: {resource: pods, name: 'pod-{n}'}}
                  findings: 2
            """));
        Assert.Equal(["2025-12-31T00:00:00.000000Z", "2026-01-01T00:05:00.000000Z", "2026-01-01T00:05:30.000000Z"], test.Events.Select(item => Member(item, "stageTimestamp")));
        Assert.Equal(3, test.Events.Select(item => Member(item, "auditID")).Distinct(StringComparer.Ordinal).Count());
        Assert.Contains("\"pod-1\"", Text(test.Events[2]), StringComparison.Ordinal);
        Assert.Null(RuleTests.Run(s_deletes, test));
        Assert.NotNull(RuleTests.Run(s_deletes, test with { Findings = 1 }));
        Assert.NotNull(RuleTests.Run(s_deletes, test with { MustMatch = false }));
    }

    [Theory]
    [InlineData("match:\n    - name: n\n")]
    [InlineData("match:\n    - event: {}\n")]
    [InlineData("match: {}\n")]
    [InlineData("base: 1\n")]
    [InlineData("match:\n    - name: n\n      sequence: [{at: soon, event: {}}]\n")]
    [InlineData("match:\n    - name: n\n      sequence: [{repeat: 100000, event: {}}]\n")]
    [InlineData("match:\n    - name: n\n      event: {}\n      evnt: {}\n")]
    public void What_is_wrong_with_a_test_is_told_with_its_line(string text)
    {
        List<Diagnostic> diagnostics = [];
        RuleTests.Read("x.tests.yml", text, diagnostics);
        Assert.Contains(diagnostics, diagnostic => diagnostic is { Severity: DiagnosticSeverity.Error, Line: > 0 });
    }

    private static ImmutableArray<RuleTest> Read(string text)
    {
        List<Diagnostic> diagnostics = [];
        ImmutableArray<RuleTest> tests = RuleTests.Read("x.tests.yml", text, diagnostics);
        Assert.Empty(diagnostics);
        return tests;
    }

    private static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    private static string? Member(ReadOnlyMemory<byte> json, string name) => JsonDocument.Parse(json).RootElement.GetProperty(name).GetString();
}
