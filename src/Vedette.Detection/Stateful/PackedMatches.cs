using System.Collections.Immutable;
using Vedette.Detection.Findings;

namespace Vedette.Detection.Stateful;

/// <summary>
/// The matches of a log that wait for its end, copied into a few large pieces of memory: as objects, tens of thousands of them would be marked and moved by collection after collection. None can be taken out
/// before all are.
/// </summary>
internal sealed class PackedMatches
{
    /// <summary>Bytes of the first piece: most logs are small.</summary>
    private const int MinPiece = 1 << 14;

    /// <summary>Bytes of a piece; until then each is as long as all before it together.</summary>
    private const int MaxPiece = 1 << 21;

    /// <summary>Matches of which the places lie together: a list of all would be copied whenever it grows.</summary>
    private const int Together = 1 << 10;

    private readonly List<Packed[]> _matches = [];
    private byte[] _piece = [];
    private int _used;

    /// <summary>Number of matches.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a copy of a match of a log that has its place in order and is not late.</summary>
    public void Add(EventMatch match)
    {
        ReadOnlySpan<byte> evidence = match.Evidence.Packed;
        ReadOnlySpan<byte> values = match.Values.Packed;
        int start = MakeRoom(evidence.Length + values.Length);
        evidence.CopyTo(_piece.AsSpan(start));
        values.CopyTo(_piece.AsSpan(start + evidence.Length));
        if (Count % Together == 0)
        {
            _matches.Add(new Packed[Together]);
        }

        _matches[^1][Count++ % Together] = new Packed(match, _piece, start);
    }

    /// <summary>Takes all out, in order. They keep the pieces alive that they are in: nothing else will be packed.</summary>
    public IEnumerable<EventMatch> TakeInOrder()
    {
        // The time stands beside the place, so that few matches are looked at to order many.
        (long At, int Place)[] order = new (long, int)[Count];
        for (int place = 0; place < order.Length; place++)
        {
            order[place] = (this[place].At, place);
        }

        Array.Sort(order, (x, y) => x.At != y.At ? x.At.CompareTo(y.At) : this[x.Place].Rank.CompareTo(this[y.Place].Rank));
        foreach ((_, int place) in order)
        {
            yield return this[place].ToMatch();
        }

        Clear();
    }

    /// <summary>Takes all out as they came, each with a block of its own.</summary>
    public IEnumerable<EventMatch> TakeAlone()
    {
        _piece = [];
        for (int place = 0; place < Count; place++)
        {
            yield return this[place].ToMatchAlone();
            if (place % Together == Together - 1)
            {
                // So that the pieces can go one after the other.
                _matches[place / Together] = [];
            }
        }

        Clear();
    }

    private void Clear()
    {
        _matches.Clear();
        (Count, _piece, _used) = (0, [], 0);
    }

    private ref readonly Packed this[int place] => ref _matches[place / Together][place % Together];

    private int MakeRoom(int length)
    {
        if (_piece.Length - _used < length)
        {
            _piece = GC.AllocateUninitializedArray<byte>(Math.Max(length, Math.Clamp(2 * _piece.Length, MinPiece, MaxPiece)));
            _used = 0;
        }

        int start = _used;
        _used += length;
        return start;
    }

    /// <summary>A match without an object of its own.</summary>
    private readonly struct Packed(EventMatch match, byte[] piece, int start)
    {
        private readonly ImmutableArray<int> _rules = match.Rules;
        private readonly ImmutableArray<string> _fields = match.Values.Fields;
        private readonly byte[] _piece = piece;
        private readonly int _start = start;
        private readonly int _evidence = match.Evidence.Packed.Length;
        private readonly int _values = match.Values.Packed.Length;
        private readonly long _time = match.Time?.UtcTicks ?? -1;
        private readonly int _number = checked((int)match.Number);
        private readonly UInt128 _request = match.Request.GetValueOrDefault();
        private readonly bool _hasRequest = match.Request is not null;
        private readonly bool _mayContinue = match.MayContinue;

        public long At { get; } = match.At.UtcTicks;

        public MatchRank Rank => new(Time, Evidence(_piece, _start), _number);

        private DateTimeOffset? Time => _time < 0 ? null : new DateTimeOffset(_time, TimeSpan.Zero);

        public EventMatch ToMatch() => ToMatch(_piece, _start);

        public EventMatch ToMatchAlone() => ToMatch(_piece.AsSpan(_start, _evidence + _values).ToArray(), 0);

        private EventMatch ToMatch(byte[] block, int start)
        {
            EventMatch made = new()
            {
                Rules = _rules,
                Time = Time,
                Request = _hasRequest ? _request : null,
                MayContinue = _mayContinue,
                Values = new FieldValues(_fields, block, start + _evidence, _values),
                Evidence = Evidence(block, start),
            };
            made.Place(new DateTimeOffset(At, TimeSpan.Zero), isLate: false, _number);
            return made;
        }

        private Evidence Evidence(byte[] block, int start) => new(block, start, _evidence, _evidence + _values);
    }
}
