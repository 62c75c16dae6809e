namespace Vedette.Detection.Packing;

/// <summary>
/// A few large pieces of memory for packed bytes that stay: as objects of their own, tens of thousands of them would be marked and moved by collection after collection. Pieces have numbers, so that what refers to
/// them need not be looked at by a collection either.
/// </summary>
internal sealed class PackedPieces
{
    /// <summary>Bytes of the first piece: most logs are small.</summary>
    private const int MinPiece = 1 << 14;

    /// <summary>Bytes of a piece; until then each is as long as all before it together.</summary>
    private const int MaxPiece = 1 << 21;

    private readonly List<byte[]> _pieces = [];
    private int _used;

    /// <summary>Bytes of all pieces that were made.</summary>
    public long Length { get; private set; }

    /// <summary>A piece by its number.</summary>
    public byte[] this[int piece] => _pieces[piece];

    /// <summary>Makes room for packed bytes.</summary>
    /// <param name="length">How many.</param>
    /// <returns>The number of the piece that they are in, and where they begin in it.</returns>
    public (int Piece, int Start) Take(int length)
    {
        if (_pieces.Count == 0 || _pieces[^1].Length - _used < length)
        {
            int next = _pieces.Count == 0 ? MinPiece : Math.Clamp(2 * _pieces[^1].Length, MinPiece, MaxPiece);
            _pieces.Add(GC.AllocateUninitializedArray<byte>(Math.Max(length, next)));
            Length += _pieces[^1].Length;
            _used = 0;
        }

        int start = _used;
        _used += length;
        return (_pieces.Count - 1, start);
    }

    /// <summary>Copies packed bytes into a piece.</summary>
    /// <returns>The number of the piece that they are in, and where they begin in it.</returns>
    public (int Piece, int Start) Add(ReadOnlySpan<byte> packed)
    {
        (int piece, int start) = Take(packed.Length);
        packed.CopyTo(_pieces[piece].AsSpan(start));
        return (piece, start);
    }

    /// <summary>Lets a piece go, of which nothing is needed any more.</summary>
    public void Drop(int piece) => _pieces[piece] = [];

    /// <summary>Lets all pieces go.</summary>
    public void Clear()
    {
        _pieces.Clear();
        Length = 0;
        _used = 0;
    }
}
