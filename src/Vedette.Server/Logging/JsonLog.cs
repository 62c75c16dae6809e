using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Vedette.Server.Logging;

/// <summary>
/// A log of JSON objects, one a line: <c>{"ts":"…","level":"warning","msg":"…","cluster":"prod"}</c>. All but plain ASCII is escaped, so that no text of a client moves a cursor, turns text around or begins
/// a line. Fields named like credentials and what looks like a bearer token are masked. Of one message at most <see cref="MaxRepeats"/> lines are written in <see cref="Window"/>; how many more there were is
/// told after it, in <c>suppressed</c>. A line that cannot be written is counted and forgotten.
/// </summary>
/// <param name="to">Where lines go; stays open.</param>
/// <param name="time">The clock.</param>
public sealed partial class JsonLog(Stream to, TimeProvider time) : IServerLog, IDisposable
{
    /// <summary>Lines of one message within <see cref="Window"/>.</summary>
    public const int MaxRepeats = 20;

    /// <summary>Messages told apart when counting repeats; while there are more, the ones that are new are all counted as one.</summary>
    public const int MaxMessages = 512;

    /// <summary>Longest text of a field, in UTF-16 units; what is longer is cut.</summary>
    public const int MaxTextLength = 4_096;

    /// <summary>Most fields of a line; further ones are left out.</summary>
    public const int MaxFields = 32;

    /// <summary>Over what time repeats are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _writing = new();
    private readonly ArrayBufferWriter<byte> _line = new(1024);
    private readonly Dictionary<string, Repeats> _repeats = new(StringComparer.Ordinal);
    private DateTimeOffset _windowEnd = time.GetUtcNow() + Window;
    private long _lost;

    /// <summary>Lines that could not be written.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <inheritdoc />
    public void Information(string message, params ReadOnlySpan<(string Name, object? Value)> fields) => Write("info", message, fields);

    /// <inheritdoc />
    public void Warning(string message, params ReadOnlySpan<(string Name, object? Value)> fields) => Write("warning", message, fields);

    /// <inheritdoc />
    public void Error(string message, params ReadOnlySpan<(string Name, object? Value)> fields) => Write("error", message, fields);

    /// <summary>Tells what was suppressed and not told yet.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            TellSuppressed(time.GetUtcNow());
        }
    }

    private void Write(string level, string message, ReadOnlySpan<(string Name, object? Value)> fields)
    {
        DateTimeOffset now = time.GetUtcNow();
        lock (_writing)
        {
            // A clock that was set back by more than a window must not keep one open.
            if (now >= _windowEnd || now < _windowEnd - 2 * Window)
            {
                TellSuppressed(now);
                _windowEnd = now + Window;
            }

            string key = _repeats.ContainsKey(message) || _repeats.Count < MaxMessages ? message : "";
            if (!_repeats.TryGetValue(key, out Repeats? repeats))
            {
                _repeats.Add(key, repeats = new Repeats(level));
            }

            if (++repeats.Count <= MaxRepeats)
            {
                WriteLine(now, level, message, fields, 0);
            }
        }
    }

    private void TellSuppressed(DateTimeOffset now)
    {
        foreach ((string message, Repeats repeats) in _repeats)
        {
            if (repeats.Count > MaxRepeats)
            {
                WriteLine(now, repeats.Level, message.Length > 0 ? message : "other messages", [], repeats.Count - MaxRepeats);
            }
        }

        _repeats.Clear();
    }

    private void WriteLine(DateTimeOffset now, string level, string message, ReadOnlySpan<(string Name, object? Value)> fields, long suppressed)
    {
        _line.ResetWrittenCount();
        using (Utf8JsonWriter writer = new(_line))
        {
            writer.WriteStartObject();
            writer.WriteString("ts"u8, now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteString("level"u8, level);
            writer.WriteString("msg"u8, Safe(message));
            if (suppressed > 0)
            {
                writer.WriteNumber("suppressed"u8, suppressed);
            }

            foreach ((string name, object? value) in fields[..Math.Min(fields.Length, MaxFields)])
            {
                WriteField(writer, name is "ts" or "level" or "msg" or "suppressed" ? $"{name}_" : name, value);
            }

            writer.WriteEndObject();
        }

        _line.Write("\n"u8);
        try
        {
            to.Write(_line.WrittenSpan);
            to.Flush();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or NotSupportedException)
        {
            // Nobody is left to tell: who reads the log went away. The server goes on without it.
            Interlocked.Increment(ref _lost);
        }
    }

    private static void WriteField(Utf8JsonWriter writer, string name, object? value)
    {
        if (value is not null && SecretName().IsMatch(name))
        {
            writer.WriteString(name, "***");
            return;
        }

        switch (value)
        {
            case null:
                writer.WriteNull(name);
                break;
            case bool truth:
                writer.WriteBoolean(name, truth);
                break;
            case int number:
                writer.WriteNumber(name, number);
                break;
            case long number:
                writer.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumber(name, number);
                break;
            case TimeSpan span:
                writer.WriteNumber(name, span.TotalSeconds);
                break;
            case DateTimeOffset at:
                writer.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                break;
            case Exception exception:
                writer.WriteString(name, Safe($"{exception.GetType().Name}: {exception.Message}"));
                break;
            default:
                writer.WriteString(name, Safe(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }

    private static string Safe(string text)
    {
        int end = MaxTextLength;
        string cut = text.Length <= MaxTextLength ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
        return SecretText().Replace(cut, "${key}***");
    }

    [GeneratedRegex("^(?!.*(?:file|path|name|count)$).*(?:token|password|passwd|secret|api-?key|private-?key|credential|authorization|cookie)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"(?<key>\b(?:bearer|basic)(?:\s+|%20))[^\s""\\&,;]+|eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretText();

    /// <summary>How often a message came in this window.</summary>
    private sealed class Repeats(string level)
    {
        public string Level { get; } = level;

        public long Count { get; set; }
    }
}
