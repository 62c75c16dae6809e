using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

public class EngineTests
{
    private static readonly string[] s_paths =
    [
        "verb", "objectRef.resource", "objectRef", "user.groups", "user.groups.0", "annotations.a.b/c", "requestObject.list.name", "requestObject.x.y", "requestObject",
        "annotations.authorization.k8s.io/decision", "nothing.here", "user.username",
    ];

    private static readonly Gen<string> s_text = Gen.OneOf("get", "GET", "list", "pods", "a", "b", "Straße", "K", "1", "true", "", "a*b", "é\ud83d\ude00");

    private static readonly Gen<Condition> s_leaf = Gen.OneOf<Condition>(
        Gen.Select(Gen.OneOf(s_paths), s_text, Gen.Bool).Select((path, text, cased) => (Condition)new Condition.Field(path, new ValueTest.Text(TextPattern.Literal(text), cased))),
        Gen.Select(Gen.OneOf(s_paths), Gen.OneOf("*", "g*", "*t", "*o*", "?et", "p??s", "*a*b*", "?")).Select((path, text) => (Condition)new Condition.Field(path, new ValueTest.Text(SigmaText.Parse(text), false))),
        Gen.Select(Gen.OneOf(s_paths), Gen.Int[0, 2]).Select((path, number) => (Condition)new Condition.Field(path, new ValueTest.NumberIs(number))),
        Gen.Select(Gen.OneOf(s_paths), Gen.Bool).Select((path, truth) => (Condition)new Condition.Field(path, new ValueTest.BooleanIs(truth))),
        Gen.OneOf(s_paths).Select(path => (Condition)new Condition.IsNull(path)),
        Gen.OneOf(s_paths).Select(path => (Condition)new Condition.Exists(path)),
        s_text.Select(text => (Condition)new Condition.Keyword(new ValueTest.Text(SigmaText.Place(TextPattern.Literal(text), TextPosition.Anywhere), false))));

    private static Gen<Condition> Tree(int depth) => depth == 0 ? s_leaf : Gen.OneOf<Condition>(
        s_leaf,
        Tree(depth - 1).Select(part => (Condition)new Condition.Not(part)),
        Tree(depth - 1).Array[0, 3].Select(parts => (Condition)new Condition.All([.. parts])),
        Tree(depth - 1).Array[0, 4].Select(parts => (Condition)new Condition.Any([.. parts])));

    private static readonly Gen<string> s_value = Gen.OneOf<string>(
        s_text.Select(text => "\"" + JsonEncodedText.Encode(text) + "\""), Gen.OneOf("null", "true", "false", "0", "1", "2.0", "[]", "[\"a\",[\"b\",null]]", "{\"name\":\"a\"}", "[{\"name\":\"b\"},{\"name\":1}]"));

    private static readonly Gen<string> s_event = Gen.Select(s_value, s_value, s_value, s_value, s_value, s_value, Gen.Int[0, 255]).Select((verb, resource, groups, note, list, x, shape) =>
    {
        List<string> members = [];
        void Add(int bit, string member)
        {
            if ((shape >> bit & 1) == 0)
            {
                members.Add(member);
            }
        }

        Add(0, $"\"verb\":{verb}");
        Add(1, $"\"objectRef\":{{\"resource\":{resource}}}");
        Add(2, $"\"user\":{{\"username\":{x},\"groups\":{groups}}}");
        Add(3, $"\"annotations\":{{\"a.b/c\":{note},\"authorization.k8s.io/decision\":{list}}}");
        Add(4, $"\"requestObject\":{{\"list\":{list},\"x\":{{\"y\":{x}}}}}");
        if (shape % 7 == 0)
        {
            members.Add($"\"objectRef.resource\":{groups}");
        }

        return "{" + string.Join(',', members) + "}";
    });

