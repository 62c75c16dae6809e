using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Redaction;

namespace Vedette.Sources.Falco;

/// <summary>An alert of Falco, as its <c>http_output</c> sends it or falcosidekick passes it on. Texts are as they came.</summary>
public sealed record FalcoAlert
{
    /// <summary>Most alerts of a body: Falco sends one, shippers send lists.</summary>
    public const int MaxAlerts = 10_000;

    /// <summary>Most output fields of an alert that are kept.</summary>
    public const int MaxFields = 200;

    /// <summary>Longest text that is kept of one, in characters.</summary>
    public const int MaxTextLength = 16 * 1024;

    /// <summary>Falco's name of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Falco's priority: Emergency, Alert, Critical, Error, Warning, Notice, Informational, Debug.</summary>
    public required string Priority { get; init; }

    /// <summary>When it happened, as it is written: RFC 3339 with nanoseconds.</summary>
    public required string Time { get; init; }

    /// <summary>Where Falco got the event from: <c>syscall</c>, <c>k8s_audit</c> …</summary>
    public string Source { get; init; } = "";

    /// <summary>The machine Falco runs on.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>The sentence that the rule makes of it.</summary>
    public string Output { get; init; } = "";

    /// <summary>Tags of the rule.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>The fields that the rule's output uses, in the order of their names.</summary>
    public ImmutableSortedDictionary<string, string> Fields { get; init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>
    /// 32 hexadecimal digits, the same for the same alert by whatever way it comes: the first 128 bits of SHA-256 over rule, time, machine, source and sentence, and over the fields where there is no sentence.
    /// falcosidekick's uuid and added fields are not in it.
    /// </summary>
    public string Id
    {
        get
        {
            string content = string.Join('\n', "falco", Rule, Time, Hostname, Source, Output.Length > 0 ? Output : string.Join('\n', Fields.Select(one => $"{one.Key}={one.Value}")));
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 16));
        }
    }

    /// <summary>The level that a priority means here.</summary>
    public string Level => Priority.ToUpperInvariant() switch
    {
        "EMERGENCY" or "ALERT" or "CRITICAL" => "critical",
        "ERROR" => "high",
        "WARNING" => "medium",
        "NOTICE" => "low",
        _ => "informational",
    };

    /// <summary>Reads the alerts of a body: one object, a list, or several one after the other.</summary>
    /// <param name="body">The body.</param>
    /// <param name="alerts">Gets them.</param>
    /// <returns>What is wrong; null when all of it was alerts.</returns>
    public static string? Read(ReadOnlySpan<byte> body, List<FalcoAlert> alerts)
    {
        Utf8JsonReader reader = new(body, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 32 });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray && reader.CurrentDepth == 0)
                {
                    continue;
                }

                if (alerts.Count == MaxAlerts)
                {
                    return $"more than {MaxAlerts} alerts";
                }

                using JsonDocument document = JsonDocument.ParseValue(ref reader);
                if (Read(document.RootElement) is not { } alert)
                {
                    return "not an alert of Falco: it has no rule, priority and time; Falco needs json_output: true";
                }

                alerts.Add(alert);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // A text with half a surrogate pair is no text.
            return "not JSON; Falco needs json_output: true";
        }

        return alerts.Count == 0 ? "an empty body" : null;
    }

    /// <summary>
    /// Writes it as a finding: Falco's rule under Falco's name, and what Falco says of the event under <c>falco</c>. What looks secret in its texts is masked.
    /// </summary>
    /// <param name="cluster">The cluster that the sender's credentials are bound to.</param>
    /// <param name="into">Where to.</param>
    public void WriteFinding(string cluster, IBufferWriter<byte> into)
    {
        using Utf8JsonWriter writer = new(into);
        writer.WriteStartObject();
        writer.WriteString("id", Id);
        writer.WriteString("time", DateTimeOffset.TryParse(Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)
            : null);
        writer.WriteStartObject("rule");
        writer.WriteString("id", Rule);
        writer.WriteString("title", Rule);
        writer.WriteString("level", Level);
        writer.WriteString("dialect", "falco");
        writer.WriteStartArray("tags");
        foreach (string tag in Tags)
        {
            writer.WriteStringValue(tag);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteString("cluster", cluster);
        writer.WriteStartObject("actor");
        // The user of a container is nobody of Kubernetes; that of an audit event is.
        writer.WriteString("user", Fields.GetValueOrDefault("ka.user.name", ""));
        writer.WriteStartArray("groups");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteStartObject("source");
        writer.WriteString("ip", Field("ka.sourceips"));
        writer.WriteString("userAgent", Field("ka.useragent"));
        writer.WriteEndObject();
        WriteTarget(writer);
        writer.WriteString("verb", Field("ka.verb"));
        writer.WriteNull("decision");
        writer.WriteNull("code");
        writer.WriteStartArray("events");
        writer.WriteEndArray();
        writer.WriteNumber("count", 1);
        writer.WriteString("message", Masked(Output.Length > 0 ? Output : Rule));
        writer.WriteStartObject("falco");
        writer.WriteString("priority", Priority);
        writer.WriteString("time", Time);
        writer.WriteString("source", Source);
        writer.WriteString("hostname", Hostname);
        writer.WriteStartObject("outputFields");
        foreach ((string name, string value) in Fields)
        {
            writer.WriteString(name, Masked(value));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteTarget(Utf8JsonWriter writer)
    {
        string? pod = Field("k8s.pod.name");
        string? resource = Field("ka.target.resource") ?? (pod is null ? null : "pods");
        if (resource is null)
        {
            writer.WriteNull("target");
            return;
        }

        writer.WriteStartObject("target");
        writer.WriteString("resource", resource);
        writer.WriteString("subresource", Field("ka.target.subresource"));
        writer.WriteString("namespace", Field("ka.target.namespace") ?? Field("k8s.ns.name"));
        writer.WriteString("name", Field("ka.target.name") ?? pod);
        writer.WriteNull("apiGroup");
        writer.WriteEndObject();
    }

    /// <summary>A field; null where it is not there, or Falco could not say it.</summary>
    private string? Field(string name) => Fields.TryGetValue(name, out string? value) && value is not ("" or "<NA>") ? value : null;

    private static string Masked(string text) => SecretMask.Apply(Encoding.UTF8.GetBytes(text));

    private static FalcoAlert? Read(JsonElement alert)
    {
        if (alert.ValueKind != JsonValueKind.Object || Text(alert, "rule") is not { Length: > 0 } rule || Text(alert, "priority") is not { Length: > 0 } priority || Text(alert, "time") is not { Length: > 0 } time)
        {
            return null;
        }

        return new FalcoAlert
        {
            Rule = rule,
            Priority = priority,
            Time = time,
            Source = Text(alert, "source") ?? "",
            Hostname = Text(alert, "hostname") ?? "",
            Output = Text(alert, "output") ?? "",
            Tags = alert.TryGetProperty("tags", out JsonElement tags) && tags.ValueKind == JsonValueKind.Array ? [.. tags.EnumerateArray().Take(MaxFields).Select(Show)] : [],
            Fields = alert.TryGetProperty("output_fields", out JsonElement fields) && fields.ValueKind == JsonValueKind.Object
                ? fields.EnumerateObject().Take(MaxFields).Where(field => field.Value.ValueKind != JsonValueKind.Null).GroupBy(field => field.Name, StringComparer.Ordinal)
                    .ToImmutableSortedDictionary(field => field.Key, field => Show(field.Last().Value), StringComparer.Ordinal)
                : ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal),
        };
    }

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? Show(value) : null;

    private static string Show(JsonElement value)
    {
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return text.Length <= MaxTextLength ? text : text[..MaxTextLength];
    }
}
