using System.Buffers;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// Finds the audit events in the bytes of one input, whatever shape it has: JSON lines, concatenated, pretty-printed or array JSON, EventList, the envelopes of the cloud
/// providers, the legacy text format, one after the other or mixed. A push parser without IO: <see cref="Begin(EventBatch, bool)"/> with what has been read, then <see cref="TryRead"/> until it says no, then
/// more input. How the input is cut into pieces does not matter.
/// </summary>
/// <remarks>
/// Lines are the unit of recovery: what is broken is rejected up to the end of its line, and what stands on the next line is read as if nothing had been before it. A document may span lines when
/// its first line is the beginning of valid JSON.
/// </remarks>
public sealed class AuditLogReader
{
    /// <summary>Largest document taken, in bytes, unless the constructor is told otherwise.</summary>
    public const int DefaultMaxDocumentLength = 256 * 1024 * 1024;

    private readonly EventDecoder _decoder = new();
    private readonly InputCursor _cursor = new();
    private readonly DocumentAttempts _attempts = new();
    private readonly DocumentReader _documents;
    private readonly ListReader _list;
    private readonly int _maxDocumentLength;
    private long _severalUntil;
    private bool _tookLine;

    /// <summary>A reader of one input.</summary>
    /// <param name="source">Name of the input for origins.</param>
    /// <param name="rejects">Told of everything that is no event.</param>
    /// <param name="maxDocumentLength">Largest document taken, in bytes; a longer one is rejected and skipped to the end of its line.</param>
    public AuditLogReader(string source, RejectLog rejects, int maxDocumentLength = DefaultMaxDocumentLength)
    {
        _documents = new DocumentReader(source, rejects, _decoder);
        _list = new ListReader(_documents, _decoder);
        _maxDocumentLength = maxDocumentLength;
    }

    /// <summary>Bytes of the batch's input that are done with; the rest belongs to a document that is not complete yet.</summary>
    public int Consumed => _cursor.At;

    /// <summary>
    /// True when all that was read stands for itself: another reader gives the same for it, wherever the input is cut before it, and what follows it begins on a new line. False also where
    /// that is just not known. Asked of a reader that began at the start of a line.
    /// </summary>
    public bool StandsAlone => _tookLine && !LookedAhead && !_cursor.IsSkippingLine && _cursor.IsAtEnd;

    /// <summary>True when some line was looked at together with those that follow: <see cref="StandsAlone"/> will not be true any more.</summary>
    public bool LookedAhead { get; private set; }

    /// <summary>True when <see cref="Skip"/> may be called: all input so far is consumed, and nothing of it reaches beyond. Asked between batches, when the last one ended with a line.</summary>
    public bool CanSkip => !_cursor.IsSkippingLine && _attempts.IsBeyond(_cursor.Position);

    /// <summary>True when a half was given up: not all of it was read.</summary>
    public bool HasGivenUp => _list.HasGivenUp;

    /// <summary>Takes up a batch whose input goes on where the last one's consumed part ended.</summary>
    /// <param name="batch">The batch; events found are marked in it.</param>
    /// <param name="isFinal">True when the input ends with it.</param>
    public void Begin(EventBatch batch, bool isFinal)
    {
        _cursor.Begin(batch, isFinal);
        _documents.Begin(batch);
    }

    /// <summary>
    /// Takes up the second half of a list alone, which another reader of the same input stops at. What looks like a half and is none holds anything: the first item that is no event ends the reading
    /// (<see cref="HasGivenUp"/>), and so does a list that is broken. Whatever it is, the other finds out.
    /// </summary>
    /// <param name="batch">The batch; events found are marked in it.</param>
    /// <param name="half">The half.</param>
    public void Begin(EventBatch batch, EventListHalf half)
    {
        Begin(batch, isFinal: true);
        _cursor.PassAll();
        _list.Begin(half);
    }

    /// <summary>Says where to stop: <see cref="TryRead"/> has no more there, if an item of a list begins there. Before the list is read.</summary>
    /// <param name="half">What follows.</param>
    public void StopAt(EventListHalf half) => _list.StopAt(half);

    /// <summary>Stops nowhere any more: what follows is read here.</summary>
    public void GoOn() => _list.GoOn();

    /// <summary>Is it a half? False when this reader has not stopped where it begins, or the list ends elsewhere.</summary>
    /// <param name="half">The half.</param>
    public bool IsAt(EventListHalf half) => _list.IsAt(half);

