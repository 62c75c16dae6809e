using System.Text;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

public sealed class StoreTests : IDisposable
{
    private readonly Workspace _files = new();

    private string Data => _files["data"];

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_scan_of_a_data_directory_gives_the_findings_of_a_scan_of_the_log()
    {
        string log = SharedData.Case("replay/audit-all-rr.log.gz");
        await StoreAsync("prod", SharedData.Read(log));
        Answer fromLog = VedetteProgram.Run("scan", log, "--cluster", "prod", "-o", "jsonl");
        Answer fromData = VedetteProgram.Run("scan", "--data", Data, "-o", "jsonl");
        Assert.Equal(0, fromData.Exit);
        Assert.NotEmpty(fromLog.Out);
        Assert.Equal(fromLog.Out, fromData.Out);
    }

    [Fact]
    public async Task Events_of_a_data_directory_are_those_stored_without_their_secrets()
    {
        byte[] log = SharedData.ReadCase("replay/audit-all-rr.log.gz");
        await StoreAsync("prod", log);
        Answer events = VedetteProgram.Run("events", "--data", Data);
        Answer exported = VedetteProgram.Run("store", "export", "--data", Data);
        Assert.Equal(1686, events.Out.Count(character => character == '\n'));
        Assert.Equal(events.Out, exported.Out);
        Assert.Contains("redacted:v1:", exported.Out, StringComparison.Ordinal);
        Assert.Empty(VedetteProgram.Run("store", "export", "--data", Data, "--cluster", "other").Out);
        Assert.Equal(1, VedetteProgram.Run("store", "export", "--data", Data, "--from", "1685").Out.Count(character => character == '\n'));
    }

    [Fact]
    public async Task Several_clusters_are_scanned_one_at_a_time_and_printed_together()
    {
        await StoreAsync("blue", Workspace.Event("1"));
        await StoreAsync("green", Workspace.Event("2") + Workspace.Event("3"));
        string rules = _files.Write("rule.yml", Workspace.SecretRule);
        Answer all = VedetteProgram.Run("scan", "--data", Data, "--rules", rules);
        Assert.Equal(2, all.Exit);
        Assert.Contains("--cluster: blue, green", all.Error, StringComparison.Ordinal);
        string[] green = VedetteProgram.Run("scan", "--data", Data, "--rules", rules, "--cluster", "green", "-o", "jsonl").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["green", "green"], green.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("cluster").GetString()));
        Assert.Equal(3, VedetteProgram.Run("events", "--data", Data).Out.Count(character => character == '\n'));
        Assert.Equal(1, VedetteProgram.Run("events", "--data", Data, "--cluster", "blue").Out.Count(character => character == '\n'));
    }

    [Fact]
    public async Task Status_says_what_is_there_and_verify_finds_what_is_damaged()
    {
        for (int i = 0; i < 5; i++)
        {
            await StoreAsync("blue", Workspace.Event($"{i}"));
        }

        JsonElement status = JsonDocument.Parse(VedetteProgram.Run("store", "status", "--data", Data, "-o", "json").Out).RootElement;
        Assert.Equal(5, status.GetProperty("journals").GetProperty("events").GetProperty("records").GetInt64());
        Assert.Equal(5, status.GetProperty("cursors").GetProperty("detector").GetInt64());
        Assert.Matches("(?m)^events +5 +0-4 +5 ", VedetteProgram.Run("store", "status", "--data", Data).Out);
        Answer whole = VedetteProgram.Run("store", "verify", "--data", Data);
        Assert.Equal(0, whole.Exit);
        Assert.Contains("events: 5 records in 5 segments are whole", whole.Out, StringComparison.Ordinal);

        string file = Directory.EnumerateFiles(Path.Combine(Data, "events")).Order(StringComparer.Ordinal).First();
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[4096 + 100] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        Answer damaged = VedetteProgram.Run("store", "verify", "--data", Data);
        Assert.Equal(1, damaged.Exit);
        Assert.Contains("events: 4 records", damaged.Out, StringComparison.Ordinal);
        Assert.Contains(file, damaged.Error, StringComparison.Ordinal);
        Answer export = VedetteProgram.Run("store", "export", "--data", Data);
        Assert.Equal(1, export.Exit);
        Assert.Equal(4, export.Out.Count(character => character == '\n'));
    }

    [Theory]
    [InlineData("store", "status")]
    [InlineData("store", "verify")]
    [InlineData("store", "export")]
    [InlineData("scan")]
    [InlineData("events")]
    public void Where_there_is_no_data_directory_it_is_said(params string[] command)
    {
        Answer answer = VedetteProgram.Run([.. command, "--data", Data]);
        Assert.Equal(4, answer.Exit);
        Assert.Contains("no data directory", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Data));
    }

    private Task StoreAsync(string cluster, string log) => StoreAsync(cluster, Encoding.UTF8.GetBytes(log));

    private async Task StoreAsync(string cluster, byte[] log)
    {
        StoreKey key = StoreKey.LoadOrCreate(LinuxFileSystem.Instance, StoreKey.DefaultPath(Data), Data);
        await using Store store = Store.Open(LinuxFileSystem.Instance, Data, key, new StoreOptions(), TimeProvider.System);
        using EventRecords records = store.CreateRecords();
        records.Begin(cluster, "test", TimeProvider.System.GetUtcNow());
        using EventBatch batch = new(log.Length);
        batch.Append(log);
        AuditLogReader reader = new("log", new RejectLog(), log.Length);
        reader.Begin(batch, isFinal: true);
        while (reader.TryRead(out EventView view))
        {
            records.Add(view);
        }

        AppendResult result = await store.AppendAsync(records, TestContext.Current.CancellationToken);
        Assert.True(result.IsDurable);
        store.Cursors.Set("detector", store.Events.End);
    }
}
