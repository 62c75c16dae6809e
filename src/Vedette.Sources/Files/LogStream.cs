using System.IO.Compression;
using Vedette.Audit.Batches;

namespace Vedette.Sources.Files;

/// <summary>The bytes of one input, decompressed: gzip and zstd, of one or several members, are recognised by their first bytes and not by names.
/// Decompression runs ahead on a thread of its own.</summary>
public sealed class LogStream : IDisposable
{
    /// <summary>Bytes asked for at once.</summary>
    private const int ReadLength = 256 * 1024;

    private readonly CountedStream _stored;
    private readonly ReadAhead? _decompressed;

    internal LogStream(Stream stored)
    {
        _stored = new CountedStream(stored);
        byte[] head = new byte[4];
        int length = _stored.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        _stored.PutBack(head.AsMemory(0, length));
        _decompressed = head switch
        {
            [0x1f, 0x8b, ..] => new ReadAhead(new GZipStream(_stored, CompressionMode.Decompress)),
            [0x28, 0xb5, 0x2f, 0xfd] => new ReadAhead(new ZstdSharp.DecompressionStream(_stored, leaveOpen: false)),
            _ => null,
        };
    }

    /// <summary>Bytes read so far, as stored.</summary>
    public long StoredRead => _stored.BytesRead;

    /// <summary>Bytes given so far, decompressed.</summary>
    public long PlainRead { get; private set; }

    /// <summary>True when the input has no more.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Why the input ended before its time: its compression is damaged. Null when it did not.</summary>
    public string? Damage { get; private set; }

    /// <summary>Adds input to a batch until it has this much, or the input ends.</summary>
    /// <exception cref="IOException">Reading failed.</exception>
    public void Fill(EventBatch batch, int length)
    {
        while (batch.InputLength < length && !IsAtEnd)
        {
            Span<byte> room = batch.GetWriteSpan(ReadLength);
            int read = 0;
            try
            {
                room = room[..Math.Min(room.Length, Math.Max(ReadLength, length - batch.InputLength))];
                read = _decompressed is null ? _stored.Read(room) : _decompressed.Read(room);
            }
            catch (Exception exception) when (exception is InvalidDataException or ZstdSharp.ZstdException or EndOfStreamException)
            {
                Damage = exception.Message;
            }

            batch.Advance(read);
            PlainRead += read;
            IsAtEnd = read == 0;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_decompressed is null)
        {
            _stored.Dispose();
        }
        else
        {
            // Its thread closes the streams, when it is done with them.
            _decompressed.Dispose();
        }
    }
}
