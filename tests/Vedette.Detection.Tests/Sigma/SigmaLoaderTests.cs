using CsCheck;
using Vedette.Detection.Sigma;
using Vedette.Detection.Yaml;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Sigma;

public class SigmaLoaderTests
{
    private const string Frame = "title: t\nlogsource: {product: kubernetes}\ndetection:\n    a: {x: 1}\n    b: {y: 1}\n    sel-c: {z: 1}\n    _d: {w: 1}\n    notable: {v: 1}\n    condition: ";

    [Theory]
    [InlineData("a or b and sel-c", "Any(a,All(b,sel-c))")]
    [InlineData("not a and b", "All(Not(a),b)")]
    [InlineData("not not a", "a")]
    [InlineData("not (a or b)", "Not(Any(a,b))")]
    [InlineData("notable", "notable")]
    [InlineData("1 of them", "Any(a,b,sel-c,notable)")]
    [InlineData("all of _*", "_d")]
    [InlineData("a and _d", "All(a,_d)")]
    [InlineData("a or 1 of nothing_*", "a")]
    [InlineData("any of *a*", "Any(a,notable)")]
    public void Conditions_bind_as_Sigma_says(string condition, string expected)
    {
        ConditionExpression? expression = ConditionParser.Parse(condition, ["a", "b", "sel-c", "_d", "notable"], (_, _, _) => { });
        Assert.Equal(expected, Describe(expression));

        static string Describe(ConditionExpression? part) => part switch
        {
            ConditionExpression.Name name => name.Identifier,
            ConditionExpression.Not not => $"Not({Describe(not.Of)})",
            ConditionExpression.All all => $"All({string.Join(',', all.Of.Select(Describe))})",
            ConditionExpression.Any any => $"Any({string.Join(',', any.Of.Select(Describe))})",
            _ => "nothing",
        };
    }

