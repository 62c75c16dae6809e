using System.Net;
using System.Text.Json;
using Vedette.Server.Access;
using Vedette.Server.Settings;
using Xunit;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>What the API answers, and to whom.</summary>
public class ApiTests
{
    private const string Viewer = "0123456789abcdef-viewer";
    private const string Analyst = "0123456789abcdef-analyst";
    private const string Admin = "0123456789abcdef-admin";

    [Theory]
    [InlineData(Viewer, "/api/v1/findings", HttpStatusCode.OK)]
    [InlineData(Viewer, "/api/v1/status", HttpStatusCode.OK)]
    [InlineData(Viewer, "/metrics", HttpStatusCode.OK)]
    [InlineData(Viewer, "/api/v1/events", HttpStatusCode.Forbidden)]
    [InlineData(Viewer, "/api/v1/tail?what=events", HttpStatusCode.Forbidden)]
    [InlineData(Analyst, "/api/v1/events", HttpStatusCode.OK)]
    [InlineData(Admin, "/api/v1/events", HttpStatusCode.OK)]
    [InlineData(Admin, "/api/v1/findings?limit=0", HttpStatusCode.BadRequest)]
    [InlineData(Admin, "/api/v1/findings?level=worst", HttpStatusCode.BadRequest)]
    [InlineData(Admin, "/api/v1/findings/none", HttpStatusCode.NotFound)]
    public async Task Roles_bound_what_is_answered(string token, string path, HttpStatusCode expected)
    {
        await using ServerUnderTest server = await StartAsync();
        using HttpResponseMessage answer = await server.SendAsync(HttpMethod.Get, path, token);
        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact]
    public async Task Findings_come_newest_first_and_of_the_clusters_that_one_may_see()
    {
        await using ServerUnderTest server = await StartAsync();
        for (int number = 0; number < 5; number++)
        {
            Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/a", Admin, ServerUnderTest.Event($"a{number}")));
            Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/b", Admin, ServerUnderTest.Event($"b{number}")));
        }

        await server.DetectedAsync();
        JsonElement all = await server.GetAsync("/api/v1/findings?limit=3", Admin);
        Assert.Equal(["b4", "a4", "b3"], Ids(all));
        JsonElement next = await server.GetAsync($"/api/v1/findings?limit=3&before={all.GetProperty("before").GetInt64()}", Admin);
        Assert.Equal(["a3", "b2", "a2"], Ids(next));
        Assert.Equal(["a4", "a3", "a2", "a1", "a0"], Ids(await server.GetAsync("/api/v1/findings", Viewer)));
        JsonElement first = (await server.GetAsync("/api/v1/findings?limit=1", Admin)).GetProperty("findings")[0];
        Assert.Equal(first.GetRawText(), (await server.GetAsync($"/api/v1/findings/{first.GetProperty("id").GetString()}", Admin)).GetRawText());
        using HttpResponseMessage hidden = await server.SendAsync(HttpMethod.Get, $"/api/v1/findings/{first.GetProperty("id").GetString()}", Viewer);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
        Assert.Equal(5, (await server.GetAsync("/api/v1/events?cluster=b&user=u", Admin)).GetProperty("events").GetArrayLength());
    }

    [Fact]
    public async Task A_tail_goes_on_where_it_broke()
    {
        await using ServerUnderTest server = await StartAsync();
        await server.PostAsync("/audit/a", Admin, ServerUnderTest.Event("1") + "\n" + ServerUnderTest.Event("2"));
        await server.DetectedAsync();
        using HttpRequestMessage request = new(HttpMethod.Get, "/api/v1/tail");
        request.Headers.Authorization = new("Bearer", Viewer);
        request.Headers.Add("Last-Event-ID", "0");
        using HttpResponseMessage answer = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        List<string> lines = [];
        while (lines.Count < 3)
        {
            string? line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
            if (line is { Length: > 0 } && line[0] != ':')
            {
                lines.Add(line);
            }
        }

        Assert.Equal(["id: 1", "event: finding"], lines[..2]);
        Assert.Contains("\"auditID\":\"2\"", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Findings_of_another_vedette_are_taken_once_and_only_for_their_cluster()
    {
        await using ServerUnderTest server = await StartAsync();
        await server.PostAsync("/audit/a", Admin, ServerUnderTest.Event("1"));
        await server.DetectedAsync();
        string finding = (await server.GetAsync("/api/v1/findings", Admin)).GetProperty("findings")[0].GetRawText();
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/findings/a", Admin, finding + "\n"));
        Assert.Equal(1, server.Server.Store.Findings.End);
        Assert.Equal(HttpStatusCode.BadRequest, await server.PostAsync("/findings/b", Admin, finding + "\n"));
        Assert.Equal(HttpStatusCode.BadRequest, await server.PostAsync("/findings/a", Admin, "{}"));
        Assert.Equal(HttpStatusCode.Forbidden, await server.PostAsync("/findings/a", Viewer, finding));
    }

    [Fact]
    public async Task A_reload_that_fails_says_why()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(settings => settings, () => "vedette.yaml:1:1: wrong");
        using HttpResponseMessage answer = await server.SendAsync(HttpMethod.Post, "/api/v1/reload", server.AdminToken);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("vedette.yaml:1:1", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_call_and_every_refusal_is_in_vedettes_own_audit_log_without_tokens()
    {
        string log;
        await using (ServerUnderTest server = await StartAsync())
        {
            await server.PostAsync("/audit/a/secret-token-in-path", null, "x");
            (await server.SendAsync(HttpMethod.Get, "/api/v1/events", Viewer)).Dispose();
            (await server.SendAsync(HttpMethod.Get, "/api/v1/status", Viewer)).Dispose();
            string path = Path.Combine(server.Server.Settings.Data, "access", "access.jsonl");
            await server.Server.Access.DisposeAsync();
            log = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain("secret-token", log, StringComparison.Ordinal);
        string[][] entries = [.. log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .Select(entry => new[] { entry.GetProperty("who").GetString() ?? "", entry.GetProperty("route").GetString()!, $"{entry.GetProperty("status").GetInt32()}" })];
        Assert.Equal([["", "/audit/{cluster}/{token}", "401"], ["viewer", "/api/v1/events", "403"], ["viewer", "/api/v1/status", "200"]], entries);
    }

    [Fact]
    public async Task The_api_document_names_every_route_and_no_other()
    {
        await using ServerUnderTest server = await StartAsync();
        string[] described = [.. (await server.GetAsync("/openapi.json", Admin)).GetProperty("paths").EnumerateObject().Select(path => path.Name)];
        Assert.Equal(server.Routes.Select(route => route.Replace("**", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    private static string[] Ids(JsonElement answer) => [.. answer.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("events")[0].GetProperty("auditID").GetString()!)];

    private static Task<ServerUnderTest> StartAsync() => ServerUnderTest.StartAsync(settings => settings with
    {
        Users =
        [
            new UserSettings("viewer", Role.Viewer, Credential.OfToken(Viewer), ["a"]), new UserSettings("analyst", Role.Analyst, Credential.OfToken(Analyst), []),
            new UserSettings("admin", Role.Admin, Credential.OfToken(Admin), []),
        ],
    });
}