    [Fact]
    public void Engine_with_and_without_index_and_the_obvious_reading_agree() =>
        Gen.Select(Tree(3).Array[1, 6], s_event.Array[1, 4]).Sample(
            (conditions, events) =>
            {
                CompiledRules rules = CompiledRules.Compile(conditions.Select((condition, index) => Events.Rule(condition, $"rule {index}")));
                RuleEvaluator evaluator = new(rules);
                EventDecoder decoder = new();
                foreach (string json in events)
                {
                    using JsonDocument document = JsonDocument.Parse(json);
                    int[] expected = [.. Enumerable.Range(0, conditions.Length).Where(index => ObviousEvaluator.Holds(conditions[index], document.RootElement))];
                    Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(json), out EventView view));
                    int[] all = [.. evaluator.EvaluateAll(view)];
                    Assert.True(expected.SequenceEqual(all), $"without index {string.Join(',', all)}, expected {string.Join(',', expected)}: {Describe(conditions)}");
                    int[] indexed = [.. evaluator.Evaluate(view)];
                    Assert.True(expected.SequenceEqual(indexed), $"with index {string.Join(',', indexed)}, expected {string.Join(',', expected)}: {Describe(conditions)}");
                }
            },
            iter: 20_000);

    private static string Describe(IEnumerable<Condition> conditions) => string.Join("; ", conditions.Select(condition => condition switch
    {
        Condition.All all => $"All({Describe(all.Of)})",
        Condition.Any any => $"Any({Describe(any.Of)})",
        Condition.Not not => $"Not({Describe([not.Of])})",
        Condition.Field { Test: ValueTest.Text text } field => $"{field.Path}={text.Pattern} {(text.CaseSensitive ? "cased" : "")}",
        _ => condition.ToString(),
    }));

    [Theory]
    [InlineData("kubectl/*", "kubectl/v1", true)]
    [InlineData("*a*b*c", "xxaYYbZZc", true)]
    [InlineData("*a*b*c", "xxaYYbZZ", false)]
    [InlineData("a?c", "a😀c", true)]
    [InlineData("STRASSE", "straße", false)]
    [InlineData("STRAßE", "straẞe", true)]
    [InlineData("Σ", "ς", true)]
    [InlineData("kelvin", "\u212Aelvin", true)]
    [InlineData("s", "ſ", true)]
    [InlineData("İ", "i", false)]
    public void Texts_match_with_wildcards_and_simple_case_folding(string pattern, string text, bool expected) =>
        Assert.Equal(expected, Events.Holds(Events.Field("a", pattern), $$"""{"a":"{{text}}"}"""));

    [Fact]
    public void A_pattern_of_many_stars_does_not_explode()
    {
        string pattern = string.Concat(Enumerable.Repeat("*a", 40)) + "b";
        Assert.False(Events.Holds(Events.Field("a", pattern), $$"""{"a":"{{new string('a', 20_000)}}"}"""));
    }

    [Theory]
    [InlineData(Comparison.Greater, "9", "10", true)]
    [InlineData(Comparison.Greater, "9", "\"10\"", true)]
    [InlineData(Comparison.Greater, "9", "\"abc\"", false)]
    [InlineData(Comparison.Greater, "9", "1e400", true)]
    [InlineData(Comparison.Less, "9", "-1e400", true)]
    [InlineData(Comparison.Greater, "9", "\"NaN\"", false)]
    [InlineData(Comparison.Greater, "9", "true", false)]
    [InlineData(Comparison.LessOrEqual, "9", "9.0", true)]
    public void Numbers_compare_as_numbers(Comparison comparison, string than, string value, bool expected) =>
        Assert.Equal(
            expected,
            Events.Holds(new Condition.Field("a", new ValueTest.Compare(comparison, decimal.Parse(than, System.Globalization.CultureInfo.InvariantCulture))), $$"""{"a":{{value}}}"""));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "11.0.0.1", false)]
    [InlineData("10.0.0.0/8", "10", false)]
    [InlineData("10.0.0.0/8", "10.1", false)]
    [InlineData("fd00::/8", "fd12::0001", true)]
    [InlineData("0.0.0.0/0", "not an address", false)]
    public void Networks_hold_addresses(string network, string address, bool expected) =>
        Assert.Equal(expected, Events.Holds(new Condition.Field("a", new ValueTest.InNetwork(IPNetwork.Parse(network))), $$"""{"a":"{{address}}"}"""));

    [Fact]
    public void An_expression_that_backtracks_without_end_runs_out_of_time_and_is_counted()
    {
        CompiledRules rules = CompiledRules.Compile([Events.Rule(new Condition.Field("a", new ValueTest.Matches("^(?=(a+)+$)(a+)+b$", RegexOptions.None)))]);
        RuleEvaluator evaluator = new(rules);
        Assert.Empty(evaluator.Evaluate(Events.Decode($$"""{"a":"{{new string('a', 60)}}c"}""")));
        Assert.Equal(1, evaluator.RegexTimeouts);
    }

    [Fact]
    public void An_expression_gives_the_same_answers_however_long_it_is_asked()
    {
        RegexMatcher matcher = new("^(a|b)*c$", RegexOptions.None);
        MatchScratch scratch = new();
        for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < RegexMatcher.Effort * 5;)
        {
            Assert.True(matcher.Matches("ababc"u8, JsonKind.String, scratch));
            Assert.False(matcher.Matches("ababd"u8, JsonKind.String, scratch));
        }
    }

    [Fact]
    public void Deep_nesting_is_no_trouble_for_keywords_and_paths()
    {
        string deep = string.Concat(Enumerable.Repeat("[", 200_000)) + "\"evil\"" + string.Concat(Enumerable.Repeat("]", 200_000));
        Assert.True(Events.Holds(new Condition.Keyword(new ValueTest.Text(SigmaText.Parse("*evil*"), false)), $$$"""{"requestObject":{"a":{{{deep}}}}}"""));
        Assert.True(Events.Holds(Events.Field("requestObject.a", "evil"), $$$"""{"requestObject":{"a":{{{deep}}}}}"""));
    }

    [Theory]
    [InlineData("requestObject.spec.owner", "user.username", 1)]
    [InlineData("user.username", "requestObject.spec.owner", 1)]
    [InlineData("requestObject.spec.owner", "requestObject.spec.user", 1)]
    [InlineData("requestObject.spec.owner", "user.uid", 0)]
    [InlineData("user.uid", "requestObject.spec.owner", 0)]
    public void A_comparison_is_blind_where_the_level_hides_a_field_and_the_other_may_be_equal(string path, string other, int blind)
    {
        Condition condition = new Condition.All([Events.Field("objectRef.resource", "pods"), new Condition.FieldReference(path, other, TextPosition.Whole, CaseSensitive: false)]);
        RuleEvaluator evaluator = new(CompiledRules.Compile([Events.Rule(condition)]));
        for (int pass = 1; pass < 5; pass++)
        {
            Assert.Empty(evaluator.Evaluate(Events.Decode(
                """{"level":"Metadata","stage":"ResponseComplete","verb":"create","user":{"username":"alice"},"objectRef":{"resource":"pods"},"responseStatus":{"code":201}}""")));
            Assert.Equal(blind * pass, evaluator.Blind[0]);
        }

        Assert.Equal([0], evaluator.Evaluate(Events.Decode(
            """{"level":"Request","stage":"ResponseComplete","verb":"create","user":{"username":"alice","uid":"alice"},"objectRef":{"resource":"pods"},"requestObject":{"spec":{"owner":"Alice","user":"alice"}}}""")));
    }

    [Theory]
    [InlineData("Metadata", "ResponseComplete", "create", 201, "", 1)]
    [InlineData("Metadata", "ResponseStarted", "create", 201, "", 0)]
    [InlineData("Metadata", "ResponseComplete", "get", 200, "", 0)]
    [InlineData("Metadata", "ResponseComplete", "create", 403, "", 0)]
    [InlineData("Request", "ResponseComplete", "create", 201, "", 0)]
    [InlineData("Request", "ResponseComplete", "create", 201, ""","annotations":{"audit.k8s.io/truncated":"true"}""", 1)]
    [InlineData("Request", "ResponseComplete", "create", 201, ""","requestObject":"skipped-too-big-size-object" """, 1)]
    [InlineData("Request", "ResponseComplete", "create", 201, ""","requestObject":{"spec":{}}""", 0)]
    public void A_rule_that_cannot_see_the_body_is_blind_and_not_silent(string level, string stage, string verb, int code, string more, int blind)
    {
        Condition condition = new Condition.All([Events.Field("objectRef.resource", "pods"), new Condition.Field("requestObject.spec.hostPID", new ValueTest.BooleanIs(true))]);
        RuleEvaluator evaluator = new(CompiledRules.Compile([Events.Rule(condition)]));
        Assert.Empty(evaluator.Evaluate(Events.Decode(
            "{\"level\":\"" + level + "\",\"stage\":\"" + stage + "\",\"verb\":\"" + verb + "\",\"objectRef\":{\"resource\":\"pods\"},\"responseStatus\":{\"code\":" + code + "}" + more + "}")));
        Assert.Equal(blind, evaluator.Blind[0]);
        Assert.Empty(evaluator.Evaluate(Events.Decode("""{"level":"Metadata","stage":"ResponseComplete","verb":"create","objectRef":{"resource":"services"}}""")));
        Assert.Equal(blind, evaluator.Blind[0]);
    }

    [Fact]
    public void Events_that_match_nothing_cost_no_allocation()
    {
        CompiledRules rules = CompiledRules.Compile(
            [Events.Rule(new Condition.All([Events.Field("verb", "create"), Events.Field("objectRef.resource", "pods"), Events.Field("user.username", "nobody*"), Events.Field("user.groups", "x")]))]);
        RuleEvaluator evaluator = new(rules);
        EventDecoder decoder = new();
        byte[] json = """{"verb":"create","objectRef":{"resource":"pods"},"user":{"username":"Alice","groups":["a","b"]}}"""u8.ToArray();
        Assert.Equal(0, Allocations.OnceSettled(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                decoder.Decode(json, out EventView view);
                evaluator.Evaluate(view);
            }
        }));
    }
}
