using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Vedette.Detection.Findings;

namespace Vedette.Sinks;

/// <summary>Findings that telling makes itself, of the shape of all others (<see cref="FindingJson"/>), so that every receiver takes them: what was over a limit, and tests.</summary>
public sealed record MadeFinding
{
    /// <summary>Id of the rule it says to be of, which is none that can be loaded.</summary>
    public required string RuleId { get; init; }

    /// <summary>Title of it.</summary>
    public required string Title { get; init; }

    /// <summary>Level.</summary>
    public required string Level { get; init; }

    /// <summary>Cluster.</summary>
    public string Cluster { get; init; } = "";

    /// <summary>Namespace; null for none.</summary>
    public string? Namespace { get; init; }

    /// <summary>User.</summary>
    public string User { get; init; } = "";

    /// <summary>Tags.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Time.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>How many it stands for.</summary>
    public int Count { get; init; } = 1;

    /// <summary>One sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What its id is made of: the same for the same cause.</summary>
    public required string Cause { get; init; }

    /// <summary>Makes it.</summary>
    /// <param name="sequence">Its place among findings.</param>
    public StoredFinding Create(long sequence)
    {
        string id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{RuleId}\n{Cause}"))).AsSpan(0, 16));
        return StoredFinding.Read(sequence, isUpdate: false, SinkJson.Write(writer => Write(id, writer)).ToArray());
    }

    private void Write(string id, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteString("time", FindingJson.Name(Time?.ToUniversalTime()));
        writer.WriteStartObject("rule");
        writer.WriteString("id", RuleId);
        writer.WriteString("title", Title);
        writer.WriteString("level", Level);
        writer.WriteString("dialect", "vedette");
        WriteTexts("tags", Tags);
        writer.WriteEndObject();
        writer.WriteString("cluster", Cluster);
        writer.WriteStartObject("actor");
        writer.WriteString("user", User);
        WriteTexts("groups", []);
        writer.WriteEndObject();
        writer.WriteStartObject("source");
        writer.WriteNull("ip");
        writer.WriteNull("userAgent");
        writer.WriteEndObject();
        if (Namespace is null)
        {
            writer.WriteNull("target");
        }
        else
        {
            writer.WriteStartObject("target");
            writer.WriteString("resource", "");
            writer.WriteNull("subresource");
            writer.WriteString("namespace", Namespace);
            writer.WriteNull("name");
            writer.WriteNull("apiGroup");
            writer.WriteEndObject();
        }

        writer.WriteNull("verb");
        writer.WriteNull("decision");
        writer.WriteNull("code");
        writer.WriteStartArray("events");
        writer.WriteEndArray();
        writer.WriteNumber("count", Count);
        writer.WriteString("message", Message);
        writer.WriteEndObject();

        void WriteTexts(string name, ImmutableArray<string> texts)
        {
            writer.WriteStartArray(name);
            foreach (string text in texts)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
        }
    }
}
