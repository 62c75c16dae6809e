using System.Globalization;
using System.Net;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>The whole server on a disk that fails at each of its calls, in every way, for a moment or for long. VEDETTE_DISK_FAULTS makes it longer (bench/endure).</summary>
public class DiskFaultTests(ITestOutputHelper output)
{
    private const int FaultsOfOneMachine = 60;

    private static readonly int s_faults = int.TryParse(Environment.GetEnvironmentVariable("VEDETTE_DISK_FAULTS"), NumberStyles.None, CultureInfo.InvariantCulture, out int faults) ? faults : 120;

    private static readonly Exception[] s_failures =
    [
        new IOException("input/output error", 5), new IOException("no space left on device", 28), new IOException("read-only file system", 30), new UnauthorizedAccessException("permission denied"),
    ];

    public static TheoryData<string> Lasting => ["full", "read-only", "forbidden", "broken"];

    [Fact]
    public async Task The_disk_fails_at_each_call_and_the_server_goes_on_without_a_restart_and_nothing_is_lost_or_counted_twice()
    {
        int faults = 0;
        int refused = 0;
        int calls = 0;
        int events = 0;
        for (int machine = 0; faults < s_faults; machine++)
        {
            await using FaultScene scene = await FaultScene.BeginAsync(machine);
            SimulatedDisk disk = scene.Machine.Disk;
            Assert.True(await scene.Machine.StartAsync());
            for (int place = 0; place < FaultsOfOneMachine && faults < s_faults; place++, faults++)
            {
                // The call after so many from now, and some of those that come after it.
                Exception failure = s_failures[faults % s_failures.Length];
                int at = disk.Calls + (place * 7 + machine) % 180;
                int end = at + new[] { 1, 1, 4, 25 }[faults / s_failures.Length % 4];
                disk.Fail = (call, name) =>
                {
                    bool fails = call >= at && call < end && name is not "exists";
                    calls += fails ? 1 : 0;
                    return fails ? failure : null;
                };
                await scene.Machine.UntilAsync(() => disk.Calls >= end, () => "the disk to be used");
            }

            disk.Fail = null;
            await scene.Machine.UntilAsync(() => scene.Machine.Server.Checks().All(check => check.Problem is null), () => "readiness");
            refused += scene.Refused;
            (int Events, int Findings) kept = await scene.EndAsync(async () =>
            {
                // Counted once each, though much was evaluated again.
                (HttpStatusCode _, string metrics) = await scene.Machine.GetAsync("/metrics");
                Assert.Equal(scene.ApiServers.Sum(apiServer => apiServer.Events.Count), Sum(metrics, "vedette_events_total{"));
                Assert.Equal(scene.ApiServers.Sum(apiServer => apiServer.Users.Count) * FaultRules.All.Length, FaultRules.Titles.Sum(title => Sum(metrics, "vedette_findings_total{", $"\"{title}\"")));
            });
            events += kept.Events;
        }

        Assert.True(refused > 0);
        output.WriteLine($"survived {faults} faults of the disk, {calls} failed calls in all, without a restart; {refused} batches were answered 503, and {events} events are there exactly once");
    }

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task While_the_disk_takes_nothing_senders_are_asked_to_come_again_and_readiness_is_down_until_it_does(string how)
    {
        await using FaultScene scene = await FaultScene.BeginAsync(1);
        SimulatedDisk disk = scene.Machine.Disk;
        Assert.True(await scene.Machine.StartAsync());
        await scene.Machine.UntilAsync(() => scene.ApiServers.All(apiServer => apiServer.Users.Count > 2), () => "some events");
        Exception failure = s_failures[how switch { "full" => 1, "read-only" => 2, "forbidden" => 3, _ => 0 }];
        disk.Fail = (_, name) => name switch
        {
            "read" or "open" or "list" => how is "broken" ? failure : null,
            "exists" => null,
            "delete" or "sync" or "sync directory" => how is "full" ? null : failure,
            _ => failure,
        };
        await scene.Machine.UntilAsync(() => scene.Refused > 20, () => "senders to be refused");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await scene.Machine.GetAsync("/readyz?verbose")).Status);
        Assert.Equal(HttpStatusCode.OK, (await scene.Machine.GetAsync("/healthz")).Status);
        (HttpStatusCode status, string metrics) = await scene.Machine.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\nvedette_ready 0\n", metrics, StringComparison.Ordinal);
        int refused = scene.Refused;
        disk.Fail = null;
        await scene.Machine.UntilAsync(() => scene.Machine.Server.Checks().All(check => check.Problem is null), () => "readiness");
        (int events, int findings) = await scene.EndAsync();
        output.WriteLine($"a disk that is {how}: {refused} batches answered 503, then {events} events and {findings} findings are there exactly once");
    }

    [Fact]
    public async Task A_server_whose_disk_takes_nothing_says_so_when_nobody_sends_and_says_when_it_does_again()
    {
        await using FaultScene scene = await FaultScene.BeginAsync(2);
        SimulatedDisk disk = scene.Machine.Disk;
        Assert.True(await scene.Machine.StartAsync());
        await scene.Machine.UntilAsync(() => scene.ApiServers.All(apiServer => apiServer.Users.Count > 0), () => "some events");
        disk.Fail = (_, name) => name is "create" or "write" ? s_failures[1] : null;
        await scene.Machine.UntilAsync(() => scene.Machine.Server.StorageProblem is not null, () => "the problem to be seen");

        // Small files find room, a segment does not.
        disk.Fail = (_, name) => name is "create" ? s_failures[1] : null;
        int before = disk.Calls;
        await scene.Machine.UntilAsync(() => disk.Calls > before + 200, () => "the disk to be tried");
        Assert.NotNull(scene.Machine.Server.StorageProblem);
        disk.Fail = null;
        await scene.Machine.UntilAsync(() => scene.Machine.Server.StorageProblem is null, () => "the problem to be over");
        await scene.EndAsync();
    }

    /// <summary>The sum of all series of a metric that have this text in their labels.</summary>
    private static long Sum(string metrics, string beginning, string text = "") => metrics.Split('\n').Where(line => line.StartsWith(beginning, StringComparison.Ordinal) && line.Contains(text, StringComparison.Ordinal))
        .Sum(line => (long)double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
