using System.Collections.Immutable;
using System.Text.Json;

namespace Vedette.Sinks;

/// <summary>A finding to be told, read from its JSON (the stable contract of <see cref="Detection.Findings.FindingJson"/>). Texts are as in the event: escape them for where they go.</summary>
public sealed record StoredFinding
{
    /// <summary>Its place in the journal of findings.</summary>
    public required long Sequence { get; init; }

    /// <summary>Was it told before, with a lower count?</summary>
    public required bool IsUpdate { get; init; }

    /// <summary>The finding's JSON.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Event time.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Id of the rule.</summary>
    public string RuleId { get; init; } = "";

    /// <summary>Title of the rule.</summary>
    public string Title { get; init; } = "";

    /// <summary>informational, low, medium, high, critical; null where the rule has none.</summary>
    public string? Level { get; init; }

    /// <summary>Tags of the rule.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Cluster.</summary>
    public string Cluster { get; init; } = "";

    /// <summary>Namespace of the object.</summary>
    public string? Namespace { get; init; }

    /// <summary>Resource of the object.</summary>
    public string? Resource { get; init; }

    /// <summary>Name of the object.</summary>
    public string? Name { get; init; }

    /// <summary>The effective user.</summary>
    public string User { get; init; } = "";

    /// <summary>Address the API server saw.</summary>
    public string? SourceIp { get; init; }

    /// <summary>Verb.</summary>
    public string? Verb { get; init; }

    /// <summary>How often it happened.</summary>
    public int Count { get; init; } = 1;

    /// <summary>How many events made it, as far as they are named.</summary>
    public int EventCount { get; init; }

    /// <summary>One sentence for people.</summary>
    public string Message { get; init; } = "";

    /// <summary>Reads one.</summary>
    /// <param name="sequence">Its place in the journal.</param>
    /// <param name="isUpdate">Was it told before?</param>
    /// <param name="json">The finding's JSON.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static StoredFinding Read(long sequence, bool isUpdate, ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        JsonElement rule = Member(root, "rule");
        JsonElement target = Member(root, "target");
        return new StoredFinding
        {
            Sequence = sequence,
            IsUpdate = isUpdate,
            Json = json,
            Id = Text(root, "id") ?? throw new JsonException("a finding without id"),
            Time = Member(root, "time") is { ValueKind: JsonValueKind.String } time && time.TryGetDateTimeOffset(out DateTimeOffset at) ? at : null,
            RuleId = Text(rule, "id") ?? "",
            Title = Text(rule, "title") ?? "",
            Level = Text(rule, "level"),
            Tags = Member(rule, "tags") is { ValueKind: JsonValueKind.Array } tags
                ? [.. tags.EnumerateArray().Where(tag => tag.ValueKind == JsonValueKind.String).Select(tag => tag.GetString()!)]
                : [],
            Cluster = Text(root, "cluster") ?? "",
            Namespace = Text(target, "namespace"),
            Resource = Text(target, "resource"),
            Name = Text(target, "name"),
            User = Text(Member(root, "actor"), "user") ?? "",
            SourceIp = Text(Member(root, "source"), "ip"),
            Verb = Text(root, "verb"),
            Count = Member(root, "count") is { ValueKind: JsonValueKind.Number } count && count.TryGetInt32(out int number) ? number : 1,
            EventCount = Member(root, "events") is { ValueKind: JsonValueKind.Array } events ? events.GetArrayLength() : 0,
            Message = Text(root, "message") ?? "",
        };
    }

    private static JsonElement Member(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement member) ? member : default;

    private static string? Text(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
