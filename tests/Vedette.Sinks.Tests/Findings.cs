using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vedette.Sinks.Tests;

/// <summary>Findings to tell.</summary>
internal static class Findings
{
    /// <summary>Texts as somebody who attacks chooses them.</summary>
    public static readonly string[] Hostile =
    [
        "\u001b[2J\u001b[31mroot", "\u202Eresu-erawtfos", "a\u0000b\u0007", "line\r\nbreak", "<!channel> & <https://evil.example|click>", "@channel @here @everyone", "`code` *bold* _it_ ~gone~",
        "\"},{\"x\":\"", "{{cluster}} {{finding}}", "${jndi:ldap://x}", "\\u0000\\", "<script>alert(1)</script>", new string('u', 1024 * 1024), "\u200B\uFEFF\u2066", "emoji \U0001F600 \U000E0041",
    ];

    public static StoredFinding One(
        string id = "0123456789abcdef0123456789abcdef", string? level = "high", string title = "Pod exec", string rule = "11111111-2222-3333-4444-555555555555", string cluster = "prod-eu",
        string? ns = "payments", string user = "alice", string message = "alice ran a command in a pod", long sequence = 1, int count = 1, params string[] tags)
    {
        JsonObject json = new()
        {
            ["id"] = id,
            ["time"] = "2026-11-25T20:00:00.000000Z",
            ["rule"] = new JsonObject { ["id"] = rule, ["title"] = title, ["level"] = level, ["dialect"] = "sigma", ["tags"] = new JsonArray([.. tags.Select(tag => (JsonNode)tag)]) },
            ["cluster"] = cluster,
            ["actor"] = new JsonObject { ["user"] = user, ["groups"] = new JsonArray("system:authenticated") },
            ["source"] = new JsonObject { ["ip"] = "203.0.113.7", ["userAgent"] = "kubectl" },
            ["target"] = new JsonObject { ["resource"] = "pods", ["subresource"] = "exec", ["namespace"] = ns, ["name"] = "web-0", ["apiGroup"] = null },
            ["verb"] = "create",
            ["decision"] = "allow",
            ["code"] = 101,
            ["events"] = new JsonArray(new JsonObject { ["auditID"] = "a1", ["stage"] = "ResponseComplete" }),
            ["count"] = count,
            ["message"] = message,
        };
        return StoredFinding.Read(sequence, isUpdate: false, Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    /// <summary>A finding that has the text wherever a client can put one.</summary>
    public static StoredFinding With(string hostile, string id = "fedcba9876543210fedcba9876543210") =>
        One(id: id, title: "Rule " + hostile, user: hostile, ns: hostile, message: $"{hostile} did it", cluster: "c " + hostile, tags: hostile);

    public static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json.ToArray());
        return document.RootElement.Clone();
    }
}
