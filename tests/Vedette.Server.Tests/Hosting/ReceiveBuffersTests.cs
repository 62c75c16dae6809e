using System.Buffers;
using System.Net;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Server.Settings;
using Vedette.Server.Tests.Endpoints;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

public class ReceiveBuffersTests
{
    private const string Prod = "0123456789abcdef-prod";

    [Fact]
    public async Task What_came_of_bodies_and_was_not_read_yet_is_bounded_for_each_connection()
    {
        const int Senders = 4;

        // What may be unread, what is being received, and the answer.
        const int MostEach = HttpHost.MaxUnread / ReceiveBuffers.Length + 3;
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(settings => settings with { Clusters = [new ClusterSettings("prod", [Credential.OfToken(Prod)])] });
        string body = string.Concat(Enumerable.Range(0, 10_000).Select(number => ServerUnderTest.Event($"{number}") + "\n"));
        HttpStatusCode[] answers = await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => server.PostAsync("/audit/prod", Prod, body)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer));
        Assert.InRange(server.ReceiveBuffers.MostLent, 1, Senders * MostEach);
    }

    [Fact]
    public void Of_buffers_that_are_given_back_all_pools_together_keep_so_many_bytes()
    {
        const int Kept = 3;
        ReceiveBuffers buffers = new((Kept + 1) * ReceiveBuffers.Length - 1);
        using MemoryPool<byte> one = buffers.Create();
        using MemoryPool<byte> other = buffers.Create();
        IMemoryOwner<byte>[] lent = [.. Enumerable.Range(0, 10).Select(number => (number % 2 == 0 ? one : other).Rent())];
        byte next = 0;
        Assert.All(lent, buffer => buffer.Memory.Span.Fill(++next));
        next = 0;
        Assert.All(lent, buffer => Assert.False(buffer.Memory.Span.ContainsAnyExcept(++next)));
        Array.ForEach(lent, buffer => buffer.Dispose());
        Assert.Equal((Kept * ReceiveBuffers.Length, 10), (buffers.Idle, buffers.MostLent));

        // Who gives back twice gives back once.
        lent[0].Dispose();
        Assert.Equal(Kept * ReceiveBuffers.Length, buffers.Idle);
        using IMemoryOwner<byte> again = other.Rent();
        Assert.Equal((Kept - 1) * ReceiveBuffers.Length, buffers.Idle);
    }
}
