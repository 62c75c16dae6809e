using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>Reads the items of an <see cref="EventList"/> where it stands in the input, up to its end or to where another reader begins (<see cref="EventListHalf"/>).</summary>
/// <param name="documents">Takes the items.</param>
/// <param name="decoder">Decodes them.</param>
internal sealed class ListReader(DocumentReader documents, EventDecoder decoder)
{
    private int _at;
    private int _end;
    private int _stopAt = -1;
    private bool _isBroken;
    private bool _isHalf;

    /// <summary>True when a half was given up: not all of it was read.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>True when not all of the list was read.</summary>
    public bool HasMore => _at < _end;

    /// <summary>Has all before the place to stop at been read, documents inside it too, and does an item begin there?</summary>
    public bool IsAtStop => _at == _stopAt && HasMore && !_isBroken && !documents.HasPending;

    /// <summary>Takes up a list.</summary>
    /// <param name="start">The first byte after the opening bracket of the items.</param>
    /// <param name="end">Their closing bracket.</param>
    public void Begin(int start, int end) => (_at, _end) = (start, end);

    /// <summary>Takes up the second half of a list alone, which is given up at the first item that is no event.</summary>
    public void Begin(EventListHalf half)
    {
        _isHalf = true;
        Begin(half.Start, half.End);
    }

    /// <summary>Says where to stop.</summary>
    public void StopAt(EventListHalf half) => _stopAt = half.Start;

    /// <summary>Stops nowhere any more.</summary>
    public void GoOn() => _stopAt = -1;

    /// <summary>Has it stopped where this half begins, and does the list end where the half does?</summary>
    public bool IsAt(EventListHalf half) => IsAtStop && _stopAt == half.Start && _end == half.End;

    /// <summary>Goes to the end of the list, whose second half another reader has read.</summary>
    /// <param name="half">The half.</param>
    /// <returns>False when it is none (<see cref="IsAt"/>).</returns>
    public bool TryPass(EventListHalf half)
    {
        bool isHalf = IsAt(half);
        _at = isHalf ? _end : _at;
        return isHalf;
    }

    /// <summary>The next event of the list; false when it has no more, or none before the place to stop at.</summary>
    /// <param name="input">The input in which the list stands.</param>
    /// <param name="view">Good until the next call.</param>
    public bool TryRead(ReadOnlySpan<byte> input, out EventView view)
    {
        view = default;
        bool isEvent = false;
        while (!isEvent && HasMore && !IsAtStop)
        {
            ReadOnlySpan<byte> rest = input[_at.._end];
            documents.BeginItem();
            if (_isBroken)
            {
                _isBroken = false;
                _at = _end;
                isEvent = documents.TryRead(rest, out view);
                break;
            }

            int length = TakeItem(rest, out isEvent, out view);
            ReadOnlySpan<byte> after = rest[length..].TrimStart(" \t\r"u8);
            bool goesOn = length > 0 && after is [(byte)',', ..];
            _at = _end - after.Length + (goesOn ? 1 : 0);

            // What is no JSON ends the list, and so does what no comma follows: the rest is a document of its own, if it is any.
            _isBroken = !goesOn && !after.IsEmpty;

            if (_isHalf && (!isEvent || _isBroken))
            {
                GiveUp();
            }
        }

        return isEvent;
    }

    /// <summary>Takes the item that stands first.</summary>
    /// <param name="rest">What is left of the list.</param>
    /// <param name="isEvent">Is it an event?</param>
    /// <param name="view">The event.</param>
    /// <returns>Its length; 0 when it is no JSON.</returns>
    private int TakeItem(ReadOnlySpan<byte> rest, out bool isEvent, out EventView view)
    {
        if (decoder.TryDecodeFirst(rest, out EventView item))
        {
            isEvent = documents.TryTake(item.Json, item, out view);
            return item.Json.Length;
        }

        JsonScanner scanner = new(rest);
        if (scanner.TryReadValue(out JsonValue value))
        {
            isEvent = documents.TryRead(value.Raw, out view);
            return scanner.Position;
        }

        isEvent = false;
        view = default;
        return 0;
    }

    private void GiveUp()
    {
        HasGivenUp = true;
        documents.ForgetPending();
        _at = _end;
    }
}
