using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Vedette.Audit.Batches;

namespace Vedette.Sources.Tailing;

/// <summary>What reading a file gave.</summary>
internal enum ReadOutcome
{
    /// <summary>There is no more now.</summary>
    Nothing,

    /// <summary>Only a line without its end is left.</summary>
    Partial,

    /// <summary>Whole lines are in the batch.</summary>
    Lines,

    /// <summary>The beginning of a line that is too long is in the batch.</summary>
    TooLong,

    /// <summary>The file is not the one it was: truncated, or another of the same number.</summary>
    Replaced,

    /// <summary>It has another name by now; what the directory holds must be looked at again.</summary>
    Moved,

    /// <summary>The compression is damaged or not finished.</summary>
    Damaged,
}

/// <summary>
/// Reads the next lines of a file. Position and fingerprints move only by <see cref="Commit"/>. What was read counts only if afterwards the file still has the content that was read before it: so a
/// truncation at any moment is noticed, and no line is joined from an old and a new content.
/// </summary>
/// <param name="files">The disk.</param>
/// <param name="time">Clock.</param>
/// <param name="limits">Lengths.</param>
internal sealed class LogFileReader(ITailFiles files, TimeProvider time, TailLimits limits)
{
    /// <summary>Bytes looked at at once while there are only zeros.</summary>
    private const int ZerosAtOnce = 256 * 1024;

    private readonly byte[] _head = new byte[Fingerprint.MaxHead];
    private readonly byte[] _near = new byte[Fingerprint.MaxNear];
    private readonly RecentBytes _recent = new();
    private readonly RecentBytes _dropped = new();
    private Fingerprint _newHead;
    private int _headLength;
    private long _headAt;
    private long _start;
    private long _after;
    private bool _isSkipping;

    /// <summary>The position after what was read last.</summary>
    public long PositionAfter => _after;

    /// <summary>Reads.</summary>
    /// <param name="file">The file.</param>
    /// <param name="batch">Where to; emptied first.</param>
    /// <param name="giveLast">Is a last line without line end whole? Of a compressed file it always is.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public ReadOutcome Read(LogFile file, EventBatch batch, bool giveLast)
    {
        batch.Reset(batch.InputLength);
        (_start, _isSkipping, _newHead, _headAt) = (file.Position, file.IsSkipping, file.Head, file.HeadAt);
        _dropped.Set([]);
        return file.IsPacked ? ReadPacked(file, batch) : ReadPlain(file, batch, giveLast);
    }

    /// <summary>What was read last is done with.</summary>
    public void Commit(LogFile file)
    {
        (file.Position, file.IsSkipping, file.Head, file.HeadAt, file.PartialLength) = (_after, _isSkipping, _newHead, _headAt, -1);
        file.Near = (file.Packed?.Recent ?? _recent).Fingerprint;
    }

    /// <summary>The first plain bytes of a file that is not known, behind zeros; null when the path leads to another file by now.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="id">Which file it is.</param>
    /// <param name="isPacked">Is it compressed?</param>
    /// <param name="isWhole">False when it is compressed and ends before its time.</param>
    /// <param name="at">Where they stand in a plain file.</param>
    public byte[]? ReadHead(string path, FileId id, out bool isPacked, out bool isWhole, out long at)
    {
        (isPacked, isWhole, at) = (false, true, 0);
        if (Open(path, id) is not { } handle)
        {
            return null;
        }

        bool isGiven = false;
        try
        {
            ReadOnlySpan<byte> head = _head.AsSpan(0, ReadAt(handle, _head, 0));
            isGiven = isPacked = PackedFile.IsPacked(head);
            if (isPacked)
            {
                return PackedFile.ReadHead(handle, out isWhole);
            }

            at = FirstByte(handle);
            return at == 0 ? head.ToArray() : _head.AsSpan(0, ReadAt(handle, _head, at)).ToArray();
        }
        finally
        {
            if (!isGiven)
            {
                handle.Dispose();
            }
        }
    }

    /// <summary>Has a plain file the content that was read of another?</summary>
    public bool HasContentOf(LogFile file, string path)
    {
        using SafeFileHandle handle = files.Open(path);
        return files.Look(handle).Length >= file.Position && IsSame(file, handle, file.HeadAt);
    }

