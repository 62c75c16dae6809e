using Vedette.Pipeline.Serving;
using Vedette.Storage.Journals;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>Retention that keeps nothing but what is still needed, and a power cut soon after it has removed something: what the server goes on from must still be there.</summary>
public class RetentionCutTests(ITestOutputHelper output)
{
    private const int Cuts = 8;

    [Fact]
    public async Task What_was_removed_is_not_needed_after_a_power_cut()
    {
        int removals = 0;
        Random random = new(1);
        await using FaultScene scene = await FaultScene.BeginAsync(1);
        scene.Machine.Settings = scene.Machine.Settings with
        {
            Retention = new JournalRetention { MaxAge = TimeSpan.Zero },

            // Seldom saved: much is evaluated again.
            Detection = new DetectionOptions { SaveEvery = TimeSpan.FromSeconds(30), SaveAfter = int.MaxValue },
        };
        for (int cut = 0; cut < Cuts; cut++)
        {
            TaskCompletionSource<SimulatedDisk> after = new(TaskCreationOptions.RunContinuationsAsynchronously);
            SimulatedDisk disk = scene.Machine.Disk;
            int left = random.Next(40);
            bool isKill = cut % 3 == 0;
            bool hasRemoved = false;
            disk.Fail = (_, name) =>
            {
                hasRemoved |= name is "delete";
                if (hasRemoved && left-- <= 0)
                {
                    after.TrySetResult(isKill ? disk.Kill() : disk.CutPower());
                    return new SimulatedDisk.KilledException();
                }

                return null;
            };
            Assert.True(await scene.Machine.StartAsync() || after.Task.IsCompleted);
            scene.Machine.Disk = await after.Task.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
            await scene.Machine.StopAsync();
            removals++;
        }

        scene.Machine.Disk.Fail = null;
        Assert.True(await scene.Machine.StartAsync());
        await scene.CompleteAsync();
        Assert.True(scene.Machine.Server.Store.Events.Start > 0);
        await scene.Machine.UntilAsync(() => scene.Missing().Count == 0, () => $"all findings to be told, such as {scene.Missing()[0]}");
        Assert.All(scene.Alertmanager.Told, told => Assert.Single(told));
        Assert.DoesNotContain(scene.Machine.Said, line => line.Contains("were removed", StringComparison.Ordinal) || line.Contains("defect", StringComparison.Ordinal));
        output.WriteLine($"survived {removals} power cuts and kills soon after something was removed; {scene.Alertmanager.Told.Count} findings were told, each by one id");
    }
}
