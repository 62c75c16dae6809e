using System.Buffers;
using Vedette.Audit.Batches;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// Says what a document is: an event, which is marked in the batch; an envelope, whose contents wait here to be read; or neither, which is rejected. Knows where a document stands by what it is told,
/// and nothing of lines.
/// </summary>
/// <param name="source">Name of the input for origins.</param>
/// <param name="rejects">Told of everything that is no event.</param>
/// <param name="decoder">Holds what the views refer to.</param>
internal sealed class DocumentReader(string source, RejectLog rejects, EventDecoder decoder) : IUnwrapped
{
    /// <summary>Deepest nesting of envelopes.</summary>
    private const int MaxEnvelopes = 6;

    private readonly Queue<PendingDocument> _pending = new();
    private EventBatch? _batch;
    private PendingDocument _current;
    private long _line;
    private int _item;

    /// <summary>True when an envelope's contents wait.</summary>
    public bool HasPending => _pending.Count > 0;

    private ReadOnlySpan<byte> Input => _batch!.Input;

    /// <summary>Takes up a batch, in which events found are marked.</summary>
    public void Begin(EventBatch batch) => _batch = batch;

    /// <summary>Comes to the next document of the input's own, around which no envelope is.</summary>
    /// <param name="line">Line on which it starts.</param>
    public void BeginOuter(long line)
    {
        _current = default;
        _line = line;
        _item = 0;
    }

    /// <summary>Comes to the next item of a list that is read where it stands: what has not been unwrapped, but could have been.</summary>
    public void BeginItem() => _current = new PendingDocument(null, 0, 0, Depth: 1);

    /// <summary>The next event of those documents that wait; false when none of them gives one any more.</summary>
    public bool TryReadPending(out EventView view)
    {
        while (_pending.TryDequeue(out _current))
        {
            if (TryRead(_current.Memory is { } memory ? memory : Input.Slice(_current.Start, _current.Length), out view))
            {
                return true;
            }
        }

        view = default;
        return false;
    }

    /// <summary>Forgets what waits.</summary>
    public void ForgetPending() => _pending.Clear();

    /// <summary>Reads a document that was inside another.</summary>
    /// <param name="document">The document, which need not be JSON.</param>
    /// <param name="view">The event, if it is one.</param>
    public bool TryRead(ReadOnlySpan<byte> document, out EventView view)
    {
        view = default;
        document = document.Trim(" \t\r\n"u8);
        DecodeStatus status = decoder.Decode(document, out EventView found);
        if (status == DecodeStatus.Ok)
        {
            return TryTake(document, found, out view);
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

    /// <summary>Reads a document that was built from one that is no JSON.</summary>
    /// <param name="json">What was built.</param>
    /// <param name="view">The event, if it is one.</param>
    public bool TryBuilt(ReadOnlySpan<byte> json, out EventView view)
    {
        view = default;
        _current = _current with { IsBuilt = true };
        if (decoder.Decode(json, out EventView found) == DecodeStatus.Ok)
        {
            return TryTake(json, found, out view);
        }

        Reject(RejectReason.NotJson, json);
        return false;
    }

    /// <summary>Takes an object that was decoded: an event, an envelope, or neither.</summary>
    /// <param name="document">The object.</param>
    /// <param name="found">What was decoded.</param>
    /// <param name="view">The event, if it is one.</param>
    public bool TryTake(ReadOnlySpan<byte> document, EventView found, out EventView view)
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

    /// <summary>Rejects what stands here.</summary>
    public void Reject(RejectReason reason, ReadOnlySpan<byte> content) => rejects.Add(reason, NextOrigin(), content);

    void IUnwrapped.Inside(JsonValue value)
    {
        // Inside the input a range is enough; inside text that was decoded the bytes are copied, since that text is let go.
        _pending.Enqueue(Input.Overlaps(value.Raw, out int start)
            ? new PendingDocument(null, start, value.Raw.Length, _current.Depth + 1)
            : new PendingDocument(value.Raw.ToArray(), 0, 0, _current.Depth + 1));
    }

    void IUnwrapped.Decoded(byte[] text, bool isMessage) => _pending.Enqueue(new PendingDocument(text, 0, 0, _current.Depth + 1) { IsMessage = isMessage });

    void IUnwrapped.Built(ReadOnlySpan<byte> json) => _pending.Enqueue(new PendingDocument(json.ToArray(), 0, 0, _current.Depth + 1) { IsBuilt = true });

    void IUnwrapped.Rejected(RejectReason reason, ReadOnlySpan<byte> content)
    {
        _current = _current with { Depth = _current.Depth + 1 };
        Reject(reason, content);
        _current = _current with { Depth = _current.Depth - 1 };
    }

    /// <summary>The event marked last, whose bytes have moved into the batch: the view must look at them there.</summary>
    private bool TryMoved(EventOrigin origin, out EventView view)
    {
        bool isRead = decoder.Decode(_batch![_batch.Count - 1], out view) == DecodeStatus.Ok;
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

    private EventOrigin NextOrigin() => new(source, _line, _current.Depth == 0 ? -1 : _item++);
}
