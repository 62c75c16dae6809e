using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Tests;
using Xunit;

namespace Vedette.Server.Tests.Deploy;

/// <summary>deploy/grafana: every expression is one that Prometheus understands, over metrics and labels that there are.</summary>
public sealed partial class DashboardTests : IDisposable
{
    private readonly JsonDocument _dashboard = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SharedData.Root, "deploy", "grafana", "vedette.json")));

    public void Dispose() => _dashboard.Dispose();

    [Fact]
    public void Prometheus_understands_every_expression()
    {
        StringBuilder rules = new("groups:\n- name: dashboard\n  rules:\n");
        foreach (string expression in Expressions())
        {
            string filled = expression.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$instance", ".*", StringComparison.Ordinal).Replace("$cluster", ".*", StringComparison.Ordinal);
            Assert.DoesNotContain('$', filled);
            rules.Append("  - record: a:b").Append(rules.Length).Append("\n    expr: '").Append(filled.Replace("'", "''", StringComparison.Ordinal)).Append("'\n");
        }

        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, rules.ToString());
            (int exit, string output) = OtherProgram.Run("promtool", "", [], "check", "rules", file);
            Assert.True(exit == 0, output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Every_metric_and_label_is_one_that_there_is()
    {
        Assert.NotEmpty(Expressions());
        Assert.Empty(MetricNames.Unknown(string.Join('\n', Expressions())));
        foreach (string expression in Expressions())
        {
            string[] used = [.. MetricNames.Used(expression)];
            HashSet<string> labels = [.. MetricNames.Families.Where(family => used.Contains(family.Name)).SelectMany(family => family.Labels), "instance", "le"];
            Assert.All(Matchers().Matches(expression), match => Assert.Contains(match.Groups["label"].Value, labels));
            Assert.All(
                Grouping().Matches(expression).SelectMany(match => match.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries)), label => Assert.Contains(label, labels));
        }
    }

    [Fact]
    public void Every_metric_of_the_server_is_on_it()
    {
        string all = string.Join('\n', Expressions());
        string[] shown = [.. MetricNames.Used(all)];
        Assert.Equal(["process_start_time_seconds"], MetricNames.Families.Select(family => family.Name).Except(shown));
    }

    [Fact]
    public void Panels_have_their_own_ids_and_places()
    {
        List<(int X, int Y, int W, int H)> places = [];
        HashSet<int> ids = [];
        foreach (JsonElement panel in _dashboard.RootElement.GetProperty("panels").EnumerateArray())
        {
            JsonElement at = panel.GetProperty("gridPos");
            (int X, int Y, int W, int H) place = (at.GetProperty("x").GetInt32(), at.GetProperty("y").GetInt32(), at.GetProperty("w").GetInt32(), at.GetProperty("h").GetInt32());
            Assert.True(ids.Add(panel.GetProperty("id").GetInt32()));
            Assert.InRange(place.X + place.W, 1, 24);
            Assert.DoesNotContain(places, other => place.X < other.X + other.W && other.X < place.X + place.W && place.Y < other.Y + other.H && other.Y < place.Y + place.H);
            places.Add(place);
        }
    }

    private IEnumerable<string> Expressions() => _dashboard.RootElement.GetProperty("panels").EnumerateArray()
        .Where(panel => panel.TryGetProperty("targets", out _))
        .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
        .Select(target => target.GetProperty("expr").GetString()!);

    [GeneratedRegex(@"(?<label>\w+)(?:=~|!~|!=|=)""")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"(?:by|on) \((?<labels>[\w, ]+)\)")]
    private static partial Regex Grouping();
}
