using Microsoft.Win32.SafeHandles;
using Vedette.Audit.Batches;
using Vedette.Sources.Files;

namespace Vedette.Sources.Tailing;

/// <summary>A compressed file that is read from front to back.</summary>
internal sealed class PackedFile : IDisposable
{
    private readonly LogStream _stream;
    private byte[] _rest = [];

    /// <summary>Begins to read; the handle is this one's from now on.</summary>
    public PackedFile(SafeFileHandle handle) => _stream = new LogStream(new FileStream(handle, FileAccess.Read, bufferSize: 1));

    /// <summary>Why it ended before its time; null when it did not.</summary>
    public string? Damage => _stream.Damage;

    /// <summary>Has it no more?</summary>
    public bool IsAtEnd => _rest.Length == 0 && _stream.IsAtEnd;

    /// <summary>The last bytes that were given.</summary>
    public RecentBytes Recent { get; } = new();

    /// <summary>Do these bytes begin a compressed file?</summary>
    public static bool IsPacked(ReadOnlySpan<byte> head) => head is [0x1f, 0x8b, ..] or [0x28, 0xb5, 0x2f, 0xfd, ..];

    /// <summary>The first plain bytes of a file, behind zeros.</summary>
    /// <param name="handle">The file, which is this one's from now on.</param>
    /// <param name="isWhole">False when it ended before its time.</param>
    public static byte[] ReadHead(SafeFileHandle handle, out bool isWhole)
    {
        using PackedFile file = new(handle);
        using EventBatch batch = new(Fingerprint.MaxHead);
        file.Fill(batch, Fingerprint.MaxHead);
        while (batch.InputLength > 0 && batch.Input[0] == 0)
        {
            int zeros = batch.Input.IndexOfAnyExcept((byte)0);
            batch.Reset(zeros < 0 ? batch.InputLength : zeros);
            file.Fill(batch, Fingerprint.MaxHead);
        }

        isWhole = file.Damage is null || batch.InputLength >= Fingerprint.MaxHead;
        return batch.Input[..Math.Min(batch.InputLength, Fingerprint.MaxHead)].ToArray();
    }

    /// <summary>Passes over bytes that were read before.</summary>
    /// <returns>False when there are not so many.</returns>
    public bool Skip(long length)
    {
        using EventBatch batch = new();
        while (length > 0)
        {
            batch.Reset(batch.InputLength);
            Fill(batch, (int)Math.Min(length, 1 << 20));
            if (batch.InputLength == 0)
            {
                return false;
            }

            int taken = (int)Math.Min(length, batch.InputLength);
            Recent.Add(batch.Input[..taken]);
            KeepBack(batch.Input[taken..]);
            length -= taken;
        }

        return true;
    }

    /// <summary>Adds bytes until the batch has this many, or more, or there are no more.</summary>
    public void Fill(EventBatch batch, int length)
    {
        batch.Append(_rest);
        _rest = [];
        _stream.Fill(batch, length);
    }

    /// <summary>Gives these bytes again next time.</summary>
    public void KeepBack(ReadOnlySpan<byte> bytes) => _rest = bytes.ToArray();

    /// <inheritdoc />
    public void Dispose() => _stream.Dispose();
}
