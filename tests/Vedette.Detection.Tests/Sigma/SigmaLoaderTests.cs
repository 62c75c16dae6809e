using System.Text.RegularExpressions;
using CsCheck;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Sigma;

public class SigmaLoaderTests
{
    private static readonly string[] s_pieces =
    [
        "a", "\\d", "\\\\", "(?:b", "(c", "(?i)", "(?i:d", "(?<n>e", "(?=f", "(?!g", "(?<=h", "(?<!i", "(?>j", "(?(n)k", "\\1", "\\k<n>", "\\G", "{2}", "{3,9}", "{50}", "{200}", "{", ")", "[x{9}]", "[(?=]", "*", "+?", "|", "^", "$", "\\b",
    ];

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
    [InlineData("1:01:01:01:01:01:01:01:01:01:01:01:01:01:01:01:01:01:01:01", "Text", false)]
    [InlineData("99999999999999999999999999999999999:59", "Text", false)]
    [InlineData("0xffffffffffffffffffffffffffffffffffff", "Text", false)]
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
    [InlineData("[[:]", "[[:]")]
    [InlineData("[[:]a[[:digit:]x]", "[[:]a[0-9x]")]
    public void Expressions_of_PCRE_are_read_as_dotnet_writes_them(string pattern, string expected) => Assert.Equal(expected, RegexTranslation.ToDotNet(pattern));

    [Fact]
    public void An_expression_that_is_too_long_is_refused_and_not_translated()
    {
        string pattern = string.Concat(Enumerable.Repeat("(?P<n>a)", RegexTranslation.MaxLength / 8)) + "(?P<n>";
        Assert.Same(pattern, RegexTranslation.ToDotNet(pattern));
        Assert.NotNull(RegexTranslation.Check(pattern, RegexOptions.None, out _));
    }

    public static TheoryData<string, string> RulesThatMultiply => new()
    {
        { "VS1036", "s: {a|windash: [" + string.Join(',', Enumerable.Range(0, 17).Select(i => $"-a -b -c -d -{i}")) + "]}; condition: s" },
        { "VS1036", "s: {a: [" + string.Join(',', Enumerable.Range(0, 300)) + "]}; condition: " + string.Join(" or ", Enumerable.Repeat("s", 300)) },
        { "VS1023", string.Concat(Enumerable.Range(0, 300).Select(i => $"s{i}: x; ")) + "condition: " + string.Join(" or ", Enumerable.Repeat("1 of them", 300)) },
    };

    [Theory]
    [MemberData(nameof(RulesThatMultiply))]
    public void A_short_rule_that_multiplies_to_very_many_tests_is_refused_once(string code, string detection)
    {
        SigmaRuleSet set = Load("title: t\nlogsource: {product: kubernetes}\ndetection:\n" + string.Concat(detection.Split("; ").Select(line => $"  {line}\n")));
        Assert.Empty(set.Rules);
        Diagnostic error = Assert.Single(set.Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        Assert.Equal(code, error.Code);
        Assert.NotEqual(0, error.Line);
    }

    [Fact]
    public void A_filter_without_negation_is_warned_of_and_placeholders_are_filled()
    {
        SigmaRuleSet set = SigmaLoader.Load(
            [new SigmaFile("r", "title: t\nid: 5b0e6a0c-6f0f-4f5e-9d43-0f3f7a1c2d11\nlogsource: {product: kubernetes}\ndetection:\n    a: {user.username|expand: 'x-%admins%'}\n    condition: a\n"),
             new SigmaFile("f", "title: f\nlogsource: {product: kubernetes}\nfilter:\n    rules: any\n    a: {verb: get}\n    condition: a\n")],
            new SigmaOptions { Placeholders = System.Collections.Immutable.ImmutableDictionary<string, System.Collections.Immutable.ImmutableArray<string>>.Empty.Add("admins", ["a", "b*"]) });
        Assert.Contains(set.Diagnostics, diagnostic => diagnostic.Code == "VS1051");
        RuleEvaluator evaluator = new(CompiledRules.Compile(set.Rules));
        Assert.Single(evaluator.Evaluate(Events.Decode("""{"verb":"get","user":{"username":"x-bob"}}""")));
        Assert.Empty(evaluator.Evaluate(Events.Decode("""{"verb":"list","user":{"username":"x-bob"}}""")));
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
        string[] codes = [.. Regex.Matches(sources, "\"(V[SYT]1\\d{3})\"").Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)];
        Assert.NotEmpty(codes);
        Assert.All(codes, code => Assert.Contains(code, page, StringComparison.Ordinal));
    }

    private static SigmaRuleSet Load(string text) => SigmaLoader.Load([new SigmaFile("rule.yml", text)], new SigmaOptions());

    [Fact]
    public void The_attribute_vedette_says_what_is_next_what_is_new_and_what_is_folded()
    {
        SigmaRuleSet set = SigmaLoader.Load(
            [new SigmaFile("r.yml", """
                title: t
                logsource: {product: kubernetes}
                detection: {sel: {verb: get}, condition: sel}
                vedette:
                    behaviours: [IA07]
                    next_steps: [Ask them.]
                    new_terms: {fields: [vedette.actor, vedette.source.ip], window: 14d, learning: 1d, peers: [user.groups]}
                    suppress: {by: [vedette.actor], for: 1h}
                """)],
            new SigmaOptions());
        Assert.Empty(set.Diagnostics);
        DetectionRule rule = Assert.Single(set.Rules);
        Assert.Equal(["IA07"], rule.Behaviours);
        Assert.Equal(["Ask them."], rule.NextSteps);
        Assert.Equal((TimeSpan.FromDays(14), TimeSpan.FromDays(1)), (rule.NewTerms!.Window, rule.NewTerms.Learning));
        Assert.Equal(["vedette.actor", "vedette.source.ip"], rule.NewTerms.Fields);
        Assert.Equal(TimeSpan.FromHours(1), rule.Suppression!.For);
    }

    [Theory]
    [InlineData("vedette: 1")]
    [InlineData("vedette: {next: [a]}")]
    [InlineData("vedette: {new_terms: {window: 5d}}")]
    [InlineData("vedette: {new_terms: {fields: [verb], window: soon}}")]
    [InlineData("vedette: {suppress: {by: [verb]}}")]
    public void A_mistake_in_the_attribute_vedette_is_an_error(string attribute)
    {
        SigmaRuleSet set = SigmaLoader.Load([new SigmaFile("r.yml", $"title: t\nlogsource: {{product: kubernetes}}\ndetection: {{sel: {{verb: get}}, condition: sel}}\n{attribute}\n")], new SigmaOptions());
        Assert.Contains(set.Diagnostics, diagnostic => diagnostic is { Code: "VS1060", Severity: DiagnosticSeverity.Error, Line: > 0 });
    }

    [Fact]
    public void The_quick_check_of_an_expression_answers_as_making_its_automaton_does() =>
        Gen.Int[0, s_pieces.Length - 1].Select(piece => s_pieces[piece])
            .Array[1, 8].Select(string.Concat).Sample(pattern =>
            {
                string? error = RegexTranslation.Check(pattern, RegexOptions.None, out bool backtracks);
                bool isRefused = false;
                bool isInvalid = false;
                try
                {
                    _ = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
                }
                catch (NotSupportedException)
                {
                    isRefused = true;
                }
                catch (ArgumentException)
                {
                    isInvalid = true;
                }

                Assert.Equal((isInvalid, isRefused), (error is not null, backtracks));
            }, iter: 2000);
}
