using Vedette.Storage.Journals;

namespace Vedette.Storage.Events;

/// <summary>The records of a journal as lines, to be read as a log is. Closes the reader.</summary>
/// <param name="reader">Gives the records.</param>
/// <param name="isWanted">Asked of each record's label.</param>
public sealed class EventLineStream(JournalReader reader, Func<ReadOnlySpan<byte>, bool> isWanted) : Stream
{
    private byte[] _line = [];
    private int _length;
    private int _at;

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override int Read(Span<byte> buffer)
    {
        int written = 0;
        while (written < buffer.Length && (_at < _length || TryNext()))
        {
            int length = Math.Min(_length - _at, buffer.Length - written);
            _line.AsSpan(_at, length).CopyTo(buffer[written..]);
            _at += length;
            written += length;
        }

        return written;
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            reader.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool TryNext()
    {
        while (reader.TryRead(out JournalRecord record))
        {
            if (isWanted(record.Label))
            {
                _length = record.Bytes.Length + 1;
                if (_line.Length < _length)
                {
                    _line = new byte[Math.Max(_length, Math.Min(Array.MaxLength, _line.Length * 2L))];
                }

                record.Bytes.CopyTo(_line);
                _line[record.Bytes.Length] = (byte)'\n';
                _at = 0;
                return true;
            }
        }

        return false;
    }
}
