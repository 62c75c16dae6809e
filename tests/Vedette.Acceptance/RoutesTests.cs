using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Vedette.Acceptance;

public sealed class RoutesTests : IDisposable
{
    private readonly Workspace _folder = new();

    [Fact]
    public void A_sample_of_each_level_shows_who_is_told_and_why_not()
    {
        Answer answer = VedetteProgram.Run("routes", "test", "--config", Settings("http://127.0.0.1:1"));

        Assert.Equal((0, ""), (answer.Exit, answer.Error));
        Assert.Equal(
            """
            LEVEL           FINDING                         ROUTE              TOLD
            informational   Sample of level informational   -                  no: no route matches
            low             Sample of level low             rest               no: its route has no receivers
            medium          Sample of level medium          routes[1]          out
            high            Sample of level high            pager, routes[1]   hook, out
            critical        Sample of level critical        pager, routes[1]   no: silenced until 2999-01-01 00:00:00 UTC: drill

            """,
            answer.Out);
    }

    [Fact]
    public void Findings_of_a_scan_are_routed_from_a_pipe()
    {
        string log = _folder.Write("audit.log", Workspace.Event());
        string rule = _folder.Write("rule.yml", Workspace.SecretRule);
        Answer scan = VedetteProgram.Run("scan", log, "--rules", rule, "-o", "jsonl");

        Answer answer = VedetteProgram.Run(Encoding.UTF8.GetBytes(scan.Out), ["routes", "test", "--config", Settings("http://127.0.0.1:1"), "--finding", "-", "-o", "json"]);

        using JsonDocument json = JsonDocument.Parse(answer.Out);
        JsonElement finding = Assert.Single(json.RootElement.GetProperty("findings").EnumerateArray());
        Assert.Equal("Secret read", finding.GetProperty("title").GetString());
        Assert.Equal(["hook", "out"], finding.GetProperty("to").EnumerateArray().Select(to => to.GetProperty("receiver").GetString()));
        Assert.True(finding.GetProperty("told").GetBoolean());
        Assert.Equal(0, json.RootElement.GetProperty("sent").GetArrayLength());
    }

    [Fact]
    public async Task Send_tells_every_receiver_a_marked_test_and_what_it_answered()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<string> received = ReceiveAsync(listener, "200 OK");

        Answer answer = VedetteProgram.Run("routes", "test", "--config", Settings($"http://{listener.LocalEndpoint}/secret"), "--send");

        Assert.Equal(0, answer.Exit);
        Assert.Contains($"hook       webhook   http://{listener.LocalEndpoint}   took it", answer.Out, StringComparison.Ordinal);
        Assert.Contains("out        stdout    standard output", answer.Out, StringComparison.Ordinal);
        Assert.Contains("TEST of telling, nothing happened", await received, StringComparison.Ordinal);
        Assert.Contains("TEST of telling, nothing happened", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("/secret", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_receiver_that_does_not_take_it_is_a_failed_check()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        _ = ReceiveAsync(listener, "403 Forbidden");

        Answer answer = VedetteProgram.Run("routes", "test", "--config", Settings($"http://{listener.LocalEndpoint}/secret"), "--send", "-o", "json");

        Assert.Equal(1, answer.Exit);
        using JsonDocument json = JsonDocument.Parse(answer.Out);
        JsonElement sent = json.RootElement.GetProperty("sent")[0];
        Assert.Equal("tryLater", sent.GetProperty("verdict").GetString());
        Assert.Equal($"http://{listener.LocalEndpoint} answered 403; check the credentials", sent.GetProperty("problem").GetString());
    }

    [Fact]
    public void What_cannot_be_used_is_told()
    {
        Answer settings = VedetteProgram.Run("routes", "test", "--config", _folder.Write("bad.yaml", "receivers:\n- name: a\n  webhok: {}\n"));
        Assert.Equal(3, settings.Exit);
        Assert.Contains("bad.yaml:3:3: error VC1001: receivers[0].webhok is not known here", settings.Error, StringComparison.Ordinal);

        Answer finding = VedetteProgram.Run("not JSON"u8.ToArray(), ["routes", "test", "--config", Settings("http://127.0.0.1:1"), "--finding", "-"]);
        Assert.Equal(3, finding.Exit);
        Assert.Contains("these are no findings", finding.Error, StringComparison.Ordinal);

        Assert.Equal(4, VedetteProgram.Run("routes", "test", "--config", _folder["missing.yaml"]).Exit);
    }

    public void Dispose() => _folder.Dispose();

    private string Settings(string url) => _folder.Write(
        "vedette.yaml",
        $$"""
        data: elsewhere
        receivers:
        - name: hook
          webhook: {url: "{{url}}"}
        - name: out
          stdout: {}
        routes:
        - {name: pager, match: {level: high}, receivers: [hook], continue: true}
        - {match: {level: medium}, receivers: [out]}
        - {name: rest, match: {level: low}, receivers: []}
        silences:
        - {match: {level: [critical]}, reason: drill, until: 2999-01-01}
        """);

    /// <summary>Takes one request and answers it.</summary>
    private static async Task<string> ReceiveAsync(TcpListener listener, string answer)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using NetworkStream stream = client.GetStream();
        StringBuilder request = new();
        byte[] buffer = new byte[8192];
        while (!IsWhole(request.ToString()))
        {
            int read = await stream.ReadAsync(buffer);
            Assert.NotEqual(0, read);
            request.Append(Encoding.UTF8.GetString(buffer.AsSpan(0, read)));
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        return request.ToString();
    }

    private static bool IsWhole(string request)
    {
        int end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        string? length = request.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        return end >= 0 && length is not null && request.Length - end - 4 >= int.Parse(length["Content-Length: ".Length..]);
    }
}
