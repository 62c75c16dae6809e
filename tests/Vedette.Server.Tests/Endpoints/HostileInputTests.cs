using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Vedette.Server.Access;
using Vedette.Server.Settings;
using Xunit;
using ZstdSharp;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>Well-formed requests with what an attacker puts into them: bodies that grow, nest and lie, names that lead elsewhere, values that never repeat. Refused or harmless, and counted.</summary>
public class HostileInputTests
{
    private const string Prod = "0123456789abcdef-prod";
    private const int MaxBody = 8 * 1024 * 1024;

    /// <summary>Paths that name a cluster that could lead out of the data directory, into a log line or a header, or look like another.</summary>
    private static readonly string[] s_targets =
    [
        "/audit/%2e%2e/prod", "/audit/%2e%2e%2fprod", "/audit/..%5c..%5cprod", "/audit/prod%2f..%2f..%2f..%2ftmp%2fx", "/audit/../../../../etc/passwd", "/audit/..;/prod",
        "/audit/.", "/audit/..", "/audit/%2e", "/audit/-rf", "/audit/.hidden", "/audit/prod%00.json", "/audit/%00", "/audit/\0", "/audit/prod%0d%0aX-Evil:%201",
        "/audit/prod%1b[2J", "/audit/%e2%80%aeprod", "/audit/pr%cc%88od", "/audit/%ef%bd%90rod", "/audit/%ff%fe", "/audit/\u00e9\u00e8", "/audit/%25%32%65%25%32%65",
        "/audit/prod%20", "/audit/$(id)", "/audit/{cluster}", "/audit//", "/audit/", "//audit/prod%2f", "/AUDIT", "http://evil.example/audit/a%2fb", "*", "/findings/%2e%2e%2fx",
        "/falco/%2e%2e%2fx", "/firehose/%2e%2e%2fx", "/elasticsearch/%2e%2e%2fx/_bulk", "/audit/" + new string('a', 254), "/audit/" + new string('a', 8_000),
    ];

