using System.Buffers;
using System.Text.Json;

namespace Vedette.Pipeline.Watching;

/// <summary>What was learned of the pauses of sources, as JSON: times in ticks of UTC.</summary>
internal static class SourceWatchState
{
    private const int Version = 1;

    /// <summary>Writes it.</summary>
    public static byte[] Write(IEnumerable<(string Cluster, string Source, HeardGaps Gaps)> sources)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version"u8, Version);
            writer.WriteStartArray("sources"u8);
            foreach ((string cluster, string source, HeardGaps gaps) in sources)
            {
                if (gaps.Heard == 0)
                {
                    continue;
                }

                writer.WriteStartObject();
                writer.WriteString("cluster"u8, cluster);
                writer.WriteString("source"u8, source);
                writer.WriteNumber("first"u8, gaps.First.UtcTicks);
                writer.WriteNumber("last"u8, gaps.Last.UtcTicks);
                writer.WriteNumber("heard"u8, gaps.Heard);
                writer.WriteStartArray("pauses"u8);
                foreach ((DateTimeOffset end, TimeSpan length) in gaps.Gaps)
                {
                    writer.WriteNumberValue(end.UtcTicks);
                    writer.WriteNumberValue(length.Ticks);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return json.WrittenSpan.ToArray();
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="JsonException">It is not that.</exception>
    public static IReadOnlyList<(string Cluster, string Source, HeardGaps Gaps)> Read(ReadOnlyMemory<byte> state)
    {
        using JsonDocument document = JsonDocument.Parse(state);
        List<(string, string, HeardGaps)> sources = [];
        try
        {
            if (document.RootElement.GetProperty("version"u8).GetInt32() != Version)
            {
                throw new JsonException("it is of a version that this program does not know");
            }

            foreach (JsonElement item in document.RootElement.GetProperty("sources"u8).EnumerateArray())
            {
                long[] pauses = [.. item.GetProperty("pauses"u8).EnumerateArray().Select(number => number.GetInt64())];
                sources.Add((
                    item.GetProperty("cluster"u8).GetString() ?? "",
                    item.GetProperty("source"u8).GetString() ?? "",
                    HeardGaps.Restore(
                        At(item.GetProperty("first"u8).GetInt64()), At(item.GetProperty("last"u8).GetInt64()), item.GetProperty("heard"u8).GetInt64(),
                        pauses.Chunk(2).Where(pair => pair.Length == 2).Select(pair => (At(pair[0]), TimeSpan.FromTicks(pair[1]))))));
            }
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            throw new JsonException("no state of watched sources", exception);
        }

        return sources;
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
