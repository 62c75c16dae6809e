using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Vedette.Sources.Tailing;

/// <summary>How far the files of a source were read, as it is kept between runs: JSON, so that a person can look at it.</summary>
internal static class TailState
{
    private const int Version = 1;

    /// <summary>Writes it.</summary>
    public static ReadOnlySpan<byte> Write(IEnumerable<(string Path, IReadOnlyList<LogFile> Files)> logs)
    {
        ArrayBufferWriter<byte> into = new(4096);
        using (Utf8JsonWriter writer = new(into))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteStartArray("logs");
            foreach ((string path, IReadOnlyList<LogFile> files) in logs)
            {
                writer.WriteStartObject();
                writer.WriteString("path", path);
                writer.WriteStartArray("files");
                foreach (LogFile file in files)
                {
                    Write(file, writer);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return into.WrittenSpan;
    }

    /// <summary>Reads it: the files of each log, by the log's path.</summary>
    /// <exception cref="InvalidDataException">It is none, or of a newer version.</exception>
    public static Dictionary<string, List<LogFile>> Read(ReadOnlyMemory<byte> state)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(state);
            if (document.RootElement.GetProperty("version").GetInt32() != Version)
            {
                throw new InvalidDataException("the positions of files are of another version of this program");
            }

            Dictionary<string, List<LogFile>> logs = new(StringComparer.Ordinal);
            foreach (JsonElement log in document.RootElement.GetProperty("logs").EnumerateArray())
            {
                logs[log.GetProperty("path").GetString() ?? ""] = [.. log.GetProperty("files").EnumerateArray().Select(Read)];
            }

            return logs;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"the positions of files are damaged: {exception.Message}", exception);
        }
    }

    private static void Write(LogFile file, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("path", file.Path);
        if (file.Id is { } id)
        {
            writer.WriteNumber("device", id.Device);
            writer.WriteNumber("inode", id.Inode);
            writer.WriteNumber("born", id.Born);
        }

        writer.WriteNumber("position", file.Position);
        Write("head", file.Head, writer);
        if (file.HeadAt > 0)
        {
            writer.WriteNumber("headAt", file.HeadAt);
        }

        Write("near", file.Near, writer);
        Write("packed", file.IsPacked, writer);
        Write("ended", file.IsEnded, writer);
        Write("aside", file.IsAside, writer);
        Write("skipping", file.IsSkipping, writer);
        writer.WriteEndObject();
    }

    private static void Write(string name, bool value, Utf8JsonWriter writer)
    {
        if (value)
        {
            writer.WriteBoolean(name, value);
        }
    }

    private static void Write(string name, Fingerprint value, Utf8JsonWriter writer)
    {
        if (value.Length > 0)
        {
            writer.WriteString(name, string.Create(CultureInfo.InvariantCulture, $"{value.Length}:{value.Hash:x32}"));
        }
    }

    private static LogFile Read(JsonElement file) => new()
    {
        Path = file.GetProperty("path").GetString() ?? "",
        Id = file.TryGetProperty("inode", out JsonElement inode)
            ? new FileId(file.GetProperty("device").GetUInt64(), inode.GetUInt64(), file.GetProperty("born").GetInt64())
            : null,
        Position = file.GetProperty("position").GetInt64() is >= 0 and var position ? position : throw new FormatException("a negative position"),
        Head = ReadPrint(file, "head", Fingerprint.MaxHead),
        HeadAt = !file.TryGetProperty("headAt", out JsonElement headAt) ? 0 : headAt.GetInt64() is >= 0 and var at ? at : throw new FormatException("a negative position"),
        Near = ReadPrint(file, "near", Fingerprint.MaxNear),
        IsPacked = file.TryGetProperty("packed", out _),
        IsEnded = file.TryGetProperty("ended", out _),
        IsAside = file.TryGetProperty("aside", out _),
        IsSkipping = file.TryGetProperty("skipping", out _),
        MustVerify = true,
    };

    private static Fingerprint ReadPrint(JsonElement file, string name, int maxLength)
    {
        if (!file.TryGetProperty(name, out JsonElement value))
        {
            return default;
        }

        string[] parts = (value.GetString() ?? "").Split(':');
        return parts is [var length, var hash] && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes) && bytes <= maxLength
            ? new Fingerprint(bytes, UInt128.Parse(hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            : throw new FormatException($"{name} is no fingerprint");
    }
}
