using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Documents;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Pack;

public class FilterPackTests
{
    private static string Folder => Path.Combine(SharedData.Root, "rules", "filters");

    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Folder, "*.yml").Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal)).Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_filter_is_complete_and_its_tests_hold(string name)
    {
        string path = Path.Combine(Folder, name);
        SigmaRuleSet set = SigmaLoader.Load([new SigmaFile(name, File.ReadAllText(path + ".yml"))], new SigmaOptions());
        Assert.Empty(set.Diagnostics);
        RuleFilter filter = Assert.Single(set.Filters);
        Assert.Equal(name.Replace('-', '_'), filter.Name);
        Assert.True(Guid.TryParse(filter.Id, out _));
        Assert.True(filter.Description?.Length > 80, "a filter says why it is safe");
        Assert.NotNull(filter.Rules);

        List<Diagnostic> diagnostics = [];
        RuleTest[] tests = [.. RuleTests.Read(name, File.ReadAllText(path + RuleTests.Suffix), diagnostics)];
        Assert.Empty(diagnostics);
        Assert.True(tests.Count(test => test.MustMatch) >= 2 && tests.Any(test => !test.MustMatch), "events it lets through and events it suppresses");
        Assert.All(tests, test => Assert.True(RuleTests.Run(filter, test) is null, $"{test.Name}: {RuleTests.Run(filter, test)}"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_filter_trusts_neither_a_prefix_of_system_nor_a_user_agent_nor_a_bare_image(string name)
    {
        RuleFilter filter = SigmaLoader.Load([new SigmaFile(name, File.ReadAllText(Path.Combine(Folder, name + ".yml")))], new SigmaOptions()).Filters[0];
        foreach ((string path, TextPattern pattern) in Tests(filter.Condition))
        {
            Assert.NotEqual("userAgent", path);
            Assert.False(path is "user.username" or "user.groups" or "vedette.actor" && pattern.ToString() is "system:*" or "*" or "system:serviceaccount:*", $"{path}: {pattern}");
            Assert.False(path.EndsWith("images", StringComparison.Ordinal) && !pattern.ToString().Contains('/', StringComparison.Ordinal), $"{path}: {pattern}");
        }
    }

    private static IEnumerable<(string Path, TextPattern Pattern)> Tests(Condition condition) => condition switch
    {
        Condition.All all => all.Of.SelectMany(Tests),
        Condition.Any any => any.Of.SelectMany(Tests),
        Condition.Not not => Tests(not.Of),
        Condition.Field { Test: ValueTest.Text text } field => [(field.Path, text.Pattern)],
        _ => [],
    };

    [Fact]
    public void Filters_apply_to_rules_of_the_pack()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules"), "*.yml", SearchOption.AllDirectories).Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal))];
        SigmaRuleSet set = SigmaLoader.Load([.. files.Select(file => new SigmaFile(file, File.ReadAllText(file)))], new SigmaOptions());
        Assert.All(set.Filters, filter => Assert.Contains(set.Rules, filter.AppliesTo));
    }
}
