using System.Text;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Pipeline.Serving;
using Vedette.Sinks;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>What must be on a disk in the end, whatever happened: every event that was taken, once, byte for byte as redaction leaves it; every finding, once; and nothing was told that is not there.</summary>
internal static class Reckoning
{
    /// <summary>Findings of the rules in a store: of each id the record that told it, and its last count.</summary>
    public static Dictionary<string, (StoredFinding First, int Count)> Findings(IFileSystem disk)
    {
        Dictionary<string, (StoredFinding First, int Count)> findings = new(StringComparer.Ordinal);
        using JournalReader reader = JournalReader.Open(disk, new StoreFiles(ServerMachine.Data).Findings, 0, damage => Assert.Fail(damage.ToString()));
        HashSet<UInt128> identities = [];
        while (reader.TryRead(out JournalRecord record))
        {
            Assert.True(identities.Add(record.Identity), "a finding is stored twice");
            StoredFinding finding = StoredFinding.Read(record.Sequence, FindingRecord.IsUpdate(record.Label), record.Bytes.ToArray());
            Assert.True(
                finding.IsUpdate == findings.ContainsKey(finding.Id), $"{finding.Title} ({finding.User}, {finding.Message}) is {(finding.IsUpdate ? "updated before it is told" : "told twice")} at {record.Sequence}");
            findings[finding.Id] = (findings.TryGetValue(finding.Id, out (StoredFinding First, int Count) known) ? known.First : finding, finding.Count);
        }

        return findings;
    }

    /// <summary>Have all users' findings come, with the counts they should have?</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="apiServers">Who sent events.</param>
    /// <param name="missing">What has not come; null when all has.</param>
    public static bool IsComplete(IFileSystem disk, IEnumerable<ApiServerDouble> apiServers, out string? missing)
    {
        ILookup<(string RuleId, string User), int> counts = Findings(disk).Values.ToLookup(finding => (finding.First.RuleId, finding.First.User), finding => finding.Count);
        (string RuleId, string User)[] expected = [.. apiServers.SelectMany(apiServer => apiServer.Users).SelectMany(user => FaultRules.All.Select(rule => (rule, user)))];
        (string RuleId, string User)[] left = [.. expected.Where(one => !counts[one].Any(count => one.RuleId != FaultRules.Folded || count == 2))];
        missing = left is [var (rule, user), ..] ? $"{left.Length} of {expected.Length} findings, such as {rule} of {user}, of which there are counts {string.Join(", ", counts[left[0]])}" : null;
        return missing is null;
    }

    /// <summary>Checks everything.</summary>
    /// <param name="disk">The disk.</param>
    /// <param name="apiServers">Who sent events.</param>
    /// <param name="alertmanager">Who was told of all findings since there are any; null when that was somebody else.</param>
    /// <param name="central">To whom all events were forwarded; null for nobody.</param>
    /// <returns>Numbers of events and findings.</returns>
    public static async Task<(int Events, int Findings)> CheckAsync(SimulatedDisk disk, IReadOnlyCollection<ApiServerDouble> apiServers, AlertmanagerDouble? alertmanager, CentralDouble? central = null)
    {
        Dictionary<string, string> taken = new(apiServers.SelectMany(apiServer => apiServer.Events), StringComparer.Ordinal);
        Dictionary<string, string> expected = await RedactedAsync(disk, taken.Values);
        List<(string Id, string Json)> stored = Events(disk);
        Assert.Equal(stored.Count, stored.Select(one => one.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(taken.Keys.Order(StringComparer.Ordinal), stored.Select(one => one.Id).Order(StringComparer.Ordinal));
        Assert.All(stored, one => Assert.Equal(expected[one.Id], one.Json));
        if (central is not null)
        {
            Assert.Equal(taken.Keys.Order(StringComparer.Ordinal), central.Taken.Keys.Order(StringComparer.Ordinal));
            Assert.All(central.Taken, one => Assert.Equal(expected[one.Key], WithoutKind(one.Value)));
        }

        Dictionary<string, (StoredFinding First, int Count)> findings = Findings(disk);
        (StoredFinding First, int Count)[] ours = [.. findings.Values.Where(finding => FaultRules.All.Contains(finding.First.RuleId, StringComparer.Ordinal))];
        Assert.Equal(
            apiServers.SelectMany(apiServer => apiServer.Users).SelectMany(user => FaultRules.All.Select(rule => $"{user} {rule}")).Order(StringComparer.Ordinal),
            ours.Select(finding => $"{finding.First.User} {finding.First.RuleId}").Order(StringComparer.Ordinal));
        Assert.All(ours.Where(finding => finding.First.RuleId == FaultRules.Folded), finding => Assert.Equal(2, finding.Count));
        if (alertmanager is not null)
        {
            Assert.All(findings.Keys, id => Assert.True(alertmanager.Taken.ContainsKey(id), $"{id} was not told"));
            Assert.All(alertmanager.Heard.Keys, id => Assert.True(findings.ContainsKey(id), $"{id} was told and is not stored"));
        }

        return (stored.Count, findings.Count);
    }

    private static List<(string Id, string Json)> Events(IFileSystem disk)
    {
        List<(string Id, string Json)> events = [];
        using JournalReader reader = JournalReader.Open(disk, new StoreFiles(ServerMachine.Data).Events, 0, damage => Assert.Fail(damage.ToString()));
        while (reader.TryRead(out JournalRecord record))
        {
            using JsonDocument json = JsonDocument.Parse(record.Bytes.ToArray());
            string id = json.RootElement.GetProperty("auditID").GetString()!;

            events.Add((id, WithoutKind(Encoding.UTF8.GetString(record.Bytes))));
        }

        return events;
    }

    /// <summary>A log has kind and apiVersion in front, a batch does not: whichever came first is stored.</summary>
    private static string WithoutKind(string json) => json.Replace("\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",", "", StringComparison.Ordinal);

    /// <summary>The same events as a store with the same key has them that nothing ever happened to.</summary>
    private static async Task<Dictionary<string, string>> RedactedAsync(SimulatedDisk disk, IEnumerable<string> events)
    {
        SimulatedDisk quiet = new(1);
        string key = StoreKey.DefaultPath(ServerMachine.Data);
        using (IFile copy = quiet.Create(key, 0))
        {
            copy.Write(disk[key], 0);
        }

        await using Store store = Store.Open(quiet, ServerMachine.Data, StoreKey.LoadOrCreate(quiet, key, ServerMachine.Data), new StoreOptions(), TimeProvider.System);
        using Intake intake = new(store, TimeProvider.System);
        byte[] lines = Encoding.UTF8.GetBytes(string.Join('\n', events) + "\n");
        using EventBatch batch = new(lines.Length);
        batch.Append(lines);
        IntakeResult taken = await intake.TakeAsync(ServerMachine.Cluster, "quiet", batch, CancellationToken.None);
        Assert.True(taken is { IsDurable: true, Rejects: 0, Duplicates: 0 });
        return Events(quiet).ToDictionary(one => one.Id, one => one.Json, StringComparer.Ordinal);
    }
}
