using System.Globalization;
using System.Text;
using System.Text.Json;
using Vedette.Benchmarks.Data;
using Vedette.ServeBenchmarks.Load;
using Vedette.Server.Tests.Endpoints;
using Xunit;

namespace Vedette.Server.Tests.Load;

/// <summary>The sender of bench/serve: what it sends is what kube-apiserver's webhook posts, and what it counts is what arrives.</summary>
public class LoadGeneratorTests
{
    private const int Events = 40;

    private static readonly string[] s_members = ["kind", "apiVersion", "metadata", "items"];

    [Theory]
    [InlineData(nameof(Profile.Metadata))]
    [InlineData(nameof(Profile.RequestResponse))]
    public void A_body_is_an_EventList_of_so_many_events_without_their_own_kind(string profile)
    {
        using JsonDocument list = JsonDocument.Parse(Body(profile).Bytes);
        Assert.Equal(s_members, list.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("EventList", list.RootElement.GetProperty("kind").GetString());
        Assert.Equal("audit.k8s.io/v1", list.RootElement.GetProperty("apiVersion").GetString());
        JsonElement[] items = [.. list.RootElement.GetProperty("items").EnumerateArray()];
        Assert.Equal(Events, items.Length);
        Assert.All(items, item =>
        {
            Assert.False(item.TryGetProperty("kind", out _));
            Assert.Equal("level", item.EnumerateObject().First().Name);
            Assert.NotEqual(JsonValueKind.Undefined, item.GetProperty("user").ValueKind);
        });
        Assert.Equal(profile == nameof(Profile.RequestResponse), items.Any(item => item.TryGetProperty("responseObject", out _)));
    }

    [Theory]
    [InlineData(nameof(Profile.Metadata))]
    [InlineData(nameof(Profile.RequestResponse))]
    public void Made_new_it_has_ids_and_times_of_its_own_and_is_otherwise_the_same(string profile)
    {
        EventListBody body = Body(profile);
        DateTimeOffset now = new(2026, 11, 26, 23, 59, 59, 999, TimeSpan.Zero);
        body.Renew(7, now);
        string first = Encoding.UTF8.GetString(body.Bytes.Span);
        body.Renew(8, now.AddSeconds(1));
        string second = Encoding.UTF8.GetString(body.Bytes.Span);
        Assert.Equal(first.Length, second.Length);
        HashSet<string> ids = [];
        List<DateTimeOffset> times = [];
        foreach (string text in new[] { first, second })
        {
            using JsonDocument list = JsonDocument.Parse(text);
            foreach (JsonElement item in list.RootElement.GetProperty("items").EnumerateArray())
            {
                Assert.True(ids.Add(item.GetProperty("auditID").GetString()!));
                Assert.Equal(item.GetProperty("requestReceivedTimestamp").GetString(), item.GetProperty("stageTimestamp").GetString());
                times.Add(item.GetProperty("stageTimestamp").GetDateTimeOffset());
            }
        }

        Assert.Equal(2 * Events, ids.Count);
        Assert.Equal(times.Order(), times);
        Assert.All(times[..Events], time => Assert.InRange(time, now.AddMilliseconds(-1), now));
        int differs = first.Zip(second).Count(pair => pair.First != pair.Second);
        Assert.InRange(differs, Events, Events * (8 + 2 * 27) + 16);
    }

    [Fact]
    public void The_event_that_is_recognised_names_its_delivery()
    {
        EventListBody body = Body(nameof(Profile.Metadata));
        body.Renew(12345678, DateTimeOffset.UnixEpoch);
        List<int> found = [];
        EventListBody.FindMarkers(body.Bytes.Span, found.Add);
        Assert.Equal([12345678], found);
    }

    [Theory]
    [InlineData(nameof(Profile.Metadata))]
    [InlineData(nameof(Profile.RequestResponse))]
    public async Task All_that_is_sent_is_counted_and_arrives_and_nothing_of_it_is_a_duplicate(string profile)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(settings => settings with { Open = ["audit"] });
        EventListBodies bodies = EventListBodies.Generate(Enum.Parse<Profile>(profile), 4, Events);
        DeliveryTimes times = new();
        using LoadGenerator load = await LoadGenerator.OpenAsync(server.Address, "/audit/prod", 4, times);
        LoadResult full = await load.SendAsync(bodies, 25, TimeSpan.FromMinutes(5));
        Assert.Equal((25 * Events, 25, 0), (full.Events, full.Milliseconds.Count, full.Refused));
        LoadResult paced = await load.SendAtPaceAsync(bodies, 50, TimeSpan.FromSeconds(1));
        Assert.Equal(paced.Milliseconds.Count * Events, paced.Events);
        Assert.InRange(paced.Milliseconds.Count, 1, 60);
        Assert.Equal(full.Events + paced.Events, server.Server.Store.Events.End);
        Assert.Equal(0, server.Server.Store.Quarantine.End);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", 503)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200)]
    public void An_answer_is_whole_when_its_last_byte_has_come(string answer, int status)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(answer);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(WebhookConnection.TryReadAnswer(bytes.AsSpan(0, length), out _), string.Create(CultureInfo.InvariantCulture, $"after {length} bytes"));
        }

        Assert.True(WebhookConnection.TryReadAnswer(bytes, out int read));
        Assert.Equal(status, read);
    }

    private static EventListBody Body(string profile) => EventListBodies.Generate(Enum.Parse<Profile>(profile), 1, Events).Take();
}
