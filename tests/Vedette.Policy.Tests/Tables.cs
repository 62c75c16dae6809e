using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Tests;
using Xunit;

namespace Vedette.Policy.Tests;

/// <summary>Answers recorded from kube-apiserver 1.36's own code, in tests/cases/apiserver.</summary>
internal static class Tables
{
    public static JsonElement[] Rows(string file) =>
        [.. JsonDocument.Parse(SharedData.ReadCase($"apiserver/{file}")).RootElement.EnumerateArray()];

    public static JsonElement[] Lines(string file) =>
    [
        .. Encoding.UTF8.GetString(SharedData.ReadCase(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement),
    ];

    public static AuditPolicy Policy(JsonElement policy) => Policy(policy.GetRawText());

    public static AuditPolicy Policy(string text)
    {
        LoadedPolicy loaded = PolicyLoader.Load("policy.yaml", Encoding.UTF8.GetBytes(text));
        Assert.True(loaded.Policy is not null, $"{loaded.LoadError}: {text}");
        return loaded.Policy;
    }

    public static RequestAttributes Attributes(JsonElement item) => new()
    {
        User = item.TryGetProperty("user", out JsonElement user) && user.ValueKind == JsonValueKind.Object
            ? new RequestUser(user.GetProperty("name").GetString()!, Strings(user, "groups"))
            : null,
        Verb = Text(item, "verb"),
        Namespace = Text(item, "namespace"),
        ApiGroup = Text(item, "apiGroup"),
        ApiVersion = Text(item, "apiVersion"),
        Resource = Text(item, "resource"),
        Subresource = Text(item, "subresource"),
        Name = Text(item, "name"),
        IsResourceRequest = item.GetProperty("resourceRequest").GetBoolean(),
        Path = Text(item, "path"),
    };

    public static string? TextOrNull(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static ImmutableArray<string> Strings(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(value => value.GetString()!)] : [];

    private static string Text(JsonElement item, string name) => TextOrNull(item, name) ?? "";
}
