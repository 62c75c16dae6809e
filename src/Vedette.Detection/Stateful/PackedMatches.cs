using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vedette.Detection.Findings;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>
/// The matches of a log that wait for its end, copied into a few large pieces of memory: as objects, tens of thousands of them would be marked and moved by collection after collection. None can be taken out
/// before all are.
/// </summary>
internal sealed class PackedMatches
{
    /// <summary>Matches of which the places lie together: a list of all would be copied whenever it grows.</summary>
    private const int Together = 1 << 10;

    private readonly List<Packed[]> _matches = [];
    private readonly PackedPieces _pieces = new();

    // The rules that match together and the names of their fields, which thousands of matches share; found by the arrays themselves.
    private readonly List<(ImmutableArray<int> Rules, ImmutableArray<string> Fields)> _combinations = [];
    private readonly Dictionary<(ImmutableArray<int> Rules, ImmutableArray<string> Fields), int> _numbers = [];

    /// <summary>Number of matches.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a copy of a match of a log that has its place in order and is not late.</summary>
    public void Add(EventMatch match)
    {
        ReadOnlySpan<byte> evidence = match.Evidence.Packed;
        ReadOnlySpan<byte> values = match.Values.Packed;
        (int piece, int start) = _pieces.Take(evidence.Length + values.Length);
        evidence.CopyTo(_pieces[piece].AsSpan(start));
        values.CopyTo(_pieces[piece].AsSpan(start + evidence.Length));
        if (Count % Together == 0)
        {
            _matches.Add(new Packed[Together]);
        }

        _matches[^1][Count++ % Together] = new Packed(match, NumberOf(match.Rules, match.Values.Fields), piece, start);
    }

    /// <summary>Takes all out, in order. They keep the pieces alive that they are in: nothing else will be packed.</summary>
    public IEnumerable<EventMatch> TakeInOrder()
    {
        foreach (int place in Order())
        {
            yield return ToMatch(this[place]);
        }

        Clear();
    }

    /// <summary>Takes all out as they came, each with a block of its own.</summary>
    public IEnumerable<EventMatch> TakeAlone()
    {
        int dropped = 0;
        for (int place = 0; place < Count; place++)
        {
            Packed match = this[place];
            for (; dropped < match.Piece; dropped++)
            {
                // The pieces go one after the other.
                _pieces.Drop(dropped);
            }

            yield return ToMatch(match, _pieces[match.Piece].AsSpan(match.Start, match.Length).ToArray(), 0);
        }

        Clear();
    }

    /// <summary>The rules of a match.</summary>
    public ImmutableArray<int> RulesAt(int place) => _combinations[this[place].Combination].Rules;

    /// <summary>Time of a match.</summary>
    public DateTimeOffset At(int place) => new(this[place].At, TimeSpan.Zero);

    /// <summary>Makes a match that is in a room the one in a place.</summary>
    public void Read(int place, EventMatch into)
    {
        ref readonly Packed match = ref this[place];
        byte[] block = _pieces[match.Piece];
        (ImmutableArray<int> rules, ImmutableArray<string> fields) = _combinations[match.Combination];
        into.Become(rules, match.Time, match.Request, match.MayContinue, ValuesOf(match, fields, block, match.Start), EvidenceOf(match, block, match.Start));
        into.Place(At(place), isLate: false, match.Number);
    }

    /// <summary>The places of all, in order.</summary>
    public int[] Order()
    {
        // The time stands beside the place, so that few matches are looked at to order many.
        long[] times = new long[Count];
        int[] places = new int[Count];
        for (int place = 0; place < places.Length; place++)
        {
            (times[place], places[place]) = (this[place].At, place);
        }

        Array.Sort(times, places);
        for (int start = 0; start < times.Length;)
        {
            int end = start + 1;
            while (end < times.Length && times[end] == times[start])
            {
                end++;
            }

            if (end - start > 1)
            {
                places.AsSpan(start, end - start).Sort((x, y) => RankOf(this[x]).CompareTo(RankOf(this[y])));
            }

            start = end;
        }

        return places;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _matches.Clear();
        _pieces.Clear();
        _combinations.Clear();
        _numbers.Clear();
        Count = 0;
    }

    private ref readonly Packed this[int place] => ref _matches[place / Together][place % Together];

    private int NumberOf(ImmutableArray<int> rules, ImmutableArray<string> fields)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, (rules, fields), out bool isKnown);
        if (!isKnown)
        {
            number = _combinations.Count;
            _combinations.Add((rules, fields));
        }

        return number;
    }

    private MatchRank RankOf(in Packed match) => new(match.Time, EvidenceOf(match, _pieces[match.Piece], match.Start), match.Number);

    private EventMatch ToMatch(in Packed match) => ToMatch(match, _pieces[match.Piece], match.Start);

    private EventMatch ToMatch(in Packed match, byte[] block, int start)
    {
        (ImmutableArray<int> rules, ImmutableArray<string> fields) = _combinations[match.Combination];
        EventMatch made = new()
        {
            Rules = rules,
            Time = match.Time,
            Request = match.Request,
            MayContinue = match.MayContinue,
            Values = ValuesOf(match, fields, block, start),
            Evidence = EvidenceOf(match, block, start),
        };
        made.Place(new DateTimeOffset(match.At, TimeSpan.Zero), isLate: false, match.Number);
        return made;
    }

    private static FieldValues ValuesOf(in Packed match, ImmutableArray<string> fields, byte[] block, int start) =>
        new(fields, block, start + match.EvidenceLength, match.Length - match.EvidenceLength);

    private static Evidence EvidenceOf(in Packed match, byte[] block, int start) => new(block, start, match.EvidenceLength, match.Length);

    /// <summary>A match without an object of its own, and without references.</summary>
    private readonly struct Packed(EventMatch match, int combination, int piece, int start)
    {
        private readonly long _time = match.Time?.UtcTicks ?? -1;
        private readonly UInt128 _request = match.Request.GetValueOrDefault();
        private readonly bool _hasRequest = match.Request is not null;

        public int Combination { get; } = combination;

        public int Piece { get; } = piece;

        public int Start { get; } = start;

        public int EvidenceLength { get; } = match.Evidence.Packed.Length;

        public int Length { get; } = match.Evidence.Packed.Length + match.Values.Packed.Length;

        public long At { get; } = match.At.UtcTicks;

        public int Number { get; } = checked((int)match.Number);

        public bool MayContinue { get; } = match.MayContinue;

        public DateTimeOffset? Time => _time < 0 ? null : new DateTimeOffset(_time, TimeSpan.Zero);

        public UInt128? Request => _hasRequest ? _request : null;
    }
}
