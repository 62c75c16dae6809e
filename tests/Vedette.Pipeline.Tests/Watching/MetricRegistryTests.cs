using System.Buffers;
using System.Globalization;
using System.Text;
using CsCheck;
using Vedette.Pipeline.Watching;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests.Watching;

public class MetricRegistryTests
{
    [Fact]
    public void Prometheus_text_names_counters_with_total_and_OpenMetrics_their_family_without()
    {
        MetricRegistry registry = new();
        registry.Counter("vedette_things_total", null, "Things.", ["kind"]).With("a").Add(3);
        string prometheus = Text(registry, MetricFormat.Prometheus);
        string open = Text(registry, MetricFormat.OpenMetrics);
        Assert.Contains("# HELP vedette_things_total Things.\n# TYPE vedette_things_total counter\nvedette_things_total{kind=\"a\"} 3\n", prometheus, StringComparison.Ordinal);
        Assert.Contains("# HELP vedette_things Things.\n# TYPE vedette_things counter\nvedette_things_total{kind=\"a\"} 3\n", open, StringComparison.Ordinal);
        Assert.DoesNotContain("# EOF", prometheus, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", open, StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_counts_up_to_each_bound_and_ends_without_one()
    {
        MetricRegistry registry = new();
        Histogram times = registry.Histogram("vedette_wait_seconds", "seconds", "Waits.", [], [0.5, 1]).With();
        times.Observe(0.5);
        times.Observe(0.75);
        times.Observe(7);
        Assert.EndsWith(
            "# HELP vedette_wait_seconds Waits.\n# TYPE vedette_wait_seconds histogram\n# UNIT vedette_wait_seconds seconds\n"
            + "vedette_wait_seconds_bucket{le=\"0.5\"} 1\nvedette_wait_seconds_bucket{le=\"1.0\"} 2\nvedette_wait_seconds_bucket{le=\"+Inf\"} 3\nvedette_wait_seconds_sum 8.25\nvedette_wait_seconds_count 3\n# EOF\n",
            Text(registry, MetricFormat.OpenMetrics),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Beyond_the_bound_of_combinations_the_first_labels_stay_and_the_rest_is_other_and_counted()
    {
        MetricRegistry registry = new();
        MetricFamily<Counter> family = registry.Counter("vedette_things_total", null, "Things.", ["cluster", "user"], maxSeries: 2, kept: 1);
        foreach (string user in (string[])["a", "b", "c", "d", "a"])
        {
            family.With("prod", user).Add();
        }

        string text = Text(registry, MetricFormat.Prometheus);
        Assert.Contains("{cluster=\"prod\",user=\"a\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("{cluster=\"prod\",user=\"other\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("vedette_metrics_dropped_label_values_total{metric=\"vedette_things_total\"} 2\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_explosion_of_every_label_stays_within_the_bounds_and_loses_no_count()
    {
        MetricRegistry registry = new();
        MetricFamily<Counter> family = registry.Counter("vedette_things_total", null, "Things.", ["cluster", "user"], maxSeries: 10, kept: 1);
        for (int i = 0; i < 5_000; i++)
        {
            family.With($"cluster{i}", $"user{i}").Add();
        }

        string[] samples = [.. Text(registry, MetricFormat.Prometheus).Split('\n').Where(line => line.StartsWith("vedette_things_total{", StringComparison.Ordinal))];
        Assert.InRange(samples.Length, 11, 10 + MetricFamily.MaxFoldedSeries + 1);
        Assert.Equal(5_000, samples.Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Label_values_are_escaped_made_visible_and_cut()
    {
        MetricRegistry registry = new();
        MetricFamily<Counter> family = registry.Counter("vedette_things_total", null, "Things.", ["user"]);
        family.With("a\"b\\c").Add();
        family.With("line\nend\u001b[31m\u202etxt.exe\ud800").Add();
        family.With(new string('x', 500)).Add();
        string text = Text(registry, MetricFormat.Prometheus);
        Assert.Contains("{user=\"a\\\"b\\\\c\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("{user=\"line\ufffdend\ufffd[31m\ufffdtxt.exe\ufffd\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"{{user=\"{new string('x', 127)}…\"}} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_that_look_the_same_once_made_harmless_are_one_series()
    {
        MetricRegistry registry = new();
        MetricFamily<Counter> family = registry.Counter("vedette_things_total", null, "Things.", ["user"]);
        family.With("a\u0001").Add();
        family.With("a\u0002").Add();
        Assert.Contains("{user=\"a\ufffd\"} 2\n", Text(registry, MetricFormat.Prometheus), StringComparison.Ordinal);
    }

    [Fact]
    public void A_series_of_what_is_gone_is_shown_no_more()
    {
        MetricRegistry registry = new();
        MetricFamily<Gauge> family = registry.Gauge("vedette_lag_records", null, "Lag.", ["receiver"]);
        family.With("a").Value = 1;
        family.With("b").Value = 2;
        family.Forget("receiver", "a");
        string text = Text(registry, MetricFormat.Prometheus);
        Assert.DoesNotContain("receiver=\"a\"", text, StringComparison.Ordinal);
        Assert.Contains("{receiver=\"b\"} 2\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Counting_on_known_labels_allocates_nothing()
    {
        MetricFamily<Counter> family = new MetricRegistry().Counter("vedette_things_total", null, "Things.", ["cluster", "user", "verb"]);
        family.With("prod", "alice", "get").Add();

        Assert.Equal(0, Allocations.OnceSettled(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                family.With("prod", "alice", "get").Add();
            }
        }));
    }

    [Fact]
    public async Task Threads_lose_no_count_while_series_are_made_and_written()
    {
        MetricRegistry registry = new();
        MetricFamily<Counter> counters = registry.Counter("vedette_things_total", null, "Things.", ["user"], maxSeries: 50);
        Histogram sums = registry.Histogram("vedette_wait_seconds", "seconds", "Waits.", [], [1]).With();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                counters.With($"{i % 100}").Add();
                sums.Observe(0.5);
                if (i % 5_000 == 0)
                {
                    Text(registry, MetricFormat.Prometheus);
                }
            }
        })));
        string text = Text(registry, MetricFormat.Prometheus);
        Assert.Equal(80_000, text.Split('\n').Where(line => line.StartsWith("vedette_things_total{", StringComparison.Ordinal)).Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)));
        Assert.Contains("vedette_wait_seconds_sum 40000\nvedette_wait_seconds_count 80000\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, MetricFormat.Prometheus)]
    [InlineData("*/*", MetricFormat.Prometheus)]
    [InlineData("text/html", MetricFormat.Prometheus)]
    [InlineData("application/openmetrics-text", MetricFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", MetricFormat.OpenMetrics)]
    [InlineData("application/openmetrics-text; version=1.0.0; q=0.2, text/plain; q=0.9", MetricFormat.Prometheus)]
    [InlineData("application/openmetrics-text; version=2.0.0", MetricFormat.Prometheus)]
    [InlineData("application/openmetrics-text;q=0", MetricFormat.Prometheus)]
    public void A_client_gets_the_format_it_likes_best(string? accept, MetricFormat format) => Assert.Equal(format, MetricFormats.Choose(accept));

    [Fact]
    public void Prometheus_has_no_complaint_about_any_labels()
    {
        OtherProgram.Require("promtool");
        Gen.String.Array[1, 20].Sample(
            values =>
            {
                (int exit, string output) = OtherProgram.Run("promtool", Text(Everything(values), MetricFormat.Prometheus), [], "check", "metrics");
                Assert.True(exit == 0 && output.Length == 0, output);
            },
            iter: 5, threads: 1);
    }

    [Fact]
    public void Prometheus_reads_the_OpenMetrics_text()
    {
        string folder = Directory.CreateTempSubdirectory("vedette-metrics").FullName;
        try
        {
            // promtool reads OpenMetrics where it fills a database, and wants times there.
            string[] lines = Text(Everything(["alice", "a\"\\b", "jürgen"]), MetricFormat.OpenMetrics).TrimEnd('\n').Split('\n');
            string file = Path.Combine(folder, "metrics.txt");
            File.WriteAllText(file, string.Concat(lines.Select(line => line.StartsWith('#') ? $"{line}\n" : $"{line} 1700000000\n")));
            (int exit, string output) = OtherProgram.Run("promtool", "", [], "tsdb", "create-blocks-from", "openmetrics", file, Path.Combine(folder, "data"));
            Assert.True(exit == 0, output);
            Assert.Contains("MIN TIME", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void The_manual_lists_every_metric_with_kind_labels_and_meaning()
    {
        string manual = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "metrics.md"));
        string[] listed = [.. manual.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))];
        string[] real = [.. new ServerMetrics("1.2.3", TimeProvider.System).Registry.Families.Select(family =>
            $"| `{family.Name}` | {family.Kind.ToString().ToLowerInvariant()} | {string.Join(", ", family.Labels.Select(label => $"`{label}`"))} | {family.Help} |".Replace("|  |", "| – |", StringComparison.Ordinal))];
        Assert.Equal(real, listed);
    }

    /// <summary>A registry in which every metric of the server has a series.</summary>
    internal static MetricRegistry Everything(string[] values)
    {
        MetricRegistry registry = new ServerMetrics("1.2.3", TimeProvider.System).Registry;
        foreach (string value in values)
        {
            foreach (MetricFamily family in registry.Families)
            {
                string[] labels = [.. family.Labels.Select(_ => value)];
                switch (family)
                {
                    case MetricFamily<Counter> counters:
                        counters.With(labels).Add();
                        break;
                    case MetricFamily<Gauge> gauges:
                        gauges.With(labels).Value = 1.5;
                        break;
                    case MetricFamily<Histogram> histograms:
                        histograms.With(labels).Observe(0.001);
                        break;
                    default:
                        Assert.Fail("a family of a kind nobody knows");
                        break;
                }
            }
        }

        return registry;
    }

    private static string Text(MetricRegistry registry, MetricFormat format)
    {
        ArrayBufferWriter<byte> text = new();
        registry.Write(text, format);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
