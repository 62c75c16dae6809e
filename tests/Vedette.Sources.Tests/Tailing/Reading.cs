using System.Text;
using Microsoft.Win32.SafeHandles;
using Vedette.Sources.Settings;
using Vedette.Sources.Tailing;

namespace Vedette.Sources.Tests.Tailing;

/// <summary>A reader of a folder's log that can be stopped and started, with what it got.</summary>
internal sealed class Reading : IDisposable, ITailPositions, ITailFiles
{
    private readonly TailStart _from;
    private readonly string[] _paths;
    private readonly TailLimits _limits;
    private byte[]? _state;
    private FileTail? _tail;

    public Reading(string[] paths, TailStart from = TailStart.Start, TailLimits? limits = null)
    {
        (_paths, _from, _limits) = (paths, from, limits ?? new TailLimits());
    }

    public ManualClock Clock { get; } = new();

    /// <summary>The lines, without their ends.</summary>
    public List<string> Lines { get; } = [];

    public List<string> TooLong { get; } = [];

    /// <summary>The next so many chunks are refused.</summary>
    public int Refusals { get; set; }

    /// <summary>Is every file unreadable?</summary>
    public bool IsForbidden { get; set; }

    /// <summary>Can positions not be saved?</summary>
    public bool CannotSave { get; set; }

    public SourceStatus Status => _tail!.Status;

    public string? State => _state is null ? null : Encoding.UTF8.GetString(_state);

    public uint User => 1000;

    public void Poll()
    {
        _tail ??= new FileTail(new FileSource("test", "prod", [.. _paths], _from, TimeSpan.FromMilliseconds(250)), this, TakeAsync, Clock, this, _limits);
        _tail.PollAsync(CancellationToken.None).GetAwaiter().GetResult();
        Clock.Advance(TimeSpan.FromMilliseconds(250));
    }

    /// <summary>Polls until all that can come has come: partial lines are waited for, absent files given up.</summary>
    public void Settle()
    {
        int quiet = 0;
        while (quiet < 4)
        {
            int before = Lines.Count;
            Poll();
            Clock.Advance(FileTail.MaxWaitForPacked);
            quiet = Lines.Count == before ? quiet + 1 : 0;
        }
    }

    /// <summary>The process ends; the next poll is another one's.</summary>
    public void Stop()
    {
        _tail?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _tail = null;
    }

    public void Dispose() => Stop();

    ReadOnlyMemory<byte>? ITailPositions.Load(string name) => _state is null ? default(ReadOnlyMemory<byte>?) : _state;

    void ITailPositions.Save(string name, ReadOnlySpan<byte> state)
    {
        if (CannotSave)
        {
            throw new IOException("no space left on device");
        }

        _state = state.ToArray();
    }

    IReadOnlyList<string> ITailFiles.List(string directory) => LinuxTailFiles.Instance.List(directory);

    FileFacts? ITailFiles.Look(string path) => LinuxTailFiles.Instance.Look(path);

    FileFacts ITailFiles.Look(SafeFileHandle handle) => LinuxTailFiles.Instance.Look(handle);

    SafeFileHandle ITailFiles.Open(string path) => IsForbidden ? throw new UnauthorizedAccessException($"Access to the path '{path}' is denied.") : LinuxTailFiles.Instance.Open(path);

    private ValueTask<bool> TakeAsync(TailChunk chunk, CancellationToken cancellation)
    {
        if (Refusals > 0)
        {
            Refusals--;
            return ValueTask.FromResult(false);
        }

        string text = Encoding.UTF8.GetString(chunk.Batch.Input);
        if (chunk.IsTooLong)
        {
            TooLong.Add(text);
        }
        else
        {
            Lines.AddRange(text.EndsWith('\n') ? text[..^1].Split('\n') : text.Split('\n'));
        }

        return ValueTask.FromResult(true);
    }
}
