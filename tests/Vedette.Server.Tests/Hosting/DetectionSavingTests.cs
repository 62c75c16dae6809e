using System.Net;
using Vedette.Pipeline.Serving;
using Vedette.Server.Tests.Endpoints;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

/// <summary>The state of detection is on disk when its place is, and nobody waits for that.</summary>
public class DetectionSavingTests
{
    [Fact]
    public async Task Events_are_evaluated_while_the_disk_takes_the_state_of_detection_which_counts_only_then()
    {
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim taken = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(settings => settings with { Open = ["audit"], Detection = settings.Detection with { SaveAfter = 1 } });
        server.Disk.OnMove = path =>
        {
            if (path.Contains("/snapshots/", StringComparison.Ordinal))
            {
                begun.Set();
                Assert.True(taken.Wait(ServerUnderTest.Patience));
            }
        };
        try
        {
            Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", null, ServerUnderTest.Event("1")));
            await ServerUnderTest.UntilAsync(() => begun.IsSet, () => "the state is not saved");
            Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", null, ServerUnderTest.Event("2")));
            await server.DetectedAsync();
            Assert.Equal(2, server.Server.Store.Findings.End);
            Assert.Null(server.Server.Store.Cursors.Get(DetectionLoop.Consumer));
            Assert.Equal(0, server.Server.Detection.NeededFrom);
        }
        finally
        {
            taken.Set();
        }

        await ServerUnderTest.UntilAsync(() => server.Server.Store.Cursors.Get(DetectionLoop.Consumer) == 2, () => "the state is not saved again");
    }
}
