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
public sealed class AuditLogReader : IUnwrapped
{
    /// <summary>Largest document taken, in bytes, unless the constructor is told otherwise.</summary>
    public const int DefaultMaxDocumentLength = 256 * 1024 * 1024;

    /// <summary>Deepest nesting of envelopes.</summary>
    private const int MaxEnvelopes = 6;

    /// <summary>
    /// How many times in a row a line is taken for the beginning of a longer document and is not, before lines are judged alone up to where those attempts gave up: keeps hostile input
    /// from being read again and again.
    /// </summary>
    private const int MaxFailedAttempts = 8;

    private static ReadOnlySpan<byte> Separators => " \t\r,[]"u8;

    private readonly EventDecoder _decoder = new();
    private readonly Queue<Pending> _pending = new();
    private readonly string _source;
    private readonly RejectLog _rejects;
    private readonly int _maxDocumentLength;
    private EventBatch? _batch;
    private Pending _current;
    private bool _isFinal;
    private bool _skippingLine;
    private bool _started;
    private long _line = 1;
    private long _documentLine;
    private long _severalUntil;
    private long _base;
    private long _attemptsEnd;
    private int _failedAttempts;
    private int _at;
    private int _item;
    private int _listAt;
    private int _listEnd;
    private int _stopAt = -1;
    private bool _listIsBroken;
    private bool _isHalf;
    private bool _tookLine;
    private bool _triedLines;

    /// <summary>A reader of one input.</summary>
    /// <param name="source">Name of the input for origins.</param>
    /// <param name="rejects">Told of everything that is no event.</param>
    /// <param name="maxDocumentLength">Largest document taken, in bytes; a longer one is rejected and skipped to the end of its line.</param>
    public AuditLogReader(string source, RejectLog rejects, int maxDocumentLength = DefaultMaxDocumentLength)
    {
        _source = source;
        _rejects = rejects;
        _maxDocumentLength = maxDocumentLength;
    }

    /// <summary>Bytes of the batch's input that are done with; the rest belongs to a document that is not complete yet.</summary>
    public int Consumed => _at;

    /// <summary>
    /// True when all that was read stands for itself: another reader gives the same for it, wherever the input is cut before it, and what follows it begins on a new line. False also where
    /// that is just not known. Asked of a reader that began at the start of a line.
    /// </summary>
    public bool StandsAlone => _tookLine && !_triedLines && !_skippingLine && _at == Input.Length;

    /// <summary>True when some line was looked at together with those that follow: <see cref="StandsAlone"/> will not be true any more.</summary>
    public bool LookedAhead => _triedLines;

    /// <summary>True when <see cref="Skip"/> may be called: all input so far is consumed, and nothing of it reaches beyond. Asked between batches, when the last one ended with a line.</summary>
    public bool CanSkip => !_skippingLine && _base + _at >= _attemptsEnd;

    /// <summary>Takes up a batch whose input goes on where the last one's consumed part ended.</summary>
    /// <param name="batch">The batch; events found are marked in it.</param>
    /// <param name="isFinal">True when the input ends with it.</param>
    public void Begin(EventBatch batch, bool isFinal)
    {
        _base += _at;
        _batch = batch;
        _isFinal = isFinal;
        _at = 0;
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
        _started = true;
        _isHalf = true;
        _at = batch.InputLength;
        (_listAt, _listEnd) = (half.Start, half.End);
    }

    /// <summary>True when a half was given up: not all of it was read.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>Says where to stop: <see cref="TryRead"/> has no more there, if an item of a list begins there. Before the list is read.</summary>
    /// <param name="half">What follows.</param>
    public void StopAt(EventListHalf half) => _stopAt = half.Start;

    /// <summary>Stops nowhere any more: what follows is read here.</summary>
    public void GoOn() => _stopAt = -1;

    /// <summary>Is it a half? False when this reader has not stopped where it begins, or the list ends elsewhere.</summary>
    /// <param name="half">The half.</param>
    public bool IsAt(EventListHalf half) => IsAtStop && _stopAt == half.Start && _listEnd == half.End;

    /// <summary>Goes on behind the second half of a list, which another reader has read.</summary>
    /// <param name="half">The half.</param>
    /// <returns>False when it is none (<see cref="IsAt"/>).</returns>
    public bool TryPass(EventListHalf half)
    {
        bool isHalf = IsAt(half);
        _listAt = isHalf ? _listEnd : _listAt;
        return isHalf;
    }

