using System.Collections.Immutable;
using System.Globalization;
using Vedette.Storage.Stores;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>
/// A server finds a file of its state, or the last findings, torn, at some places of each; VEDETTE_TORN says at how many (bench/endure). That a torn file is known for one is tested at every byte by the storage's tests.
/// </summary>
public class TornFileTests(ITestOutputHelper output)
{
    private static readonly int s_places = int.TryParse(Environment.GetEnvironmentVariable("VEDETTE_TORN"), NumberStyles.None, CultureInfo.InvariantCulture, out int places) ? places : 4;

    [Fact]
    public async Task A_server_goes_on_whichever_file_of_its_state_is_torn_and_wherever()
    {
        string folder = Directory.CreateTempSubdirectory("vedette-torn-").FullName;
        FastClock clock = new(100);
        (SimulatedDisk whole, ApiServerDouble[] apiServers) = await FillAsync(folder, clock);
        StoreFiles paths = new(ServerMachine.Data);
        string[] state = [.. whole.Paths.Where(path => Path.GetDirectoryName(path) == paths.Snapshots || Path.GetDirectoryName(path) == paths.Cursors).Order(StringComparer.Ordinal)];
        Assert.True(state.Length >= 4, string.Join('\n', state));
        int torn = 0;
        foreach (string path in state)
        {
            int length = whole[path].Length;
            foreach (int cut in Enumerable.Range(0, s_places).Select(place => place * (length - 1) / (s_places - 1)).Distinct())
            {
                SimulatedDisk disk = whole.LosePower();
                disk[path] = Torn(whole[path], cut, torn++);
                await GoOnAsync(disk, folder, clock, apiServers, fromStart: false);
            }
        }

        output.WriteLine($"survived {torn} torn files of {state.Length}");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Findings_that_were_being_written_are_found_again_wherever_they_are_torn()
    {
        string folder = Directory.CreateTempSubdirectory("vedette-torn-").FullName;
        FastClock clock = new(100);
        (SimulatedDisk whole, ApiServerDouble[] apiServers) = await FillAsync(folder, clock);
        StoreFiles paths = new(ServerMachine.Data);
        string journal = whole.Paths.Where(path => Path.GetDirectoryName(path) == paths.Findings).Max(StringComparer.Ordinal)!;
        byte[] bytes = whole[journal];
        int last = bytes.Length - 4096;
        while (!bytes.AsSpan(last).StartsWith("VBLK"u8))
        {
            last -= 4096;
        }

        // The state that passed them, and who was told of them, come later than they do: neither is on the disk.
        foreach (string path in whole.Paths.Where(path => Path.GetDirectoryName(path) == paths.Snapshots || Path.GetDirectoryName(path) == paths.Cursors))
        {
            whole.Delete(path);
        }

        whole.SyncDirectory(paths.Snapshots);
        whole.SyncDirectory(paths.Cursors);
        int end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        int torn = 0;
        for (int cut = last; cut < end; cut += Math.Max(1, (end - last) / (6 * s_places)))
        {
            SimulatedDisk disk = whole.LosePower();
            disk[journal] = Torn(bytes, cut, torn++);
            await GoOnAsync(disk, folder, clock, apiServers, fromStart: true);
        }

        output.WriteLine($"survived {torn} torn records of findings");
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A server that has done its work and ended in order.</summary>
    private static async Task<(SimulatedDisk Disk, ApiServerDouble[] ApiServers)> FillAsync(string folder, FastClock clock)
    {
        await using AlertmanagerDouble alertmanager = await AlertmanagerDouble.StartAsync(1);
        await using ServerMachine machine = new(1, clock, Path.Combine(folder, "*.log"), alertmanager.Address);
        ApiServerDouble[] apiServers = [new(0, machine, Path.Combine(folder, "both.log"), clock), new(1, machine, null, clock)];
        Assert.True(await machine.StartAsync());
        for (int group = 0; group < 5; group++)
        {
            foreach (ApiServerDouble apiServer in apiServers)
            {
                await apiServer.DoAsync(group);
            }
        }

        await DoneAsync(machine, clock, apiServers, alertmanager);
        return (machine.Disk.LosePower(), apiServers);
    }

    private static async Task GoOnAsync(SimulatedDisk disk, string folder, FastClock clock, ApiServerDouble[] apiServers, bool fromStart)
    {
        await using AlertmanagerDouble alertmanager = await AlertmanagerDouble.StartAsync(1);
        await using ServerMachine machine = new(1, clock, Path.Combine(folder, "*.log"), alertmanager.Address) { Disk = disk };
        ImmutableArray<Sinks.Routing.ReceiverSettings> receivers = [.. machine.Settings.Routing.Receivers.Select(receiver => receiver with { FromStart = fromStart })];
        machine.Settings = machine.Settings with { Routing = machine.Settings.Routing with { Receivers = receivers } };
        Assert.True(await machine.StartAsync());
        ApiServerDouble more = new(100, machine, null, clock);
        await more.DoAsync(0);
        await DoneAsync(machine, clock, [.. apiServers, more], fromStart ? alertmanager : null);
        await Reckoning.CheckAsync(machine.Disk.LosePower(), [.. apiServers, more], fromStart ? alertmanager : null);
    }

    private static async Task DoneAsync(ServerMachine machine, FastClock clock, ApiServerDouble[] apiServers, AlertmanagerDouble? alertmanager)
    {
        int taken = apiServers.Sum(apiServer => apiServer.Events.Count);
        await machine.UntilAsync(() => machine.Server.Store.Events.End >= taken && machine.Server.Detection.Position == machine.Server.Store.Events.End, () => "all events to be evaluated");
        clock.Pass(TimeSpan.FromDays(5));
        string? missing = null;
        await machine.UntilAsync(() => Reckoning.IsComplete(machine.Disk, apiServers, out missing), () => missing ?? "");
        await machine.UntilAsync(() => alertmanager is null || Reckoning.Findings(machine.Disk).Keys.All(alertmanager.Taken.ContainsKey), () => "all findings to be told");
        await machine.StopAsync();
        Assert.Empty(machine.Wrong);
        Assert.DoesNotContain(machine.Said, line => line.Contains("defect", StringComparison.Ordinal));
    }

    /// <summary>The end was never written, or is noise, or the file ends there.</summary>
    private static byte[] Torn(byte[] whole, int cut, int how)
    {
        byte[] torn = [.. whole];
        torn.AsSpan(cut).Clear();
        if (how % 3 == 1)
        {
            new Random(how).NextBytes(torn.AsSpan(cut));
        }

        return how % 3 == 2 ? torn[..cut] : torn;
    }
}
