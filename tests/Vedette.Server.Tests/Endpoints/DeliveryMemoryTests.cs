using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Vedette.Audit.Batches;
using Vedette.Server.Access;
using Vedette.Server.Settings;
using Xunit;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>By itself: the buffers are the whole process's.</summary>
[CollectionDefinition(nameof(DeliveryMemoryTests), DisableParallelization = true)]
[Collection(nameof(DeliveryMemoryTests))]
public class DeliveryMemoryTests
{
    private const string Prod = "0123456789abcdef-prod";

    /// <summary>That of no other test: this server has memory of its own.</summary>
    private static readonly LimitSettings s_limits = new() { Memory = 300_000_001, MaxInFlight = 60_000_000 };

    [Fact]
    public async Task Bodies_take_half_as_much_more_as_they_are_counted_at_most_and_give_all_of_it_back()
    {
        const int Senders = 6;
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(settings => settings with { Clusters = [new ClusterSettings("prod", [Credential.OfToken(Prod)])], Limits = s_limits });
        Assert.Equal(s_limits.Buffers, BatchBuffers.Capacity);
        byte[][] bodies = [.. Enumerable.Range(0, Senders).Select(Body)];
        server.Disk.MayWrite.Reset();

        // Every other one does not say how long it is.
        Task<HttpStatusCode>[] answers = [.. bodies.Select((body, number) => SendAsync(server, body, isChunked: number % 2 == 0))];
        long counted = 2L * bodies.Sum(body => body.Length);
        await ServerUnderTest.UntilAsync(() => server.Server.Store.Events.PendingBytes > counted / 2, () => $"{server.Server.Store.Events.PendingBytes} of {counted / 2} bytes wait for the disk");
        Assert.Equal(counted, server.Server.Budget.Used);
        Assert.InRange(BatchBuffers.Used, counted / 2, counted / 2 * 3);

        server.Disk.MayWrite.Set();
        Assert.All(await Task.WhenAll(answers), answer => Assert.Equal(HttpStatusCode.OK, answer));
        await server.DetectedAsync();
        await ServerUnderTest.UntilAsync(() => BatchBuffers.Used == 0 && server.Server.Budget.Used == 0, () => $"{BatchBuffers.Used} bytes of buffers are still lent");
    }

    /// <summary>Events that no rule is about: what is found has buffers of its own.</summary>
    private static byte[] Body(int sender) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10_000).Select(number => ServerUnderTest.Event($"{sender}-{number}", verb: "list") + "\n")));

    private static async Task<HttpStatusCode> SendAsync(ServerUnderTest server, byte[] body, bool isChunked)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/audit/prod") { Content = new ByteArrayContent(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Prod);
        request.Headers.TransferEncodingChunked = isChunked;
        using HttpResponseMessage answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
