using System.Text;
using System.Text.Json;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

public sealed class EventsTests : IDisposable
{
    private readonly Workspace _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void An_event_that_is_already_plain_comes_out_byte_for_byte()
    {
        string log = Workspace.Event("1") + Workspace.Event("2", user: @"quoted \"" and \u00e9");
        Assert.Equal(log, VedetteProgram.Run("events", _files.Write("audit.log", log)).Out);
    }

    [Fact]
    public void An_EventList_comes_out_as_lines()
    {
        Answer answer = VedetteProgram.Run("events", SharedData.Case("apiserver/eventlist-100.json.gz"));
        string[] lines = answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(100, lines.Length);
        Assert.All(lines, line =>
        {
            JsonElement item = JsonDocument.Parse(line).RootElement;
            Assert.Equal("Event", item.GetProperty("kind").GetString());
            Assert.Equal("audit.k8s.io/v1", item.GetProperty("apiVersion").GetString());
        });
    }

    [Fact]
    public void Output_of_events_can_be_read_again()
    {
        string once = VedetteProgram.Run("events", SharedData.Case("replay/audit-all-rr.log.gz")).Out;
        Answer twice = VedetteProgram.Run(Encoding.UTF8.GetBytes(once), ["events", "-"]);
        Assert.Equal(1686, once.Count(character => character == '\n'));
        Assert.Equal(once, twice.Out);
    }

    [Fact]
    public void A_table_has_a_row_per_event()
    {
        Answer answer = VedetteProgram.Run("events", "-o", "table", _files.Write("audit.log", Workspace.Event("1") + Workspace.Event("2")));
        Assert.Equal(3, answer.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("TIME ", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_provider_sample_becomes_audit_events()
    {
        string[] lines = VedetteProgram.Run("events", SharedData.Third("platforms/samples/gke/real-endpoints-update.json")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        JsonElement item = JsonDocument.Parse(Assert.Single(lines)).RootElement;
        Assert.Equal("update", item.GetProperty("verb").GetString());
        Assert.Equal("endpoints", item.GetProperty("objectRef").GetProperty("resource").GetString());
    }
}
