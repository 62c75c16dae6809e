using Vedette.Sinks.StandardOutput;
using Xunit;

namespace Vedette.Sinks.Tests.StandardOutput;

public class StandardOutputTests
{
    [Fact]
    public async Task Each_finding_is_a_line()
    {
        using MemoryStream output = new();
        using ISink sink = new SinkFactory(_ => throw new InvalidOperationException(), output, TimeProvider.System).Create(new StandardOutputSettings());
        StoredFinding[] findings = [.. Findings.Hostile.Select(text => Findings.With(text))];

        Assert.Equal(SinkVerdict.Delivered, (await sink.SendAsync(findings, TestContext.Current.CancellationToken)).Verdict);

        output.Position = 0;
        using StreamReader reader = new(output);
        string[] lines = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');
        Assert.Equal(findings.Length + 1, lines.Length);
        Assert.All(lines.Zip(findings), pair => Assert.Equal(pair.Second.User, Findings.Parse(System.Text.Encoding.UTF8.GetBytes(pair.First)).GetProperty("actor").GetProperty("user").GetString()));
        Assert.DoesNotContain(lines, line => line.Any(char.IsControl));
    }
}
