using System.Globalization;
using System.Net;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>The whole server on a machine whose clock is set forward and back by hours, while it runs and while it does not.</summary>
public class ClockJumpTests(ITestOutputHelper output)
{
    private const int Jumps = 20;

    // Windows of the rules are longer than the clock is ever wrong.
    private const int MostHours = 20;

    [Fact]
    public async Task The_clock_jumps_by_hours_and_nothing_is_lost_doubled_or_kept_waiting()
    {
        int restarts = 0;
        Random random = new(1);

        // The even one has groups, which wait.
        await using FaultScene scene = await FaultScene.BeginAsync(2);
        Assert.True(await scene.Machine.StartAsync());
        TimeSpan wrong = TimeSpan.Zero;
        for (int jump = 0; jump < Jumps; jump++)
        {
            // The last one is back as far as it goes: what waits for a time of day would wait for ever.
            TimeSpan next = jump == Jumps - 1 ? TimeSpan.FromHours(-MostHours) : jump == Jumps - 2 ? TimeSpan.FromHours(MostHours) : TimeSpan.FromHours(random.Next(-MostHours, MostHours + 1));
            int restart = jump < Jumps - 2 ? random.Next(4) : 3;
            if (restart < 2)
            {
                restarts++;
                SimulatedDisk disk = scene.Machine.Disk;
                scene.Machine.Disk = restart == 0 ? disk.Kill() : disk;
                await scene.Machine.StopAsync();
                scene.Clock.Set(next - wrong);
                Assert.True(await scene.Machine.StartAsync());
            }
            else
            {
                scene.Clock.Set(next - wrong);
            }

            wrong = next;
            int[] before = [.. scene.ApiServers.Select(apiServer => apiServer.Users.Count)];
            await scene.Machine.UntilAsync(() => scene.ApiServers.Select((apiServer, place) => apiServer.Users.Count > before[place]).All(hasMore => hasMore), () => "API servers to go on");
            Assert.Equal(HttpStatusCode.OK, (await scene.Machine.GetAsync("/readyz")).Status);
            AssertSane((await scene.Machine.GetAsync("/metrics")).Body);
        }

        string[] found = [.. Reckoning.Findings(scene.Machine.Disk).Keys];
        await scene.Machine.UntilAsync(() => found.All(scene.Alertmanager.Taken.ContainsKey), () => "what was found to be told although the clock was set back");
        (int events, int findings) = await scene.EndAsync();
        Assert.DoesNotContain(scene.Machine.Said, line => line.Contains("were removed", StringComparison.Ordinal));
        output.WriteLine($"survived {Jumps} jumps of the clock by up to {2 * MostHours} hours, {restarts} of them over a restart; {events} events and {findings} findings are there exactly once, and told");
    }

    /// <summary>Numbers are numbers, and only what can be less than nothing is.</summary>
    private static void AssertSane(string metrics)
    {
        foreach (string line in metrics.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            double value = double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            Assert.True(double.IsFinite(value) && value >= 0, line);
        }
    }
}
