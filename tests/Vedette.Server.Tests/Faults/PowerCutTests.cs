using System.Globalization;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>The whole server on a machine that loses power, or whose server is killed, at any call of the disk. VEDETTE_POWER_CUTS makes it longer (bench/endure).</summary>
public class PowerCutTests(ITestOutputHelper output)
{
    private const int CutsOfOneMachine = 25;

    private static readonly int s_cuts = int.TryParse(Environment.GetEnvironmentVariable("VEDETTE_POWER_CUTS"), NumberStyles.None, CultureInfo.InvariantCulture, out int cuts) ? cuts : 200;

    [Fact]
    public async Task A_receiver_that_is_new_misses_nothing_when_its_place_cannot_be_written_down_and_power_is_cut()
    {
        await using FaultScene scene = await FaultScene.BeginAsync(2);
        SimulatedDisk disk = scene.Machine.Disk;

        // Three files are renamed into their place before it: the key, the token, and by what the key is recognised.
        int moves = 0;
        disk.Fail = (_, name) => name is "move" && moves++ >= 3 ? new IOException("input/output error", 5) : null;
        Assert.True(await scene.Machine.StartAsync());
        await scene.Machine.UntilAsync(() => scene.ApiServers.All(apiServer => apiServer.Users.Count > 1) && scene.Machine.Server.Detection.Problem is not null, () => "findings that wait");
        Assert.Equal(0, scene.Machine.Server.Store.Findings.End);
        scene.Machine.Disk = disk.CutPower();
        await scene.Machine.StopAsync();
        Assert.True(await scene.Machine.StartAsync());
        await scene.EndAsync();
    }

    [Fact]
    public async Task Power_is_cut_at_any_call_of_the_disk_and_every_event_and_finding_is_there_once_and_told()
    {
        int powerCuts = 0;
        int kills = 0;
        int faults = 0;
        int starts = 0;
        int events = 0;
        int findings = 0;
        SortedDictionary<string, int> cutIn = new(StringComparer.Ordinal);
        for (int machine = 0; powerCuts + kills < s_cuts; machine++)
        {
            (int Events, int Findings) kept = await LiveAsync(machine);
            events += kept.Events;
            findings += kept.Findings;
        }

        output.WriteLine($"survived {powerCuts} power cuts and {kills} kills of the server, {faults} failed calls between them, in {starts} starts; {events} events and {findings} findings are there exactly once, and told");
        output.WriteLine(string.Join(", ", cutIn.Select(one => $"{one.Key} {one.Value}")));

        async Task<(int Events, int Findings)> LiveAsync(int number)
        {
            Random random = new(number);
            await using FaultScene scene = await FaultScene.BeginAsync(number);
            int before = powerCuts + kills;
            while (powerCuts + kills < Math.Min(s_cuts, before + CutsOfOneMachine))
            {
                await CutAsync(scene.Machine, random);
            }

            scene.Machine.Disk.Fail = null;
            Assert.True(await scene.Machine.StartAsync());
            return await scene.EndAsync();
        }

        async Task CutAsync(ServerMachine machine, Random random)
        {
            TaskCompletionSource<SimulatedDisk> cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
            SimulatedDisk disk = machine.Disk;
            // At any call, soon or late; or at any that changes something, of which there are fewer.
            int at = disk.Calls + random.Next(random.Next(2) == 0 ? 120 : 1000);
            int change = random.Next(2) == 0 ? random.Next(150) : int.MaxValue;
            int failingFrom = disk.Calls + random.Next(400);
            int failing = random.Next(4) == 0 ? random.Next(1, 30) : 0;
            bool isKill = random.Next(4) == 0;
            disk.Fail = (call, name) =>
            {
                bool changes = name is not ("read" or "open" or "list" or "exists" or "lock");
                if (change == int.MaxValue ? call >= at : changes && change-- <= 0)
                {
                    cut.TrySetResult(isKill ? disk.Kill() : disk.CutPower());
                    cutIn[name] = cutIn.GetValueOrDefault(name) + 1;
                    return new SimulatedDisk.KilledException();
                }

                bool fails = call >= failingFrom && call < failingFrom + failing && name is not "exists";
                faults += fails ? 1 : 0;
                return fails ? new IOException("input/output error", 5) : null;
            };
            starts++;
            if (!await machine.StartAsync())
            {
                // It ended because the disk failed, and is started again.
                machine.Disk = cut.Task.IsCompleted ? await cut.Task : disk.Kill();
            }
            else
            {
                machine.Disk = await cut.Task.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
                await machine.StopAsync();
            }

            powerCuts += cut.Task.IsCompleted && !isKill ? 1 : 0;
            kills += !cut.Task.IsCompleted || isKill ? 1 : 0;
        }
    }
}
