using System.Text.Json;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>The recorded Sigma answers of tests/cases/sigma/semantics.jsonl through <c>vedette rules eval</c>.</summary>
public sealed class RulesEvalTests : IDisposable
{
    private static readonly Dictionary<string, JsonElement> s_cases = File.ReadLines(SharedData.Case("sigma/semantics.jsonl"))
        .Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(item => item.GetProperty("id").GetString()!, StringComparer.Ordinal);

    private readonly Workspace _files = new();

    public static IEnumerable<ITheoryDataRow> Cases(string kind) =>
        s_cases.Where(item => item.Value.GetProperty("kind").GetString() == kind).Select(item => new TheoryDataRow<string>(item.Key));

    public void Dispose() => _files.Dispose();

    [Theory]
    [MemberData(nameof(Cases), "match")]
    public void A_rule_matches_the_events_it_should(string id)
    {
        JsonElement item = s_cases[id];
        Assert.Equal(item.GetProperty("expected").EnumerateArray().Select(value => value.GetBoolean()), Eval(item).Select(titles => titles.Length > 0));
    }

    [Theory]
    [MemberData(nameof(Cases), "collection")]
    public void A_collection_matches_the_events_it_should(string id)
    {
        JsonElement item = s_cases[id];
        string[][] answers = Eval(item);
        foreach (JsonProperty expected in item.GetProperty("expected").EnumerateObject())
        {
            Assert.Equal(expected.Value.EnumerateArray().Select(value => value.GetBoolean()), answers.Select(titles => titles.Contains(expected.Name, StringComparer.Ordinal)));
        }
    }

    [Theory]
    [MemberData(nameof(Cases), "reject")]
    public void What_must_be_refused_is_refused_with_file_line_and_column(string id)
    {
        // A range of two operators: pySigma refuses it, the specification allows it, and case S213 with the same text expects it to fire.
        Assert.SkipWhen(s_cases[id].GetProperty("feature").GetString() == "corr-err-two-operators", "contradicted by case S213");
        Answer answer = Run(s_cases[id].GetProperty("rule").GetString()!, "{}");
        Assert.Equal(3, answer.Exit);
        Assert.Matches(@"rule\.yml:\d+:\d+: error VS\d{4}: ", answer.Error);
    }

    [Fact]
    public void An_answer_a_line_in_the_order_of_time_with_the_place_in_the_input()
    {
        Answer answer = Run(
            "title: t\nlogsource: {product: kubernetes}\ndetection: {s: {a: 1}, condition: s}\n",
            """
            {"a":1,"stageTimestamp":"2026-01-01T00:00:02Z"}
            {"a":2,"stageTimestamp":"2026-01-01T00:00:01Z"}
            {"a":1}
            """);
        Assert.Equal(
            "{\"event\":1,\"rules\":[],\"correlations\":[]}\n{\"event\":2,\"rules\":[\"t\"],\"correlations\":[]}\n{\"event\":0,\"rules\":[\"t\"],\"correlations\":[]}\n",
            answer.Out);
    }

    [Fact]
    public void A_line_that_is_no_object_is_answered_with_an_error_and_the_others_are_evaluated()
    {
        Answer answer = Run("title: t\nlogsource: {product: kubernetes}\ndetection: {s: {a: 1}, condition: s}\n", "{\"a\":1}\nnonsense\n{\"a\":1}\n");
        Assert.Equal(0, answer.Exit);
        Assert.Contains("{\"event\":1,\"rules\":[],\"correlations\":[],\"error\":\"not one JSON object", answer.Out, StringComparison.Ordinal);
        Assert.Contains("{\"event\":2,\"rules\":[\"t\"]", answer.Out, StringComparison.Ordinal);
    }

    private Answer Run(string rule, string events) =>
        VedetteProgram.Run("rules", "eval", _files.Write("rule.yml", rule), "--events", _files.Write("events.jsonl", events));

    private string[][] Eval(JsonElement item)
    {
        Answer answer = Run(item.GetProperty("rule").GetString()!, string.Join('\n', item.GetProperty("events").EnumerateArray().Select(value => value.GetRawText())));
        Assert.True(answer.Exit == 0, answer.Error);
        return
        [
            .. answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
                .OrderBy(line => line.GetProperty("event").GetInt32())
                .Select(line => line.GetProperty("rules").EnumerateArray().Select(title => title.GetString()!).ToArray()),
        ];
    }
}