    [Theory]
    [InlineData("/audit/prod")]
    [InlineData("/elasticsearch/prod/_bulk")]
    [InlineData("/firehose/prod")]
    [InlineData("/falco/prod")]
    [InlineData("/findings/prod")]
    public async Task Bombs_of_every_kind_are_refused_and_counted_and_others_are_undisturbed(string path)
    {
        await using ServerUnderTest server = await StartAsync();
        (string Encoding, byte[] Body, HttpStatusCode[] Expected)[] bombs =
        [
            ("gzip", Gzip(48 * 1024 * 1024), [HttpStatusCode.RequestEntityTooLarge]),
            ("zstd", Zstd(128 * 1024 * 1024), [HttpStatusCode.RequestEntityTooLarge]),
            ("gzip", Gzip(Gzip(16 * 1024 * 1024)), [HttpStatusCode.BadRequest]),
            ("gzip", [.. Enumerable.Repeat(Gzip([]), 20_000).SelectMany(member => member)], [HttpStatusCode.BadRequest, HttpStatusCode.OK]),
            ("gzip", Gzip(1024)[..20], [HttpStatusCode.BadRequest]),
            ("zstd", "not zstd at all"u8.ToArray(), [HttpStatusCode.BadRequest]),

            // A frame that says it needs a window of 3.75 TB.
            ("zstd", [0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 1, 0, 0], [HttpStatusCode.BadRequest]),
            ("gzip, gzip", Gzip(10), [HttpStatusCode.UnsupportedMediaType]),
            ("br", [1, 2, 3], [HttpStatusCode.UnsupportedMediaType]),
            ("\u00ff\u00fe", [1, 2, 3], [HttpStatusCode.UnsupportedMediaType, HttpStatusCode.BadRequest]),
        ];
        int refused = 0;
        foreach ((string encoding, byte[] body, HttpStatusCode[] expected) in bombs)
        {
            byte[] head = Encoding.Latin1.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {Prod}\r\nContent-Encoding: {encoding}\r\nContent-Length: {body.Length}\r\n\r\n");
            string answer = await RawConnection.AskAsync(server.Address, [.. head, .. body]);
            Assert.True(answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), $"{encoding} of {body.Length}: {answer}");
            HttpStatusCode code = (HttpStatusCode)int.Parse(answer.AsSpan(9, 3));
            Assert.Contains(code, expected);
            refused += code == HttpStatusCode.OK ? 0 : 1;
            Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, ServerUnderTest.Event($"{refused}-{encoding.Length}-{body.Length}")));
        }

        Assert.True(server.Metric("vedette_http_requests_total{") >= refused, server.Metrics());
        foreach (string reason in new[] { "bomb", "too-large", "damaged", "unknown-encoding" })
        {
            Assert.True(reason is "bomb" or "too-large" ? server.Metric("vedette_rejects_total{") > 0 : Counted(server, reason) > 0, $"{reason}: {server.Metrics()}");
        }

        Assert.True(Counted(server, "bomb") + Counted(server, "too-large") >= 2, server.Metrics());
        await ServerUnderTest.UntilAsync(() => server.Server.Budget.Used == 0, () => $"{server.Server.Budget.Used} bytes are in use");
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("[{\"kind\":\"EventList\",\"items\":")]
    [InlineData("{\"message\":")]
    [InlineData("{\"records\":[{\"a\":")]
    public async Task Nesting_without_end_costs_no_more_than_its_length(string opening)
    {
        await using ServerUnderTest server = await StartAsync();
        string deep = string.Concat(Enumerable.Repeat(opening, 1_000_000 / opening.Length));
        string closed = deep + "1" + string.Concat(Enumerable.Range(0, 1_000_000 / opening.Length).Select(_ => opening[0] == '[' ? opening.Contains('{', StringComparison.Ordinal) ? "}]" : "]" : opening.Contains('[', StringComparison.Ordinal) ? "}]}" : "}"));
        foreach (string path in new[] { "/audit/prod", "/elasticsearch/prod/_bulk", "/firehose/prod", "/falco/prod", "/findings/prod" })
        {
            foreach (string body in new[] { deep, closed, "{\"create\":{}}\n" + closed + "\n" })
            {
                HttpStatusCode code = await server.PostAsync(path, Prod, body);
                Assert.True((int)code is 200 or 400, $"{path}: {code}");
            }
        }

        Assert.Equal(0, server.Server.Store.Events.End);
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, ServerUnderTest.Event("1")));
    }

    [Fact]
    public async Task An_event_with_a_body_nested_without_end_is_stored_redacted_and_evaluated()
    {
        await using ServerUnderTest server = await StartAsync();
        string nested = string.Concat(Enumerable.Repeat("{\"data\":", 200_000)) + "{\"password\":\"aHVudGVyMg==\"}" + new string('}', 200_000);
        string request = ServerUnderTest.Event("deep", more: $",\"requestObject\":{{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"data\":{nested}}},\"responseObject\":{nested}").Replace("\"Metadata\"", "\"RequestResponse\"", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, request));
        await server.DetectedAsync();
        Assert.Equal(1, server.Server.Store.Events.End);
        Assert.DoesNotContain("aHVudGVyMg", Assert.Single(ServerUnderTest.Stored(server.Server.Store.Events)), StringComparison.Ordinal);
        Assert.Equal(1, server.Server.Store.Findings.End);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_kept_apart_and_what_is_answered_is_text()
    {
        await using ServerUnderTest server = await StartAsync();
        byte[][] bad = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x80], [0xf0, 0x9f, 0x92], [0x80]];
        byte[] pattern = Encoding.UTF8.GetBytes(ServerUnderTest.Event("bad-"));
        int at = pattern.AsSpan().IndexOf("bad-"u8) + 4;
        List<byte> body = [];
        foreach (byte[] bytes in bad)
        {
            body.AddRange([.. pattern[..at], .. bytes, .. pattern[at..], (byte)'\n']);
        }

        // Half of a surrogate pair is text to JSON, and no text to UTF-8.
        body.AddRange(Encoding.UTF8.GetBytes(ServerUnderTest.Event("\\ud800") + "\n" + ServerUnderTest.Event("good") + "\n"));
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, [.. body]));
        await server.DetectedAsync();
        Assert.Equal(bad.Length + 2, server.Server.Store.Events.End + server.Server.Store.Quarantine.End);
        Assert.True(server.Server.Store.Events.End >= 1);
        Assert.Equal(server.Server.Store.Quarantine.End, server.Metric("vedette_rejects_total{"));
        UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        foreach (string path in new[] { "/api/v1/findings", "/api/v1/events", "/metrics", "/api/v1/status" })
        {
            using HttpResponseMessage answer = await server.SendAsync(HttpMethod.Get, path, server.AdminToken);
            string text = strict.GetString(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
            if (path != "/metrics")
            {
                using JsonDocument json = JsonDocument.Parse(text);
                Assert.Equal(JsonValueKind.Object, json.RootElement.ValueKind);
            }
        }
    }

    [Theory]
    [InlineData("text/html")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("; ; ;")]
    [InlineData("a/b/c/\u00ff")]
    public async Task What_a_body_is_is_seen_by_itself_whatever_its_type_claims(string type)
    {
        await using ServerUnderTest server = await StartAsync();
        foreach ((string body, int code) in new[] { (ServerUnderTest.Event("1"), 200), ("a=1&b=2", 400), ("<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>", 400), ("--x\r\n\r\n\r\n--x--", 400), ("", 200) })
        {
            string answer = await RawConnection.AskAsync(
                server.Address, Encoding.Latin1.GetBytes($"POST /audit/prod HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {Prod}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            Assert.True(answer.StartsWith($"HTTP/1.1 {code}", StringComparison.Ordinal) || (type.Contains('\u00ff', StringComparison.Ordinal) && answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal)), $"{body}: {answer}");
            Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Names_of_clusters_lead_nowhere()
    {
        // Of no cluster that is set up: an administrator's token is good for any name that is one.
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        string[] before = Files(server);
        string body = ServerUnderTest.Event("1");
        foreach (string path in s_targets)
        {
            string answer = await RawConnection.AskAsync(
                server.Address, Encoding.Latin1.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {server.AdminToken}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
            Assert.True(answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) && int.Parse(answer.AsSpan(9, 3)) is 400 or 404 or 405 or 414, $"{path}: {answer}");
            Assert.DoesNotContain("X-Evil", answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)], StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(0, server.Server.Store.Events.End + server.Server.Store.Findings.End + server.Server.Store.Quarantine.End);
        Assert.Equal(before, Files(server));
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync($"/audit/{new string('a', 253)}", server.AdminToken, body));
    }

    [Fact]
    public async Task Users_resources_verbs_and_clusters_without_end_do_not_make_metrics_without_end()
    {
        const int Events = 12_000;
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        for (int batch = 0; batch < 10; batch++)
        {
            StringBuilder lines = new();
            for (int number = batch; number < Events; number += 10)
            {
                lines.Append($$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"L{{number}}","auditID":"{{number}}","stage":"ResponseComplete","requestURI":"/apis/g{{number}}","verb":"v{{number}}","user":{"username":"u{{number}}"},"objectRef":{"resource":"r{{number}}","subresource":"s{{number}}","namespace":"n{{number}}"},"responseStatus":{"code":{{100 + (number % 900)}}},"stageTimestamp":"2026-11-23T10:00:00.500000Z"}""").Append('\n');
            }

            Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", server.AdminToken, lines.ToString()));
        }

        const int Clusters = 1_100;
        await Parallel.ForAsync(0, Clusters, TestContext.Current.CancellationToken, async (number, _) =>
            Assert.Equal(HttpStatusCode.OK, await server.PostAsync($"/audit/c{number}", server.AdminToken, ServerUnderTest.Event($"{number}"))));
        for (int number = 0; number < 500; number++)
        {
            await server.PostAsync($"/nowhere/{number}", "unknown", "x");
        }

        await server.DetectedAsync();
        string metrics = server.Metrics();
        Assert.InRange(metrics.Length, 1, 8 * 1024 * 1024);
        Assert.All(
            metrics.Split('\n').Where(line => line.Length > 0 && line[0] != '#').GroupBy(line => line[..line.IndexOfAny(['{', ' '])], StringComparer.Ordinal),
            family => Assert.InRange(family.Count(), 1, 10_050));

        // Sums stay right, and what has no label of its own is counted.
        Assert.Equal(Events + Clusters, server.Metric("vedette_events_total{") + server.Metric("vedette_detection_skipped_events_total "));
        Assert.Equal(server.Metric("vedette_events_total{"), server.Metric("vedette_api_requests_total{"));
        Assert.Equal(101, server.Metric("vedette_detection_skipped_events_total "));
        Assert.True(server.Metric("vedette_metrics_dropped_label_values_total{metric=\"vedette_api_requests_total\"}") > 0, metrics[..4000]);
        Assert.DoesNotContain("verb=\"v1\"", metrics, StringComparison.Ordinal);
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_http_requests_total{route=\"(none)\",code=\"401\"}") == 500, server.Metrics);
    }

    private static double Counted(ServerUnderTest server, string reason) =>
        server.Metrics().Split('\n').Where(line => line.StartsWith("vedette_rejects_total{", StringComparison.Ordinal) && line.Contains($"reason=\"{reason}\"", StringComparison.Ordinal)).Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]));

    private static string[] Files(ServerUnderTest server)
    {
        string folder = Path.GetDirectoryName(server.Server.Settings.Data)!;
        return [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Where(path => !path.Contains("/access", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    private static byte[] Gzip(int zeros) => Gzip(new byte[zeros]);

    private static byte[] Gzip(byte[] plain)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
    }

    private static byte[] Zstd(int zeros)
    {
        using MemoryStream packed = new();
        using (CompressionStream zstd = new(packed, level: 1, leaveOpen: true))
        {
            byte[] piece = new byte[1024 * 1024];
            for (int i = 0; i < zeros / piece.Length; i++)
            {
                zstd.Write(piece);
            }
        }

        return packed.ToArray();
    }

    private static Task<ServerUnderTest> StartAsync() => ServerUnderTest.StartAsync(settings => settings with
    {
        Clusters = [new ClusterSettings("prod", [Credential.OfToken(Prod)])],
        Limits = new LimitSettings { MaxBody = MaxBody },
    });
}
