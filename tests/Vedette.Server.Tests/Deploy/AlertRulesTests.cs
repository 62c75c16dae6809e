using System.Text.RegularExpressions;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Pipeline.Watching;
using Vedette.Tests;
using Xunit;

namespace Vedette.Server.Tests.Deploy;

/// <summary>deploy/prometheus: what Prometheus' own tools say of it, and that it speaks of metrics and manual pages that there are.</summary>
public partial class AlertRulesTests
{
    private static readonly string s_folder = Path.Combine(SharedData.Root, "deploy", "prometheus");

    [Fact]
    public void Each_alert_fires_when_it_should_and_not_before()
    {
        (int exit, string output) = OtherProgram.Run("promtool", "", [], "test", "rules", Path.Combine(s_folder, "vedette.rules.test.yml"));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void Each_alert_is_tested_to_fire_and_to_keep_quiet()
    {
        string tests = File.ReadAllText(Path.Combine(s_folder, "vedette.rules.test.yml"));
        Assert.All(Alerts(), alert =>
        {
            Assert.Matches($@"alertname: {alert.Name}\n +exp_alerts:\n", tests);
            Assert.Contains($"alertname: {alert.Name}\n    exp_alerts: []", tests, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Each_alert_has_a_section_in_the_manual_that_it_points_to()
    {
        string manual = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "operations.md"));
        Assert.NotEmpty(Alerts());
        Assert.All(Alerts(), alert =>
        {
            Assert.Equal($"docs/operations.md#{alert.Name.ToLowerInvariant()}", alert.Runbook);
            Assert.Contains($"\n### {alert.Name}\n", manual, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Alerts_and_tests_speak_of_metrics_and_labels_that_there_are()
    {
        string texts = File.ReadAllText(Path.Combine(s_folder, "vedette.rules.yml")) + File.ReadAllText(Path.Combine(s_folder, "vedette.rules.test.yml"));
        Assert.Empty(MetricNames.Unknown(texts));
        ILookup<string, MetricFamily> families = MetricNames.Families.ToLookup(family => family.Name);
        foreach (Match series in TestSeries().Matches(texts))
        {
            MetricFamily family = families[series.Groups["name"].Value.Replace("_bucket", "", StringComparison.Ordinal)].Single();
            Assert.Equal(
                family.Labels.Order(StringComparer.Ordinal),
                LabelName().Matches(series.Groups["labels"].Value).Select(label => label.Groups["name"].Value).Where(label => label is not ("instance" or "job" or "le")).Order(StringComparer.Ordinal));
        }
    }

    private static IEnumerable<(string Name, string Runbook)> Alerts()
    {
        List<Diagnostic> diagnostics = [];
        YamlNode file = YamlReader.Read("vedette.rules.yml", File.ReadAllText(Path.Combine(s_folder, "vedette.rules.yml")), diagnostics)[0];
        Assert.Empty(diagnostics);
        foreach (YamlNode group in ((YamlSequence)((YamlMapping)file)["groups"]!).Items)
        {
            foreach (YamlMapping rule in ((YamlSequence)((YamlMapping)group)["rules"]!).Items.Cast<YamlMapping>())
            {
                yield return (((YamlScalar)rule["alert"]!).Text, ((YamlScalar)((YamlMapping)rule["annotations"]!)["runbook"]!).Text);
            }
        }
    }

    [GeneratedRegex(@"series: '(?<name>vedette_\w+)\{(?<labels>[^']*)\}'")]
    private static partial Regex TestSeries();

    [GeneratedRegex(@"(?<name>\w+)=""")]
    private static partial Regex LabelName();
}