    [Theory]
    [InlineData("a AND b", 9, 18)]
    [InlineData("a b", 9, 18)]
    [InlineData("a or", 9, 20)]
    [InlineData("(a", 9, 16)]
    [InlineData("2 of a*", 9, 16)]
    [InlineData("a and nope", 9, 22)]
    [InlineData("a*", 9, 16)]
    public void What_is_wrong_with_a_condition_is_shown_at_its_column(string condition, int line, int column)
    {
        Diagnostic error = Assert.Single(Load(Frame + condition).Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        Assert.Equal(("VS1023", line, column), (error.Code, error.Line, error.Column));
    }

    [Fact]
    public void Nesting_without_end_is_refused_and_negation_without_end_is_not_deep()
    {
        Assert.True(Load(Frame + new string('(', 100_000) + "a").HasErrors);
        Assert.False(Load(Frame + string.Concat(Enumerable.Repeat("not ", 100_000)) + "a").HasErrors);
        Assert.True(Load(new string('[', 100_000)).HasErrors);
    }

    [Fact]
    public void Aliases_that_blow_up_are_refused()
    {
        string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"{(char)('a' + i)}: &{(char)('a' + i)} [{string.Join(',', Enumerable.Repeat($"*{(char)('a' + i - 1)}", 10))}]\n"));
        Assert.Contains(Load(bomb).Diagnostics, diagnostic => diagnostic.Code == "VY1002");
    }

    [Fact]
    public void A_broken_document_does_not_stop_the_others()
    {
        SigmaRuleSet set = Load("title: bad\n---\n" + Frame + "a\n---\n- list\n");
        Assert.Single(set.Rules);
        Assert.True(set.HasErrors);
    }

    [Theory]
    [InlineData("yes", "Boolean", true)]
    [InlineData("off", "Boolean", true)]
    [InlineData("true", "Boolean", false)]
    [InlineData("~", "Null", false)]
    [InlineData("", "Null", false)]
    [InlineData("010", "Number", true)]
    [InlineData("0x1F", "Number", true)]
    [InlineData("12:30:45", "Number", true)]
    [InlineData("1_000", "Number", false)]
    [InlineData("-1.5", "Number", false)]
    [InlineData("1e3", "Text", false)]
    [InlineData("1.5e+3", "Number", false)]
    [InlineData("089", "Text", false)]
    [InlineData("2026-11-24", "Timestamp", false)]
    [InlineData("y", "Text", false)]
    [InlineData("1.2.3", "Text", false)]
    public void Scalars_have_the_types_of_YAML_1_1(string text, string type, bool surprising)
    {
        YamlType found = YamlTyping.TypeOf(new YamlScalar(text, IsPlain: true, 1, 1), out _, out _, out bool isSurprising);
        Assert.Equal((type, surprising), (found.ToString(), isSurprising));
        Assert.Equal(YamlType.Text, YamlTyping.TypeOf(new YamlScalar(text, IsPlain: false, 1, 1), out _, out _, out _));
    }

    [Theory]
    [InlineData("12:30:45", 45045)]
    [InlineData("010", 8)]
    [InlineData("0x1F", 31)]
    [InlineData("-0b101", -5)]
    public void Odd_notations_of_numbers_have_their_value(string text, int expected)
    {
        YamlTyping.TypeOf(new YamlScalar(text, IsPlain: true, 1, 1), out _, out decimal number, out _);
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("(?P<n>a)(?P=n)", "(?<n>a)\\k<n>")]
    [InlineData("[[:alpha:]_]+\\h", "[a-zA-Z_]+[ \\t]")]
    [InlineData("[]a]", "[]a]")]
    [InlineData("[\\]a]\\(", "[\\]a]\\(")]
    public void Expressions_of_PCRE_are_read_as_dotnet_writes_them(string pattern, string expected) => Assert.Equal(expected, RegexTranslation.ToDotNet(pattern));

    [Fact]
    public void A_filter_without_negation_is_warned_of_and_placeholders_are_filled()
    {
        SigmaRuleSet set = SigmaLoader.Load(
            [new SigmaFile("r", "title: t\nid: 5b0e6a0c-6f0f-4f5e-9d43-0f3f7a1c2d11\nlogsource: {product: kubernetes}\ndetection:\n    a: {user.username|expand: 'x-%admins%'}\n    condition: a\n"),
             new SigmaFile("f", "title: f\nlogsource: {product: kubernetes}\nfilter:\n    rules: any\n    a: {verb: get}\n    condition: a\n")],
            new SigmaOptions { Placeholders = System.Collections.Immutable.ImmutableDictionary<string, System.Collections.Immutable.ImmutableArray<string>>.Empty.Add("admins", ["a", "b*"]) });
        Assert.Contains(set.Diagnostics, diagnostic => diagnostic.Code == "VS1051");
        Assert.True(Events.Holds(set.Rules[0].Condition, """{"verb":"get","user":{"username":"x-bob"}}"""));
        Assert.False(Events.Holds(set.Rules[0].Condition, """{"verb":"list","user":{"username":"x-bob"}}"""));
    }

    [Fact]
    public void No_text_makes_the_loader_throw()
    {
        string[] seeds =
        [
            .. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules"), "*.yml", SearchOption.AllDirectories).Where(file => !file.EndsWith(".tests.yml", StringComparison.Ordinal))
                .Select(File.ReadAllText),
            Frame + "1 of them",
        ];
        string[] pieces = ["|re", "|cidr", "|base64offset|contains", ": ", "- ", "\n", "    ", "*", "&a ", "*a", "{", "[", "'", "\"", "%", "\\", "\u0000", "---\n", "correlation:", "filter:", "action: repeat\n", "\ud800", "é"];
        Gen.Select(Gen.OneOf(seeds), Gen.Int[0, 4000], Gen.Int[0, 40], Gen.OneOf(pieces), Gen.OneOf(pieces)).Sample(
            (seed, place, cut, one, other) =>
            {
                int at = place % seed.Length;
                string text = seed[..at] + one + other + seed[Math.Min(seed.Length, at + cut)..];
                SigmaRuleSet set = SigmaLoader.Load([new SigmaFile("x", text)], new SigmaOptions { Mapping = FieldMapping.Shorthand });
                Assert.All(set.Diagnostics, diagnostic => Assert.NotEmpty(diagnostic.Message));
                _ = Vedette.Detection.Engine.CompiledRules.Compile(set.Rules);
            },
            iter: 3_000);
    }

    [Fact]
    public void Every_code_has_its_row_in_the_documentation()
    {
        string page = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "sigma.md"));
        string sources = string.Concat(Directory.EnumerateFiles(Path.Combine(SharedData.Root, "src", "Vedette.Detection"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        string[] codes = [.. System.Text.RegularExpressions.Regex.Matches(sources, "\"(V[SYT]1\\d{3})\"").Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)];
        Assert.NotEmpty(codes);
        Assert.All(codes, code => Assert.Contains(code, page, StringComparison.Ordinal));
    }

    private static SigmaRuleSet Load(string text) => SigmaLoader.Load([new SigmaFile("rule.yml", text)], new SigmaOptions());
}