    /// <summary>Goes on behind the second half of a list, which another reader has read.</summary>
    /// <param name="half">The half.</param>
    /// <returns>False when it is none (<see cref="IsAt"/>).</returns>
    public bool TryPass(EventListHalf half) => _list.TryPass(half);

    /// <summary>Passes over input that another reader has read and found to stand alone (<see cref="StandsAlone"/>). Between batches, when that may be done (<see cref="CanSkip"/>).</summary>
    /// <param name="length">Its length in bytes, up to and with a line end.</param>
    /// <param name="lines">The line ends in it.</param>
    public void Skip(long length, long lines)
    {
        _cursor.Skip(length, lines);
        _attempts.Succeed(_cursor.Position);
    }

    /// <summary>The next event, decoded; false when the batch has no more.</summary>
    /// <param name="view">Good until the next call.</param>
    public bool TryRead(out EventView view)
    {
        while (true)
        {
            if (_list.HasMore && _list.TryRead(_cursor.Input, out view))
            {
                return true;
            }

            if (_list.IsAtStop)
            {
                view = default;
                return false;
            }

            if (_documents.TryReadPending(out view))
            {
                return true;
            }

            if (!TryFrame(out view))
            {
                return false;
            }

            if (!view.Json.IsEmpty)
            {
                return true;
            }
        }
    }

    /// <summary>Steps over one document or line of the input.</summary>
    /// <param name="view">The event, if it is one; empty if not.</param>
    /// <returns>False when there is no complete document left.</returns>
    private bool TryFrame(out EventView view)
    {
        view = default;
        if (!_cursor.MoveToDocument())
        {
            return false;
        }

        _documents.BeginOuter(_cursor.Line);

        ReadOnlySpan<byte> rest = _cursor.Rest;
        if (_decoder.TryDecodeLine(rest, _cursor.IsFinal, FieldSet.All, out EventView plain, out int end) && end <= _maxDocumentLength)
        {
            // What nearly every line is. Whatever else it may be, the rest of this method finds out.
            _documents.TryTake(plain.Json, plain, out view);
            _cursor.Advance(plain.Json.Length);
            TookLine();
            return true;
        }

        if (_cursor.Position < _severalUntil && TryFirst(rest, out view))
        {
            return true;
        }

        if (end == rest.Length && !_cursor.IsFinal)
        {
            return TryFirst(rest, out view) || TryGiveUp(rest);
        }

        ReadOnlySpan<byte> line = rest[..end];
        if (line.Length > _maxDocumentLength)
        {
            // Several documents may stand on it, none of them too large.
            _severalUntil = _cursor.Position + line.Length;
            return TryFirst(rest, out view) || RejectLine(RejectReason.TooLarge, line, end);
        }

        line = line.TrimEnd(" \t\r"u8);
        return line[0] == '{' ? TryObjectLine(line, rest, end, out view) : TryTextLine(line, end, out view);
    }

    /// <summary>A line that begins with an object.</summary>
    /// <param name="line">The line, without white space at its end.</param>
    /// <param name="rest">The line and what follows it.</param>
    /// <param name="end">Where the line ends.</param>
    /// <param name="view">The event, if it is one.</param>
    /// <returns>False when it is not complete yet.</returns>
    private bool TryObjectLine(ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest, int end, out EventView view)
    {
        view = default;
        if (EventList.TryFindItems(line, out int itemsStart, out int itemsEnd))
        {
            _list.Begin(_cursor.At + itemsStart, _cursor.At + itemsEnd);
            _cursor.Advance(end);
            TookLine();
            return true;
        }

        switch (_decoder.Decode(line, out EventView found))
        {
            case DecodeStatus.Ok:
                _documents.TryTake(line, found, out view);
                _cursor.Advance(end);
                TookLine();
                return true;
            case DecodeStatus.Malformed:
                // Several documents on one line, or one that is followed by a comma or bracket.
                _severalUntil = _cursor.Position + line.Length;
                if (TryFirst(rest, out view))
                {
                    return true;
                }

                break;
        }

        return TryLines(line, rest, end, out view);
    }

