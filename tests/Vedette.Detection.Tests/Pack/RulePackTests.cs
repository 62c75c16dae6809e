using System.Text.RegularExpressions;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Pack;

public class RulePackTests
{
    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules", "kubernetes"), "*.yml").Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal)).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_rule_is_complete_and_its_tests_hold(string name)
    {
        string path = Path.Combine(SharedData.Root, "rules", "kubernetes", name);
        SigmaRuleSet set = SigmaLoader.Load([new SigmaFile(name, File.ReadAllText(path + ".yml"))], new SigmaOptions());
        Assert.Empty(set.Diagnostics);
        DetectionRule rule = Assert.Single(set.Rules);
        Assert.True(rule.LogSource.IsKubernetesAudit);
        Assert.Equal(name, rule.Name);
        Assert.True(Guid.TryParse(rule.Id, out _));
        Assert.NotEqual(RuleLevel.Unset, rule.Level);
        Assert.NotNull(rule.Description);
        Assert.NotEmpty(rule.References);
        Assert.NotEmpty(rule.FalsePositives);
        Assert.Contains(rule.Tags, tag => Regex.IsMatch(tag, "^attack\\.t\\d{4}"));
        Assert.Contains(rule.Tags, tag => Regex.IsMatch(tag, "^attack\\.[a-z-]+$"));

        List<Diagnostic> diagnostics = [];
        RuleTest[] tests = [.. RuleTests.Read(name, File.ReadAllText(path + RuleTests.Suffix), diagnostics)];
        Assert.Empty(diagnostics);
        Assert.True(tests.Count(test => test.MustMatch) >= 3 && tests.Count(test => !test.MustMatch) >= 3, "three tests of each kind");
        Assert.All(tests, test => Assert.True(RuleTests.Run(rule, test) is null, $"{test.Name}: {RuleTests.Run(rule, test)}"));
    }

    [Fact]
    public void Ids_and_titles_are_unique_and_documented()
    {
        DetectionRule[] rules = [.. Files.Select(row => SigmaLoader.Load([new SigmaFile(row.Data, File.ReadAllText(Path.Combine(SharedData.Root, "rules", "kubernetes", row.Data + ".yml")))], new SigmaOptions()).Rules[0])];
        Assert.True(rules.Length >= 20);
        Assert.Equal(rules.Length, rules.Select(rule => rule.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(rules.Length, rules.Select(rule => rule.Title).Distinct(StringComparer.Ordinal).Count());
        string page = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "detections.md"));
        Assert.All(rules, rule => Assert.Contains(rule.Title, page, StringComparison.Ordinal));
    }

    [Fact]
    public void No_rule_trusts_the_whole_system_prefix()
    {
        foreach (string name in Files.Select(row => row.Data))
        {
            string text = File.ReadAllText(Path.Combine(SharedData.Root, "rules", "kubernetes", name + ".yml"));
            foreach (Match filter in Regex.Matches(text, "    filter_\\w+:\\n(?:        .*\\n)+"))
            {
                Assert.False(
                    filter.Value.Contains("user.username|startswith: 'system:'", StringComparison.Ordinal) && !filter.Value.Contains("impersonatedUser", StringComparison.Ordinal),
                    name);
            }
        }
    }
}
