using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using Vedette.Storage.Files;

namespace Vedette.Server.Access;

/// <summary>
/// Vedette's own audit log: every call of the API and every refusal, a JSON object a line, in files of the data directory that only their owner reads. Bounded in memory and on disk; what does not fit is counted.
/// </summary>
public sealed class AccessLog : IAsyncDisposable
{
    /// <summary>Bytes of a file after which another is begun.</summary>
    public const long MaxFileLength = 32 * 1024 * 1024;

    /// <summary>Files kept beside the one being written.</summary>
    public const int MaxFiles = 10;

    private const int MaxWaiting = 10_000;
    private const int MaxWriteLength = 64 * 1024;
    private const string Current = "access.jsonl";

    private readonly Channel<AccessEntry> _waiting = Channel.CreateBounded<AccessEntry>(new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });
    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly Task _writing;
    private long _dropped;

    /// <summary>A log in a directory.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="directory">The directory.</param>
    public AccessLog(IFileSystem files, string directory)
    {
        _files = files;
        _directory = directory;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Entries that were not written because too many waited or the disk failed.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Adds an entry.</summary>
    public void Add(AccessEntry entry)
    {
        if (!_waiting.Writer.TryWrite(entry))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writing;
    }

    private async Task WriteAsync()
    {
        ArrayBufferWriter<byte> lines = new();
        using Utf8JsonWriter writer = new(lines);
        while (await _waiting.Reader.WaitToReadAsync())
        {
            int taken = 0;
            lines.ResetWrittenCount();
            while (lines.WrittenCount < MaxWriteLength && _waiting.Reader.TryRead(out AccessEntry? entry))
            {
                taken++;
                entry.Write(writer);
                writer.Flush();
                lines.Write("\n"u8);
                writer.Reset();
            }

            try
            {
                Append(lines.WrittenSpan);
            }
            catch (Exception exception) when (StoreProblem.IsOfDisk(exception))
            {
                // The disk is full or gone; requests go on and the loss is counted.
                Interlocked.Add(ref _dropped, taken);
            }
        }
    }

    private void Append(ReadOnlySpan<byte> lines)
    {
        _files.CreateDirectory(_directory);
        string path = Path.Combine(_directory, Current);
        bool isThere = _files.Exists(path);
        using IFile file = isThere ? _files.Open(path, forWriting: true) : _files.Create(path, 0);
        long end = file.Length;
        if (end >= MaxFileLength)
        {
            Rotate(path);
            using IFile next = _files.Create(path, 0);
            next.Write(lines, 0);
            return;
        }

        // A line that a crash or a full disk cut short does not take the next one with it.
        Span<byte> last = stackalloc byte[1];
        bool isTorn = end > 0 && file.Read(last, end - 1) == 1 && last[0] != (byte)'\n';
        if (isTorn)
        {
            file.Write("\n"u8, end);
        }

        file.Write(lines, isTorn ? end + 1 : end);
    }

    private void Rotate(string path)
    {
        for (int number = MaxFiles; number > 0; number--)
        {
            string older = number == 1 ? path : $"{path}.{number - 1}";
            if (_files.Exists(older))
            {
                _files.Move(older, $"{path}.{number}");
            }
        }
    }
}

/// <summary>One call.</summary>
/// <param name="Time">When it ended.</param>
/// <param name="Who">Who made it; null when nobody was known by what it showed.</param>
/// <param name="Address">Where from.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Route">What was asked for, without tokens and queries.</param>
/// <param name="Status">The answer.</param>
/// <param name="Reason">Why it was refused; null when it was not.</param>
public sealed record AccessEntry(DateTimeOffset Time, string? Who, string? Address, string Method, string Route, int Status, string? Reason)
{
    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("time", Time);
        writer.WriteString("who", Who);
        writer.WriteString("address", Address);
        writer.WriteString("method", Method.Length <= 16 ? Method : Method[..16]);
        writer.WriteString("route", Route);
        writer.WriteNumber("status", Status);
        if (Reason is not null)
        {
            writer.WriteString("reason", Reason);
        }

        writer.WriteEndObject();
    }
}