    /// <summary>Takes one object without looking for the end of its line: lines may hold many.</summary>
    private bool TryFirst(ReadOnlySpan<byte> rest, out EventView view)
    {
        view = default;
        rest = Bounded(rest, out bool isFinal);
        JsonScanner scanner = new(rest);
        // Whether what is cut off right after the object ends a line is not known yet.
        if (rest[0] != '{' || !scanner.TryReadValue(out JsonValue first) || first.Raw.Contains((byte)'\n') || first.Raw.Length > _maxDocumentLength
            || (!isFinal && rest[scanner.Position..].IndexOfAnyExcept(" \t\r"u8) < 0) || _decoder.Decode(first.Raw, out EventView found) != DecodeStatus.Ok)
        {
            return false;
        }

        _documents.TryTake(first.Raw, found, out view);
        _cursor.Advance(scanner.Position);
        return true;
    }

    /// <summary>The line is the beginning of a document of several lines, or it is broken.</summary>
    private bool TryLines(ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest, int end, out EventView view)
    {
        view = default;
        LookedAhead = true;
        if (end < rest.Length && _attempts.MayTry(_cursor.Position))
        {
            Utf8JsonReader json = new(Bounded(rest, out bool isFinal), isFinal, new JsonReaderState(new JsonReaderOptions { MaxDepth = int.MaxValue }));
            bool complete = false;
            bool broken = false;
            try
            {
                complete = json.Read() && json.TrySkip();
            }
            catch (JsonException)
            {
                broken = true;
            }

            int length = (int)json.BytesConsumed;
            if (complete && length <= _maxDocumentLength)
            {
                ReadOnlySpan<byte> document = rest[..length];
                if (_decoder.Decode(document, out EventView found) == DecodeStatus.Ok)
                {
                    _documents.TryTake(document, found, out view);
                    _cursor.AdvanceOver(document);
                    TookLine();
                    return true;
                }
            }
            else if (!complete && !broken && !_cursor.IsFinal && rest.Length <= _maxDocumentLength)
            {
                return false;
            }

            _attempts.Fail(_cursor.Position + Math.Max(length, end));
        }

        DecodeStatus status = _decoder.Decode(line, out _);
        return RejectLine(status == DecodeStatus.Truncated ? RejectReason.Truncated : RejectReason.NotJson, line, end);
    }

    /// <summary>A line that does not begin with an object.</summary>
    private bool TryTextLine(ReadOnlySpan<byte> line, int end, out EventView view)
    {
        view = default;
        ArrayBufferWriter<byte> built = new();
        if (LegacyTextFormat.TryRead(line, built))
        {
            _documents.TryBuilt(built.WrittenSpan, out view);
            _cursor.Advance(end);
            TookLine();
            return true;
        }

        // CloudWatch's export to S3 writes a time and a blank before every message.
        int blank = line.IndexOf(" {"u8);
        if (blank is >= 19 and <= 40 && char.IsAsciiDigit((char)line[0]) && line[4] == '-')
        {
            _cursor.Advance(blank + 1);
            return true;
        }

        JsonScanner scanner = new(line);
        bool isJson = scanner.TryReadValue(out _) && line[scanner.Position..].Trim(" \t,]"u8).IsEmpty;
        return RejectLine(isJson ? RejectReason.NotAnAuditEvent : RejectReason.NotJson, line, end);
    }

    /// <summary>
    /// What is looked at in search of a document: as much as one may have and a byte, which says that it is too large. What is behind that must not matter, since it may not have been read yet.
    /// </summary>
    private ReadOnlySpan<byte> Bounded(ReadOnlySpan<byte> rest, out bool isFinal)
    {
        isFinal = _cursor.IsFinal && rest.Length <= _maxDocumentLength;
        return rest.Length <= _maxDocumentLength ? rest : rest[..(_maxDocumentLength + 1)];
    }

    /// <summary>Waits for the end of the line, unless it is too long.</summary>
    private bool TryGiveUp(ReadOnlySpan<byte> rest)
    {
        if (rest.Length > _maxDocumentLength)
        {
            _documents.Reject(RejectReason.TooLarge, rest);
            _cursor.SkipLine();
        }

        return false;
    }

    private bool RejectLine(RejectReason reason, ReadOnlySpan<byte> line, int end)
    {
        _documents.Reject(reason, line);
        _cursor.Advance(end);
        return true;
    }

    /// <summary>A line was an event or envelope of its own.</summary>
    private void TookLine()
    {
        _tookLine = true;
        _attempts.Succeed(_cursor.Position);
    }
}
