using Vedette.Detection.Findings;

namespace Vedette.Detection.Stateful;

/// <summary>
/// Room for what matches keep of their events, for matches that are dealt with before it is used again: most matches of a log are copied at once to where they wait (<see cref="PackedMatches"/>) and cost nothing
/// else so. Who keeps such a match longer takes <see cref="EventMatch.Alone"/>. One thread at a time.
/// </summary>
public sealed class MatchRoom
{
    /// <summary>Bytes of a piece; a match that is longer has a block of its own.</summary>
    private const int PieceLength = 1 << 14;

    private const int MinParts = 16;

    private readonly List<byte[]> _pieces = [];
    private readonly List<EventMatch> _matches = [];
    private FindingPart[] _parts = [];
    private int _piece;
    private int _used;
    private int _matchCount;
    private int _partCount;

    /// <summary>Begins anew: no match that is in it may be looked at any more.</summary>
    public void Clear() => (_piece, _used, _matchCount, _partCount) = (0, 0, 0, 0);

    /// <summary>A match for another event.</summary>
    internal EventMatch Match()
    {
        if (_matchCount == _matches.Count)
        {
            _matches.Add(EventMatch.Borrowed());
        }

        return _matches[_matchCount++];
    }

    /// <summary>Copies what rules tell of an event.</summary>
    internal ReadOnlyMemory<FindingPart> Place(List<FindingPart> parts)
    {
        if (_partCount + parts.Count > _parts.Length)
        {
            // What was placed before stays where it is.
            _parts = new FindingPart[Math.Max(MinParts, 2 * (_partCount + parts.Count))];
            _partCount = 0;
        }

        int start = _partCount;
        parts.CopyTo(_parts, start);
        _partCount += parts.Count;
        return _parts.AsMemory(start, parts.Count);
    }

    /// <summary>Copies packed bytes into it.</summary>
    /// <param name="packed">The bytes.</param>
    /// <param name="start">Where they are now.</param>
    /// <returns>The block that they are in.</returns>
    internal byte[] Place(ReadOnlySpan<byte> packed, out int start)
    {
        start = 0;
        if (packed.Length > PieceLength)
        {
            return packed.ToArray();
        }

        if (_used + packed.Length > PieceLength)
        {
            (_piece, _used) = (_piece + 1, 0);
        }

        if (_piece == _pieces.Count)
        {
            _pieces.Add(new byte[PieceLength]);
        }

        start = _used;
        _used += packed.Length;
        packed.CopyTo(_pieces[_piece].AsSpan(start));
        return _pieces[_piece];
    }
}
