using System.Buffers;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Audit.Redaction;
using Vedette.Audit.Shapes;

namespace Vedette.Sources.Rejects;

/// <summary>
/// Keeps rejected input as JSON lines <c>{"source","line","item"?,"reason","bytes","content"}</c>. The content is cut at <see cref="MaxContentLength"/> and what looks secret in it is masked
/// (<see cref="SecretMask"/>), since broken input cannot be redacted by its fields. The file is readable for its owner only.
/// </summary>
public sealed class RejectFile : IDisposable
{
    /// <summary>Most bytes of content kept of one rejected piece.</summary>
    public const int MaxContentLength = 64 * 1024;

    private readonly FileStream _file;
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>Creates the file, or empties it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public RejectFile(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        _file = new FileStream(path, options);
    }

    /// <summary>Writes one rejected piece.</summary>
    public void Write(RejectReason reason, EventOrigin origin, ReadOnlySpan<byte> content)
    {
        _line.ResetWrittenCount();
        using (Utf8JsonWriter writer = new(_line))
        {
            writer.WriteStartObject();
            writer.WriteString("source", origin.Source);
            writer.WriteNumber("line", origin.Line);
            if (origin.Item >= 0)
            {
                writer.WriteNumber("item", origin.Item);
            }

            writer.WriteString("reason", reason.Name());
            writer.WriteNumber("bytes", content.Length);
            writer.WriteString("content", SecretMask.Apply(content[..Math.Min(content.Length, MaxContentLength)]));
            writer.WriteEndObject();
        }

        _file.Write(_line.WrittenSpan);
        _file.Write("\n"u8);
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();
}