    /// <summary>Passes over input that another reader has read and found to stand alone (<see cref="StandsAlone"/>). Between batches.</summary>
    /// <param name="length">Its length in bytes, up to and with a line end.</param>
    /// <param name="lines">The line ends in it.</param>
    public void Skip(long length, long lines)
    {
        _base += _at + length;
        _at = 0;
        _line += lines;
        _started |= length > 0;
        _failedAttempts = 0;
    }

    /// <summary>The next event, decoded; false when the batch has no more.</summary>
    /// <param name="view">Good until the next call.</param>
    public bool TryRead(out EventView view)
    {
        while (true)
        {
            if (_listAt < _listEnd && TryItem(out view))
            {
                return true;
            }

            if (IsAtStop)
            {
                view = default;
                return false;
            }

            while (_pending.TryDequeue(out _current))
            {
                if (TryDocument(_current.Memory is { } memory ? memory : Input.Slice(_current.Start, _current.Length), out view))
                {
                    return true;
                }
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

    void IUnwrapped.Inside(JsonValue value)
    {
        // Inside the input a range is enough; inside text that was decoded the bytes are copied, since that text is let go.
        _pending.Enqueue(Input.Overlaps(value.Raw, out int start)
            ? new Pending(null, start, value.Raw.Length, _current.Depth + 1)
            : new Pending(value.Raw.ToArray(), 0, 0, _current.Depth + 1));
    }

    void IUnwrapped.Decoded(byte[] text, bool isMessage) => _pending.Enqueue(new Pending(text, 0, 0, _current.Depth + 1) { IsMessage = isMessage });

    void IUnwrapped.Built(ReadOnlySpan<byte> json) => _pending.Enqueue(new Pending(json.ToArray(), 0, 0, _current.Depth + 1) { IsBuilt = true });

    void IUnwrapped.Rejected(RejectReason reason, ReadOnlySpan<byte> content)
    {
        _current = _current with { Depth = _current.Depth + 1 };
        Reject(reason, content);
        _current = _current with { Depth = _current.Depth - 1 };
    }

    private ReadOnlySpan<byte> Input => _batch!.Input;

    /// <summary>Has all before the place to stop at been read, documents inside it too, and does an item begin there?</summary>
    private bool IsAtStop => _listAt == _stopAt && _listAt < _listEnd && !_listIsBroken && _pending.Count == 0;

    /// <summary>Steps over one document or line of the input.</summary>
    /// <param name="view">The event, if it is one; empty if not.</param>
    /// <returns>False when there is no complete document left.</returns>
    private bool TryFrame(out EventView view)
    {
        view = default;
        _current = default;
        _item = 0;
        if (!SkipToDocument())
        {
            return false;
        }

        _documentLine = _line;

        ReadOnlySpan<byte> rest = Input[_at..];
        if (_decoder.TryDecodeLine(rest, _isFinal, FieldSet.All, out EventView plain, out int end) && end <= _maxDocumentLength)
        {
            // What nearly every line is. Whatever else it may be, the rest of this method finds out.
            Classify(plain.Json, plain, out view);
            _at += plain.Json.Length;
            TookLine();
            return true;
        }

        if (_base + _at < _severalUntil && TryFirst(rest, out view))
        {
            return true;
        }

        end = end < rest.Length ? end : -1;
        if (end < 0 && !_isFinal)
        {
            return TryFirst(rest, out view) || TryGiveUp(rest);
        }

        ReadOnlySpan<byte> line = end < 0 ? rest : rest[..end];
        if (line.Length > _maxDocumentLength)
        {
            // Several documents may stand on it, none of them too large.
            _severalUntil = _base + _at + line.Length;
            return TryFirst(rest, out view) || RejectLine(RejectReason.TooLarge, line, rest, end);
        }

        line = line.TrimEnd(" \t\r"u8);

        if (line[0] != '{')
        {
            return TextLine(line, rest, end, out view);
        }

        if (EventList.TryFindItems(line, out int itemsStart, out int itemsEnd))
        {
            _listAt = _at + itemsStart;
            _listEnd = _at + itemsEnd;
            Advance(rest, end);
            TookLine();
            return true;
        }

        switch (_decoder.Decode(line, out EventView found))
        {
            case DecodeStatus.Ok:
                Classify(line, found, out view);
                Advance(rest, end);
                TookLine();
                return true;
            case DecodeStatus.Malformed:
                // Several documents on one line, or one that is followed by a comma or bracket.
                _severalUntil = _base + _at + line.Length;
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

        Classify(first.Raw, found, out view);
        _at += scanner.Position;
        return true;
    }

    /// <summary>The line is the beginning of a document of several lines, or it is broken.</summary>
    private bool TryLines(ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest, int end, out EventView view)
    {
        view = default;
        _triedLines = true;
        if (end >= 0 && (_failedAttempts < MaxFailedAttempts || _base + _at >= _attemptsEnd))
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
                    Classify(document, found, out view);
                    _line += document.Count((byte)'\n');
                    _at += length;
                    TookLine();
                    return true;
                }
            }
            else if (!complete && !broken && !_isFinal && rest.Length <= _maxDocumentLength)
            {
                return false;
            }

            _failedAttempts++;
            _attemptsEnd = Math.Max(_attemptsEnd, _base + _at + Math.Max(length, end));
        }

        DecodeStatus status = _decoder.Decode(line, out _);
        return RejectLine(status == DecodeStatus.Truncated ? RejectReason.Truncated : RejectReason.NotJson, line, rest, end);
    }

    /// <summary>A line that does not begin with an object.</summary>
    private bool TextLine(ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest, int end, out EventView view)
    {
        view = default;
        ArrayBufferWriter<byte> built = new();
        if (LegacyTextFormat.TryRead(line, built))
        {
            TryBuilt(built.WrittenSpan, out view);
            Advance(rest, end);
            TookLine();
            return true;
        }

        // CloudWatch's export to S3 writes a time and a blank before every message.
        int blank = line.IndexOf(" {"u8);
        if (blank is >= 19 and <= 40 && char.IsAsciiDigit((char)line[0]) && line[4] == '-')
        {
            _at += blank + 1;
            return true;
        }

        JsonScanner scanner = new(line);
        bool isJson = scanner.TryReadValue(out _) && line[scanner.Position..].Trim(" \t,]"u8).IsEmpty;
        return RejectLine(isJson ? RejectReason.NotAnAuditEvent : RejectReason.NotJson, line, rest, end);
    }

    /// <summary>The next event of a list that is read where it stands; false when it has no more.</summary>
    private bool TryItem(out EventView view)
    {
        view = default;
        bool isEvent = false;
        while (!isEvent && _listAt < _listEnd && !IsAtStop)
        {
            ReadOnlySpan<byte> rest = Input[_listAt.._listEnd];
            _current = new Pending(null, 0, 0, Depth: 1);
            if (_listIsBroken)
            {
                _listIsBroken = false;
                _listAt = _listEnd;
                isEvent = TryDocument(rest, out view);
                break;
            }

            JsonScanner scanner = new(rest);
            int length = 0;
            if (_decoder.TryDecodeFirst(rest, out EventView item))
            {
                length = item.Json.Length;
                isEvent = Classify(item.Json, item, out view);
            }
            else if (scanner.TryReadValue(out JsonValue value))
            {
                length = scanner.Position;
                isEvent = TryDocument(value.Raw, out view);
            }

            ReadOnlySpan<byte> after = rest[length..].TrimStart(" \t\r"u8);
            bool goesOn = length > 0 && after is [(byte)',', ..];
            _listAt = _listEnd - after.Length + (goesOn ? 1 : 0);

            // What is no JSON ends the list, and so does what no comma follows: the rest is a document of its own, if it is any.
            _listIsBroken = !goesOn && !after.IsEmpty;

            if (_isHalf && (!isEvent || _listIsBroken))
            {
                HasGivenUp = true;
                _pending.Clear();
                _listAt = _listEnd;
            }
        }

        return isEvent;
    }

    /// <summary>A document that was unwrapped.</summary>
    private bool TryDocument(ReadOnlySpan<byte> document, out EventView view)
    {
        view = default;
        document = document.Trim(" \t\r\n"u8);
        DecodeStatus status = _decoder.Decode(document, out EventView found);
        if (status == DecodeStatus.Ok)
        {
            return Classify(document, found, out view);
        }

        ArrayBufferWriter<byte> restored = new();
        if (CloudWatch.TryRestore(document, restored))
        {
            return TryBuilt(restored.WrittenSpan, out view);
        }

        bool isText = document.IsEmpty || document[0] is not ((byte)'{' or (byte)'[');
        Reject(
            _current.IsMessage && isText ? RejectReason.OtherLog : status == DecodeStatus.Truncated && !isText ? RejectReason.Truncated : RejectReason.NotJson,
            document);
        return false;
    }

    private bool TryBuilt(ReadOnlySpan<byte> json, out EventView view)
    {
        view = default;
        _current = _current with { IsBuilt = true };
        if (_decoder.Decode(json, out EventView found) == DecodeStatus.Ok)
        {
            return Classify(json, found, out view);
        }

        Reject(RejectReason.NotJson, json);
        return false;
    }

    /// <summary>An object: an event, an envelope, or neither.</summary>
    private bool Classify(ReadOnlySpan<byte> document, EventView found, out EventView view)
    {
        view = default;
        if (AuditEventRecognition.IsAuditEvent(found))
        {
            if (AuditEventRecognition.IsOldVersion(found))
            {
                ArrayBufferWriter<byte> renewed = new();
                EventNormalizer.Write(found, renewed);
                return TryMoved(Mark(renewed.WrittenSpan, isDerived: true), out view);
            }

            EventOrigin origin = Mark(document, _current.IsBuilt);
            if (!Input.Overlaps(document))
            {
                return TryMoved(origin, out view);
            }

            view = found.At(origin);
            return true;
        }

        if (_current.Depth < MaxEnvelopes && new JsonScanner(document).TryReadValue(out JsonValue root) && Envelope.TryUnwrap(root, this))
        {
            return false;
        }

        Reject(_current.IsMessage ? RejectReason.OtherLog : RejectReason.NotAnAuditEvent, document);
        return false;
    }

    /// <summary>The event marked last, whose bytes have moved into the batch: the view must look at them there.</summary>
    private bool TryMoved(EventOrigin origin, out EventView view)
    {
        bool isRead = _decoder.Decode(_batch![_batch.Count - 1], out view) == DecodeStatus.Ok;
        view = view.At(origin);
        return isRead;
    }

    private EventOrigin Mark(ReadOnlySpan<byte> json, bool isDerived)
    {
        EventOrigin origin = NextOrigin();
        if (!isDerived && Input.Overlaps(json, out int start))
        {
            _batch!.AddFromInput(start, json.Length, origin);
        }
        else
        {
            _batch!.Add(json, origin, isDerived);
        }

        return origin;
    }

    /// <summary>Skips white space, separators of top-level arrays, a byte order mark, and the rest of a line that was given up.</summary>
    private bool SkipToDocument()
    {
        ReadOnlySpan<byte> input = Input;
        if (!_started)
        {
            if (input.Length < 3 && !_isFinal)
            {
                return false;
            }

            _started = true;
            _at = input.StartsWith("\uFEFF"u8) ? 3 : 0;
        }

        while (_at < input.Length)
        {
            if (_skippingLine)
            {
                int end = input[_at..].IndexOf((byte)'\n');
                _at = end < 0 ? input.Length : _at + end;
                _skippingLine = end < 0;
            }
            else if (input[_at] == '\n')
            {
                _line++;
                _at++;
            }
            else if (Separators.Contains(input[_at]))
            {
                _at++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// What is looked at in search of a document: as much as one may have and a byte, which says that it is too large. What is behind that must not matter, since it may not have been read yet.
    /// </summary>
    private ReadOnlySpan<byte> Bounded(ReadOnlySpan<byte> rest, out bool isFinal)
    {
        isFinal = _isFinal && rest.Length <= _maxDocumentLength;
        return rest.Length <= _maxDocumentLength ? rest : rest[..(_maxDocumentLength + 1)];
    }

    /// <summary>Waits for the end of the line, unless it is too long.</summary>
    private bool TryGiveUp(ReadOnlySpan<byte> rest)
    {
        if (rest.Length <= _maxDocumentLength)
        {
            return false;
        }

        Reject(RejectReason.TooLarge, rest);
        _at += rest.Length;
        _skippingLine = true;
        return false;
    }

    private bool RejectLine(RejectReason reason, ReadOnlySpan<byte> line, ReadOnlySpan<byte> rest, int end)
    {
        _current = default;
        Reject(reason, line);
        Advance(rest, end);
        return true;
    }

    /// <summary>A line was an event or envelope of its own. Attempts on longer documents are forgotten, unless they were about this line too.</summary>
    private void TookLine()
    {
        _tookLine = true;
        if (_base + _at >= _attemptsEnd)
        {
            _failedAttempts = 0;
        }
    }

    private void Advance(ReadOnlySpan<byte> rest, int end) => _at += end < 0 ? rest.Length : end;

    private EventOrigin NextOrigin() => new(_source, _documentLine, _current.Depth == 0 ? -1 : _item++);

    private void Reject(RejectReason reason, ReadOnlySpan<byte> content) => _rejects.Add(reason, NextOrigin(), content);

    /// <summary>A document that waits to be read.</summary>
    /// <param name="Memory">Its bytes, or null when it stands in the input.</param>
    /// <param name="Start">First byte in the input.</param>
    /// <param name="Length">Length in the input.</param>
    /// <param name="Depth">How many envelopes are around it.</param>
    private readonly record struct Pending(byte[]? Memory, int Start, int Length, int Depth)
    {
        /// <summary>A line of a log that may be about anything.</summary>
        public bool IsMessage { get; init; }

        /// <summary>Built by us from a provider's record.</summary>
        public bool IsBuilt { get; init; }
    }
}
