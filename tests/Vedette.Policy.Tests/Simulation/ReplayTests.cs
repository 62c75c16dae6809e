using System.Buffers;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Simulation;
using Vedette.Tests;
using Xunit;

namespace Vedette.Policy.Tests.Simulation;

/// <summary>The log of a run at RequestResponse foretells what the real server wrote under four policies.</summary>
public class ReplayTests
{
    [Theory]
    [InlineData("all-rr")]
    [InlineData("seed")]
    [InlineData("gce")]
    [InlineData("nasty-a")]
    public void The_events_of_every_request_are_those_the_server_wrote(string name)
    {
        Dictionary<string, List<string>> emitted = [];
        foreach (string line in Emit(name))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            string id = root.GetProperty("auditID").GetString()!;
            (emitted.TryGetValue(id, out List<string>? stages) ? stages : emitted[id] = []).Add($"{root.GetProperty("stage").GetString()}:{root.GetProperty("level").GetString()}");
        }

        JsonElement[] rows = Tables.Lines("replay/emitted-by-policy.jsonl.gz");
        Assert.NotEmpty(rows);
        foreach (JsonElement row in rows)
        {
            IEnumerable<string> expected = row.GetProperty("emitted").GetProperty(name).EnumerateArray().Select(pair => $"{pair[0].GetString()}:{pair[1].GetString()}");
            Assert.Equal(expected, emitted.GetValueOrDefault(row.GetProperty("auditID").GetString()!, []));
        }
    }

    [Fact]
    public void Attributes_of_events_are_those_the_policy_saw()
    {
        Dictionary<string, JsonElement> rows = Tables.Lines("replay/emitted-by-policy.jsonl.gz").ToDictionary(row => row.GetProperty("auditID").GetString()!, StringComparer.Ordinal);
        EventAttributes attributes = new();
        EventDecoder decoder = new();
        int compared = 0;
        foreach (string line in Log("all-rr"))
        {
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(line), out EventView view));
            if (rows.TryGetValue(view[AuditField.AuditId].AsString()!, out JsonElement row) && view[AuditField.UserName].Exists)
            {
                RequestAttributes expected = Tables.Attributes(row.GetProperty("attributes"));
                Assert.Equal(expected with { User = null }, attributes.RequestOf(view));
                Assert.Equal(expected.User!.Name, attributes.UserOf(view)!.Name);
                Assert.Equal(expected.User.Groups, attributes.UserOf(view)!.Groups);
                compared++;
            }
        }

        Assert.True(compared > 100);
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("gce")]
    [InlineData("nasty-a")]
    public void Emitted_events_have_the_members_that_the_server_writes(string name)
    {
        // The runs differ in times and ids; the names of the members, in order, must not.
        Dictionary<string, string> real = [];
        foreach (string line in Log(name))
        {
            (string key, string members) = Shape(line);
            real.TryAdd(key, members);
        }

        int compared = 0;
        foreach (string line in Emit(name))
        {
            (string key, string members) = Shape(line);
            if (real.TryGetValue(key, out string? expected))
            {
                Assert.Equal(expected, members);
                compared++;
            }
        }

        Assert.True(compared > 50, $"{compared} events compared");
    }

    [Fact]
    public void At_the_level_of_the_log_not_a_byte_changes()
    {
        Assert.Equal(Log("all-rr"), Emit("all-rr"));
    }

    [Fact]
    public void Managed_fields_are_cut_out_of_objects_lists_and_tables_and_nothing_else_changes()
    {
        const string before =
            """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"VERB","user":{"username":"a"},"requestObject":{"metadata":{"managedFields":[{"a":"]"}],"name":"x"}},"responseObject":{"metadata":{"name":"x","managedFields":[]},"items":[{"metadata":{"managedFields":[1]}},{"metadata":{"a":1,"managedFields":[],"b":2}}],"rows":[{"cells":["managedFields"],"object":{"metadata":{"managedFields":[2]}}}]},"stageTimestamp":"2026-01-01T00:00:00.000000Z"}""";
        const string response = """responseObject":{"metadata":{"name":"x"},"items":[{"metadata":{}},{"metadata":{"a":1,"b":2}}],"rows":[{"cells":["managedFields"],"object":{"metadata":{}}}]}""";
        string updated = Rewrite(before.Replace("VERB", "update", StringComparison.Ordinal), AuditLevel.RequestResponse);
        Assert.Contains("requestObject\":{\"metadata\":{\"name\":\"x\"}},\"" + response, updated, StringComparison.Ordinal);

        // The raw bytes of a patch are not touched.
        string patched = Rewrite(before.Replace("VERB", "patch", StringComparison.Ordinal), AuditLevel.RequestResponse);
        Assert.Contains("requestObject\":{\"metadata\":{\"managedFields\":[{\"a\":\"]\"}],\"name\":\"x\"}},\"" + response, patched, StringComparison.Ordinal);
        Assert.EndsWith(""","verb":"update","user":{"username":"a"},"stageTimestamp":"2026-01-01T00:00:00.000000Z"}""", Rewrite(before.Replace("VERB", "update", StringComparison.Ordinal), AuditLevel.Metadata), StringComparison.Ordinal);
    }

    [Fact]
    public void Events_in_another_layout_are_brought_into_the_servers_own()
    {
        const string before = """
            { "apiVersion": "audit.k8s.io/v1", "kind": "Event", "verb": "create", "stage": "ResponseComplete", "requestObject": { "a": 1 },
              "level": "Request", "auditID": "1", "requestURI": "/api/v1/pods" }
            """;
        Assert.Equal(
            """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"create"}""",
            Rewrite(before, AuditLevel.Metadata));
    }

    [Fact]
    public void Figures_add_up()
    {
        PolicySimulator simulator = new(CompiledPolicy.Compile(Policy("nasty-a")));
        EventDecoder decoder = new();
        foreach (string line in Log("all-rr"))
        {
            decoder.Decode(Encoding.UTF8.GetBytes(line), out EventView view);
            simulator.Add(view, null);
        }

        Volume before = simulator.Total.Before;
        Volume after = simulator.Total.After;
        Assert.Equal(SharedData.ReadCase("replay/audit-all-rr.log.gz").Length, before.Bytes);
        Assert.Equal(Emit("nasty-a").Sum(line => Encoding.UTF8.GetByteCount(line) + 1L), after.Bytes);
        foreach (IEnumerable<Share> shares in new[] { simulator.Levels, simulator.Rules, simulator.Resources.Select(pair => pair.Share), simulator.Users.Select(pair => pair.Share) })
        {
            Assert.Equal(before.Bytes, shares.Sum(share => share.Before.Bytes));
            Assert.Equal(after.Events, shares.Sum(share => share.After.Events));
        }

        Assert.Equal(before.Events, after.Events + simulator.LostToLevel.Events + simulator.LostToStages.Events);

        // What is left, what is gone, and the shorter names of the levels make up the whole.
        long shorter = Emit("nasty-a").Sum(line => "RequestResponse".Length - JsonDocument.Parse(line).RootElement.GetProperty("level").GetString()!.Length);
        Assert.Equal(
            before.Bytes,
            after.Bytes + shorter + simulator.LostToLevel.Bytes + simulator.LostToStages.Bytes + simulator.LostBodies.Bytes + simulator.LostManagedFields.Bytes);
    }

    private static string Rewrite(string json, AuditLevel level)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        ArrayBufferWriter<byte> into = new();
        int length = new EventRewriter().Write(view, new PolicyAnswer(level, 0, AuditStage.None, OmitManagedFields: true), into);
        Assert.Equal(into.WrittenCount, length);
        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    private static (string Key, string Members) Shape(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        string key = $"{root.GetProperty("auditID").GetString()} {root.GetProperty("stage").GetString()} {(root.TryGetProperty("responseStatus", out JsonElement status) ? status.GetProperty("code").GetInt32() : 0)}";
        return (key, string.Join(',', root.EnumerateObject().Select(member => member.Name)) + " " + root.GetProperty("level").GetString() + (line.Contains("\"managedFields\":[", StringComparison.Ordinal) ? " managed" : ""));
    }

    private static AuditPolicy Policy(string name) => Tables.Policy(Encoding.UTF8.GetString(SharedData.ReadCase($"apiserver/policies/{name}.yaml")));

    private static string[] Log(string name) => Encoding.UTF8.GetString(SharedData.ReadCase($"replay/audit-{name}.log.gz")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static List<string> Emit(string name)
    {
        PolicySimulator simulator = new(CompiledPolicy.Compile(Policy(name)));
        EventDecoder decoder = new();
        ArrayBufferWriter<byte> into = new();
        List<string> lines = [];
        foreach (string line in Log("all-rr"))
        {
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(line), out EventView view));
            into.ResetWrittenCount();
            if (simulator.Add(view, into))
            {
                lines.Add(Encoding.UTF8.GetString(into.WrittenSpan));
            }
        }

        return lines;
    }
}
