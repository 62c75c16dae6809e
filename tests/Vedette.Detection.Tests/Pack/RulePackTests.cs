using System.Text.RegularExpressions;
using Vedette.Detection.Rules;
using Vedette.Detection.Testing;
using Vedette.Documents;
using Xunit;

namespace Vedette.Detection.Tests.Pack;

public class RulePackTests
{
    public static TheoryData<string> Files => [.. PackFile.Paths];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_rule_is_complete_and_its_tests_hold(string path)
    {
        PackFile file = PackFile.Read(path);
        Assert.Empty(file.Set.Diagnostics);
        DetectionRule rule = Assert.IsType<DetectionRule>(file.Main);
        Assert.All(file.Set.Rules, part => Assert.True(part.LogSource.IsKubernetesAudit));
        Assert.Equal(file.Name, rule.Name);
        Assert.True(Guid.TryParse(rule.Id, out _));
        Assert.NotEqual(RuleLevel.Unset, rule.Level);
        Assert.NotNull(rule.Description);
        Assert.NotEmpty(rule.References);
        Assert.NotEmpty(rule.FalsePositives);
        Assert.Contains(rule.Tags, tag => Regex.IsMatch(tag, "^attack\\.t\\d{4}"));
        Assert.Contains(rule.Tags, tag => Regex.IsMatch(tag, "^attack\\.[a-z-]+$"));

        List<Diagnostic> diagnostics = [];
        RuleTest[] tests = [.. RuleTests.Read(path, file.TestsText, diagnostics)];
        Assert.Empty(diagnostics);
        Assert.True(tests.Count(test => test.MustMatch) >= 3 && tests.Count(test => !test.MustMatch) >= 3, "three tests of each kind");
        Assert.All(tests, test => Assert.True(RuleTests.Run(file.Set, rule, test) is null, $"{test.Name}: {RuleTests.Run(file.Set, rule, test)}"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_rule_says_what_it_is_for_and_what_to_do_next(string path)
    {
        DetectionRule rule = Assert.IsType<DetectionRule>(PackFile.Read(path).Main);
        Assert.NotEmpty(rule.Behaviours);
        Assert.NotEmpty(rule.NextSteps);
    }

    [Fact]
    public void What_needs_more_than_one_event_is_shown_firing_on_a_sequence()
    {
        PackFile[] files = [.. PackFile.Paths.Select(PackFile.Read).Where(file => !file.Set.Correlations.IsEmpty || file.Main?.NewTerms is not null)];
        Assert.NotEmpty(files);
        foreach (PackFile file in files)
        {
            RuleTest[] tests = [.. RuleTests.Read(file.Path, file.TestsText, [])];
            // One sequence that fires and one that does not: else the threshold, the window or the memory could be anything.
            Assert.True(tests.Any(test => test is { IsSequence: true, MustMatch: true, Rule: null }), $"{file.Path}: no sequence that must match");
            Assert.True(tests.Any(test => test is { IsSequence: true, MustMatch: false, Rule: null }), $"{file.Path}: no sequence that must not match");
        }
    }

    [Fact]
    public void Ids_names_and_titles_are_unique()
    {
        DetectionRule[] rules = [.. PackFile.Paths.Select(PackFile.Read).SelectMany(file => file.Set.Rules.Concat(file.Set.Correlations.Select(correlation => correlation.Attributes)))];
        Assert.True(rules.Length >= 20);
        Assert.Equal(rules.Length, rules.Select(rule => rule.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(rules.Length, rules.Select(rule => rule.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(rules.Length, rules.Select(rule => rule.Title).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void No_rule_trusts_the_whole_system_prefix()
    {
        foreach (PackFile file in PackFile.Paths.Select(PackFile.Read))
        {
            foreach (Match filter in Regex.Matches(file.Text, "    filter_\\w+:\\n(?:        .*\\n)+"))
            {
                Assert.False(
                    filter.Value.Contains("user.username|startswith: 'system:'", StringComparison.Ordinal) && !filter.Value.Contains("impersonatedUser", StringComparison.Ordinal),
                    file.Path);
            }
        }
    }
}
