using System.Text;
using System.Text.Json;

namespace Vedette.Benchmarks.Data;

/// <summary>Writes logs of any size.</summary>
internal static class Generator
{
    /// <summary>Writes a log of at least this many bytes.</summary>
    public static void Write(string path, Profile profile, long bytes, int seed)
    {
        Traffic traffic = new(profile, seed);
        using FileStream file = File.Create(path + ".part", 1 << 20);
        StringBuilder text = new();
        while (file.Position < bytes)
        {
            for (text.Clear(); text.Length < 1 << 20;)
            {
                traffic.Next(text);
            }

            foreach (ReadOnlyMemory<char> chunk in text.GetChunks())
            {
                file.Write(Encoding.UTF8.GetBytes(chunk.ToArray()));
            }
        }

        file.Dispose();
        File.Move(path + ".part", path, overwrite: true);
    }

    /// <summary>The same events with the members of every object in a random order, as other programs than kube-apiserver may write them.</summary>
    public static void WriteShuffled(string path, string from, int seed)
    {
        Random random = new(seed);
        using FileStream file = File.Create(path + ".part", 1 << 20);
        StringBuilder text = new();
        foreach (string line in File.ReadLines(from))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            text.Clear();
            Shuffle(text, document.RootElement, random);
            file.Write(Encoding.UTF8.GetBytes(text.Append('\n').ToString()));
        }

        file.Dispose();
        File.Move(path + ".part", path, overwrite: true);
    }

    /// <summary>A real log, again and again up to a size.</summary>
    public static void WriteRepeated(string path, byte[] log, long bytes)
    {
        using FileStream file = File.Create(path + ".part", 1 << 20);
        while (file.Position < bytes)
        {
            file.Write(log);
        }

        file.Dispose();
        File.Move(path + ".part", path, overwrite: true);
    }

    private static void Shuffle(StringBuilder into, JsonElement element, Random random)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                JsonProperty[] members = [.. element.EnumerateObject()];
                random.Shuffle(members);
                into.Append('{');
                foreach (JsonProperty member in members)
                {
                    into.Append('"').Append(JsonEncodedText.Encode(member.Name).Value).Append("\":");
                    Shuffle(into, member.Value, random);
                    into.Append(',');
                }

                into.Length -= members.Length > 0 ? 1 : 0;
                into.Append('}');
                break;
            case JsonValueKind.Array:
                into.Append('[');
                int count = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    into.Append(count++ == 0 ? "" : ",");
                    Shuffle(into, item, random);
                }

                into.Append(']');
                break;
            default:
                into.Append(element.GetRawText());
                break;
        }
    }
}
