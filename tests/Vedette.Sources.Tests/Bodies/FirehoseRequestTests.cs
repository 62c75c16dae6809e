using System.IO.Compression;
using System.Text;
using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Sources.Bodies;
using Vedette.Sources.Firehose;
using Vedette.Tests;
using Xunit;

namespace Vedette.Sources.Tests.Bodies;

public class FirehoseRequestTests
{
    [Fact]
    public void A_delivery_of_CloudWatch_gives_its_events()
    {
        using EventBatch lines = new();
        FirehoseRequest? request = FirehoseRequest.Read(SharedData.Read(SharedData.Third("platforms/samples/eks/firehose-request.json")), lines, new BodyLimits(), out BodyProblem problem);
        Assert.Equal(BodyProblem.None, problem);
        Assert.Equal("ed4acda5-034f-9f42-bba1-f29aea6d7d8f", request!.RequestId);
        RejectLog rejects = new();
        AuditLogReader reader = new("firehose", rejects);
        reader.Begin(lines, isFinal: true);
        int events = 0;
        while (reader.TryRead(out EventView _))
        {
            events++;
        }

        Assert.Equal(4, events);
        Assert.Equal(0, rejects.Count(RejectReason.NotJson));
    }

    [Fact]
    public void Lines_that_Firehose_unpacked_are_taken_as_they_are_and_records_that_cannot_be_unpacked_too()
    {
        Assert.Equal("{\"a\":1}\n{\"b\":2}\n\n", Read(Body("{\"a\":1}\n{\"b\":2}\n"u8.ToArray()), new BodyLimits()).Lines);
        Assert.Contains("not base64", Read("{\"requestId\":\"1\",\"records\":[{\"data\":\"not base64\"}]}", new BodyLimits()).Lines);
        byte[] packed = Gzip(Encoding.UTF8.GetBytes("{\"messageType\":\"DATA_MESSAGE\"}"));
        Assert.Contains("\"data\"", Read(Body(packed[..^9]), new BodyLimits()).Lines);
    }

    [Fact]
    public void A_bomb_in_a_record_is_refused_as_are_records_that_are_too_large_together()
    {
        Assert.Equal(BodyProblem.Bomb, Read(Body(Gzip(new byte[64 * 1024 * 1024])), new BodyLimits()).Problem);
        Assert.Equal(BodyProblem.TooLarge, Read(Body(Gzip(new byte[90_000]), Gzip(new byte[90_000])), new BodyLimits { MaxPlainLength = 100_000 }).Problem);
        Assert.Equal(BodyProblem.NoRoom, Read(Body(Gzip(new byte[90_000])), new BodyLimits { Reserve = _ => false }).Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"requestId\":\"1\"}")]
    [InlineData("{\"records\":[]} {}")]
    public void What_is_no_delivery_is_refused(string body) => Assert.Equal(BodyProblem.Damaged, Read(body, new BodyLimits()).Problem);

    [Fact]
    public void The_cluster_can_be_a_common_attribute()
    {
        Assert.Equal("prod", FirehoseRequest.ClusterOf("{\"commonAttributes\":{\"deployment\":\"x\",\"cluster\":\"prod\"}}"));
        Assert.Null(FirehoseRequest.ClusterOf("{\"commonAttributes\":{\"cluster\":1}}"));
        Assert.Null(FirehoseRequest.ClusterOf("prod"));
        Assert.Null(FirehoseRequest.ClusterOf(null));
    }

    private static (BodyProblem Problem, string Lines) Read(string body, BodyLimits limits)
    {
        using EventBatch lines = new();
        FirehoseRequest.Read(Encoding.UTF8.GetBytes(body), lines, limits, out BodyProblem problem);
        return (problem, Encoding.UTF8.GetString(lines.Input));
    }

    private static string Body(params byte[][] records) =>
        $"{{\"requestId\":\"1\",\"timestamp\":1,\"records\":[{string.Join(',', records.Select(record => $"{{\"data\":\"{Convert.ToBase64String(record)}\"}}"))}]}}";

    private static byte[] Gzip(byte[] plain)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }
}