    /// <summary>Is the plain length that a gzip file claims in its end the one that was read of another? Modulo 2³² (RFC 1952, ISIZE).</summary>
    public bool HasLengthOf(LogFile file, string path)
    {
        using SafeFileHandle handle = files.Open(path);
        Span<byte> end = stackalloc byte[sizeof(uint)];
        long length = files.Look(handle).Length;
        return length > 18 && ReadAt(handle, end, length - end.Length) == end.Length && BinaryPrimitives.ReadUInt32LittleEndian(end) == (uint)file.Position;
    }

    /// <summary>Puts a plain file's position at its end.</summary>
    public void GoToEnd(LogFile file)
    {
        if (Open(file.Path, file.Id) is { } handle)
        {
            long length = files.Look(handle).Length;
            int near = (int)Math.Min(length, Fingerprint.MaxNear);
            ReadOnlySpan<byte> bytes = _near.AsSpan(0, ReadAt(handle, _near.AsSpan(0, near), length - near));
            (file.Position, file.Near, file.IsSkipping) = (length, Fingerprint.Of(bytes), !bytes.IsEmpty && bytes[^1] != '\n');
        }
    }

    private ReadOutcome ReadPlain(LogFile file, EventBatch batch, bool giveLast)
    {
        file.Handle ??= Open(file.Path, file.Id);
        if (file.Handle is not { } handle)
        {
            return ReadOutcome.Moved;
        }

        FileFacts facts = files.Look(handle);
        if (facts.Length != file.QuietLength)
        {
            (file.QuietLength, file.QuietSince) = (facts.Length, time.GetTimestamp());
        }

        file.MustVerify |= facts.Modified != file.Modified;
        (file.Length, file.Modified) = (facts.Length, facts.Modified);
        if (facts.Length < file.Position)
        {
            return ReadOutcome.Replaced;
        }

        bool isPartial = facts.Length == file.PartialLength && !giveLast;
        if (facts.Length == file.Position || isPartial)
        {
            if (file.MustVerify && !IsSame(file, handle, file.HeadAt))
            {
                return ReadOutcome.Replaced;
            }

            file.MustVerify = false;
            return isPartial ? ReadOutcome.Partial : ReadOutcome.Nothing;
        }

        ReadOutcome outcome = Cut(file, batch, giveLast);
        _headAt = file.Head.Length > 0 ? file.HeadAt : FirstByte(handle);
        bool isFirst = file.Head.Length == 0 && batch.InputLength > 0;
        if (!IsSame(file, handle, _headAt) || (isFirst && _start != _headAt && !_isSkipping && file.Near.Length == 0) || (_start == _headAt && !StartWithTheSame(batch.Input, _head))
            || files.Look(handle).Length < _start + batch.InputLength)
        {
            return ReadOutcome.Replaced;
        }

        if (giveLast && _newHead.Length == 0)
        {
            // Its only line has no end: by that it is known from now on.
            _newHead = Fingerprint.Of(_head.AsSpan(0, _headLength));
        }

        file.MustVerify = false;
        _recent.Set(_near.AsSpan(0, file.Near.Length));
        _recent.Add(_dropped.Span);
        return Finish(file, batch, outcome, _recent);
    }

    private ReadOutcome ReadPacked(LogFile file, EventBatch batch)
    {
        if (file.MustVerify && (ReadHead(file.Path, file.Id!.Value, out _, out _, out _) is not { } head || (file.Head.Length > 0 && !file.Head.Begins(head))))
        {
            return ReadOutcome.Replaced;
        }

        file.MustVerify = false;
        if (file.IsEnded)
        {
            return ReadOutcome.Nothing;
        }

        if (file.Packed is null)
        {
            if (Open(file.Path, file.Id) is not { } handle)
            {
                return ReadOutcome.Moved;
            }

            file.Packed = new PackedFile(handle);
            if (!file.Packed.Skip(file.Position))
            {
                return ReadOutcome.Damaged;
            }
        }

        ReadOutcome outcome = Cut(file, batch, giveLast: true);
        file.Packed.Recent.Add(_dropped.Span);
        return Finish(file, batch, outcome, file.Packed.Recent);
    }

