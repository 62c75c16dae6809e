using Microsoft.Win32.SafeHandles;

namespace Vedette.Sources.Tailing;

/// <summary>One file of a log that is followed, under whatever name it is just now: how far it was read, and by what its content is known again.</summary>
internal sealed class LogFile : IDisposable
{
    /// <summary>Which file it is; null when it is gone, or is another one now: then its content may be found in a copy.</summary>
    public FileId? Id { get; set; }

    /// <summary>Its path when it was last seen.</summary>
    public string Path { get; set; } = "";

    /// <summary>Does its name say that it was rotated away?</summary>
    public bool IsRotated { get; set; }

    /// <summary>Is it compressed?</summary>
    public bool IsPacked { get; set; }

    /// <summary>Bytes that are done with; plain bytes for a compressed file.</summary>
    public long Position { get; set; }

    /// <summary>Its first bytes that are not zero.</summary>
    public Fingerprint Head { get; set; }

    /// <summary>Where they stand in a plain file.</summary>
    public long HeadAt { get; set; }

    /// <summary>The bytes before <see cref="Position"/>.</summary>
    public Fingerprint Near { get; set; }

    /// <summary>Was all of it read, and was it rotated away, so that nothing more is to be expected?</summary>
    public bool IsEnded { get; set; }

    /// <summary>Was it there, compressed, when its source was first read from the end, so that nothing of it is wanted?</summary>
    public bool IsAside { get; set; }

    /// <summary>Does <see cref="Position"/> stand in a line that is passed over?</summary>
    public bool IsSkipping { get; set; }

    /// <summary>Is it in the directory?</summary>
    public bool IsSeen { get; set; }

    /// <summary>How many times in a row it was not in the directory.</summary>
    public int Missed { get; set; }

    /// <summary>Its place among the files of its log.</summary>
    public int Order { get; set; }

    /// <summary>Bytes in it, as last seen.</summary>
    public long Length { get; set; }

    /// <summary>When it was written, as last seen.</summary>
    public long Modified { get; set; }

    /// <summary>Must its content be compared before anything else is done with it?</summary>
    public bool MustVerify { get; set; }

    /// <summary>Since when it has had <see cref="QuietLength"/> bytes, as a timestamp of the clock.</summary>
    public long QuietSince { get; set; }

    /// <summary>The length that it has had since then; −1 before it was first read.</summary>
    public long QuietLength { get; set; } = -1;

    /// <summary>The length at which it ended in the middle of a line; −1 when it did not.</summary>
    public long PartialLength { get; set; } = -1;

    /// <summary>Not to be opened before this timestamp of the clock: it could not be.</summary>
    public long RetryAt { get; set; }

    /// <summary>Open for reading, where it is plain and open.</summary>
    public SafeFileHandle? Handle { get; set; }

    /// <summary>Open for reading, where it is compressed and open.</summary>
    public PackedFile? Packed { get; set; }

    /// <summary>Bytes that are there and not read, as stored.</summary>
    public long Lag => !IsSeen ? 0 : IsPacked ? (IsEnded ? 0 : Length) : Math.Max(0, Length - Position);

    /// <summary>It is this file.</summary>
    public void See(string path, bool isRotated, in FileFacts facts, int order)
    {
        MustVerify |= Modified != 0 && facts.Modified != Modified;
        (Id, Path, IsRotated, IsSeen, Missed, Order) = (facts.Id, path, isRotated, true, 0, order);
        if (IsPacked && IsEnded && Length != 0 && Length != facts.Length)
        {
            IsEnded = false;
        }

        (Length, Modified) = (facts.Length, facts.Modified);
    }

    /// <summary>It is no file any more that is known of.</summary>
    public void Lose()
    {
        Close();
        (Id, IsSeen, Missed, Order, PartialLength) = (null, false, 0, -1, -1);
    }

    /// <summary>Closes it; it can be opened again.</summary>
    public void Close()
    {
        Handle?.Dispose();
        Packed?.Dispose();
        (Handle, Packed) = (null, null);
    }

    /// <inheritdoc />
    public void Dispose() => Close();
}
