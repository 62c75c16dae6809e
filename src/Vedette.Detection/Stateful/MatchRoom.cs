namespace Vedette.Detection.Stateful;

/// <summary>
/// Room for what matches keep of their events, for matches that are dealt with before it is used again: most matches of a log are copied at once to where they wait (<see cref="PackedMatches"/>) and cost nothing
/// else so. Who keeps such a match longer takes <see cref="EventMatch.Alone"/>. One thread at a time.
/// </summary>
public sealed class MatchRoom
{
    /// <summary>Bytes of a piece; a match that is longer has a block of its own.</summary>
    private const int PieceLength = 1 << 14;

    private readonly List<byte[]> _pieces = [];
    private int _piece;
    private int _used;

    /// <summary>Begins anew: no match that is in it may be looked at any more.</summary>
    public void Clear() => (_piece, _used) = (0, 0);

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