    /// <summary>Fills the batch and finds where to cut it; what is dropped before is gone from it.</summary>
    private ReadOutcome Cut(LogFile file, EventBatch batch, bool giveLast)
    {
        int limit = limits.MaxChunkLength;
        bool isAtEnd = Fill(file, batch, limit);
        while (true)
        {
            LineCut cut = LineCut.Next(batch.Input, _isSkipping, isAtEnd, giveLast && file.Packed?.Damage is null, limits.MaxLineLength);
            switch (cut.Kind)
            {
                case CutKind.More:
                    limit = Math.Min(Math.Max(limit, batch.InputLength * 4), Math.Max(limits.MaxLineLength, limits.MaxChunkLength));
                    isAtEnd = Fill(file, batch, limit);
                    break;
                case CutKind.Drop:
                    _isSkipping &= batch.Input[cut.Length - 1] != '\n';
                    _dropped.Add(batch.Input[..cut.Length]);
                    _start += cut.Length;
                    batch.Reset(cut.Length);
                    break;
                case CutKind.Take:
                    _after = _start + cut.Length;
                    return ReadOutcome.Lines;
                case CutKind.TooLong:
                    _after = _start + cut.Length;
                    return ReadOutcome.TooLong;
                default:
                    _after = _start;
                    return file.Packed?.Damage is not null ? ReadOutcome.Damaged : batch.InputLength == 0 ? ReadOutcome.Nothing : ReadOutcome.Partial;
            }
        }
    }

    private ReadOutcome Finish(LogFile file, EventBatch batch, ReadOutcome outcome, RecentBytes recent)
    {
        int taken = (int)(_after - _start);
        recent.Add(batch.Input[..taken]);
        file.Packed?.KeepBack(batch.Input[taken..]);
        switch (outcome)
        {
            case ReadOutcome.Lines:
                batch.Truncate(taken);
                break;
            case ReadOutcome.TooLong:
                _isSkipping = true;
                batch.Truncate(Math.Min(taken, TailLimits.MaxTooLongKept));
                break;
            default:
                if (_after != file.Position)
                {
                    // Nothing but what is passed over.
                    Commit(file);
                }

                file.PartialLength = outcome == ReadOutcome.Partial ? _after + batch.InputLength : -1;
                break;
        }

        return outcome;
    }

    /// <returns>True when there is no more now.</returns>
    private bool Fill(LogFile file, EventBatch batch, int limit)
    {
        if (file.Packed is { } packed)
        {
            packed.Fill(batch, limit);
            return batch.InputLength < limit;
        }

        while (batch.InputLength < limit)
        {
            int wanted = limit - batch.InputLength;
            int read = RandomAccess.Read(file.Handle!, batch.GetWriteSpan(wanted)[..wanted], _start + batch.InputLength);
            batch.Advance(read);
            if (read == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Opens a file; null when its path leads to another by now, or nowhere.</summary>
    private SafeFileHandle? Open(string path, FileId? id)
    {
        try
        {
            SafeFileHandle handle = files.Open(path);
            if (files.Look(handle).Id == id)
            {
                return handle;
            }

            handle.Dispose();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // Renamed since the directory was listed.
        }

        return null;
    }

    /// <summary>
    /// Where the first byte is that is not zero; the length where there is none. A file that was truncated under a writer which does not append begins with a hole, as long as what was written before: by
    /// zeros no file is known.
    /// </summary>
    private static long FirstByte(SafeFileHandle handle)
    {
        long at = 0;
        byte[]? buffer = null;
        Span<byte> bytes = stackalloc byte[16];
        while (true)
        {
            int read = ReadAt(handle, bytes, at);
            int first = bytes[..read].IndexOfAnyExcept((byte)0);
            if (first >= 0 || read < bytes.Length)
            {
                return at + (first >= 0 ? first : read);
            }

            at += read;
            bytes = buffer ??= new byte[ZerosAtOnce];
        }
    }

    /// <summary>Is what was read of a file still in it? Notes its first bytes and those before the position.</summary>
    private bool IsSame(LogFile file, SafeFileHandle handle, long headAt)
    {
        ReadOnlySpan<byte> head = _head.AsSpan(0, ReadAt(handle, _head, headAt));
        if (file.Head.Length > 0 && !file.Head.Begins(head))
        {
            return false;
        }

        _headLength = head.Length;
        _newHead = Fingerprint.OfHead(head);
        Span<byte> near = _near.AsSpan(0, file.Near.Length);
        return near.IsEmpty || (ReadAt(handle, near, file.Position - near.Length) == near.Length && Fingerprint.Of(near) == file.Near);
    }

    private bool StartWithTheSame(ReadOnlySpan<byte> input, ReadOnlySpan<byte> head)
    {
        int length = Math.Min(input.Length, _headLength);
        return input[..length].SequenceEqual(head[..length]);
    }

    private static int ReadAt(SafeFileHandle handle, Span<byte> buffer, long offset)
    {
        int total = 0;
        while (total < buffer.Length && RandomAccess.Read(handle, buffer[total..], offset + total) is > 0 and int read)
        {
            total += read;
        }

        return total;
    }
}
