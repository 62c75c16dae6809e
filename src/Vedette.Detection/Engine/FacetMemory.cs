using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Vedette.Detection.Engine;

/// <summary>
/// Remembers for each combination of a facet's values a row of bits: which rules it does not exclude, and the answers to the facet's predicates. Bounded: places are few, and values compete for them. A value gets a place that
/// nothing has yet at once; another value's when it comes a second time and that one has not been seen for a while, so that values that come once (made up by a client, say) neither cost work nor drive out the
/// others. Where most values come once, each is learnt when it comes a second time. One per thread.
/// </summary>
internal sealed class FacetMemory
{
    /// <summary>Most combinations of values.</summary>
    public const int MaxValues = 4096;

    /// <summary>Most memory for rows, in bytes: when there are more, or more than <see cref="MaxRows"/>, all is forgotten.</summary>
    public const int MaxRowBytes = 8 * 1024 * 1024;

    /// <summary>Most rows: who makes up values with ever new ones must not make it long to look for one.</summary>
    public const int MaxRows = 2048;

    // Places in which one value may lie.
    private const int Ways = 4;

    // Working out a row costs far more than finding one: at most one for so many events, with a stock for the start.
    private const int EventsPerRow = 8;

    // A look-up should touch little memory, for events go through the caches between two of them. The places in which a value may lie are two lines of the cache: a word of each value, by which it is found; of each
    // where its row is, below how often it was asked for ahead of being passed over; and of each the other two words. Values have few different rows, each of which is there once; nothing is at 0.
    private const int LineWords = 8;
    private const int PlaceWords = 2 * LineWords / Ways;
    private const int Uses = Ways;
    private const int Others = 2 * Ways;
    private const ulong OneUse = 1UL << 32;
    private const ulong AllUses = 15 * OneUse;

    // Large objects hardly ever move. It is none of the pinned ones: their share is used up by the memory that batches are cut from, and the next one that is made has everything collected.
    private readonly ulong[] _places = new ulong[(MaxValues * PlaceWords) + LineWords];
    private readonly ulong[] _awaited = new ulong[MaxValues];
    private readonly int _start;
    private readonly bool _learnsAtOnce;
    private readonly int _words;
    private readonly int _ruleWords;
    private readonly int _maxEnd;
    private ulong[] _rows = [];
    private int _end;
    private int _credit = MaxValues * EventsPerRow;
    private int _turn;

    /// <summary>A memory for rows of so many words.</summary>
    /// <param name="ruleWords">Words of a row about rules.</param>
    /// <param name="answerWords">Words behind them, from which the ones about rules follow.</param>
    /// <param name="learnsAtOnce">False to learn no value before it comes a second time, even where there is a place for it.</param>
    public FacetMemory(int ruleWords, int answerWords, bool learnsAtOnce = true)
    {
        _learnsAtOnce = learnsAtOnce;
        int words = ruleWords + answerWords;
        (_words, _ruleWords) = (words, ruleWords);
        _end = words;
        _maxEnd = Math.Max(Math.Min(MaxRowBytes / sizeof(ulong), MaxRows * words), 2 * words);
        // Lines of the cache begin at multiples of their length.
        _start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_places, 0) / sizeof(ulong)) & (LineWords - 1);
    }

    /// <summary>Where the row of a value is, or 0.</summary>
    /// <param name="value">The value.</param>
    /// <param name="toLearn">Where <see cref="Learn"/> may put it; -1 when it should not.</param>
    public int Find(KeyedHash value, out int toLearn)
    {
        _credit = Math.Min(_credit + 1, MaxValues * EventsPerRow);
        (ulong tag, Vector128<ulong> others) = PartsOf(value);
        int first = FirstPlace(tag);
        Span<ulong> places = _places.AsSpan(_start + (first * PlaceWords), Ways * PlaceWords);
        uint same = Vector256.Equals(Vector256.Create((ReadOnlySpan<ulong>)places), Vector256.Create(tag)).ExtractMostSignificantBits();
        if (same != 0)
        {
            int way = BitOperations.TrailingZeroCount(same);
            if (Vector128.Create((ReadOnlySpan<ulong>)places[(Others + (2 * way))..]) == others)
            {
                ref ulong use = ref places[Uses + way];
                use += use >= AllUses ? 0 : OneUse;
                toLearn = -1;
                return (int)use;
            }
        }

        toLearn = Await(tag, first);
        return 0;
    }

    /// <summary>The words of a row.</summary>
    /// <param name="row">Where it is.</param>
    public ReadOnlySpan<ulong> this[int row] => _rows.AsSpan(row, _words);

    /// <summary>Is a bit of a row set?</summary>
    public bool Contains(int row, int bit) => (_rows[row + (bit >> 6)] >> bit & 1) != 0;

    /// <summary>Gives a value a place, if there is a row of its answers.</summary>
    /// <param name="value">The value.</param>
    /// <param name="place">As <see cref="Find"/> said.</param>
    /// <param name="answers">The words of its row about answers.</param>
    /// <param name="row">Where its row is.</param>
    /// <returns>False when there is none: it must be worked out, and learnt.</returns>
    public bool TryLearn(KeyedHash value, int place, ReadOnlySpan<ulong> answers, out int row)
    {
        for (row = _words; row < _end; row += _words)
        {
            if (_rows.AsSpan(row + _ruleWords, answers.Length).SequenceEqual(answers))
            {
                Place(value, place, row);
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives a value a place, and a row that is not there yet (<see cref="TryLearn"/>).</summary>
    /// <param name="value">The value.</param>
    /// <param name="place">As <see cref="Find"/> said.</param>
    /// <param name="words">The words of its row.</param>
    /// <returns>Where its row is.</returns>
    public int Learn(KeyedHash value, int place, ReadOnlySpan<ulong> words)
    {
        if (_end + _words > _maxEnd)
        {
            Array.Clear(_places);
            _end = _words;
        }

        int row = _end;
        _end += _words;
        if (_end > _rows.Length)
        {
            Array.Resize(ref _rows, Math.Min(2 * _end, _maxEnd));
        }

        words.CopyTo(_rows.AsSpan(row));
        Place(value, place, row);
        return row;
    }

    private void Place(KeyedHash value, int place, int row)
    {
        (ulong tag, Vector128<ulong> others) = PartsOf(value);
        int way = place & (Ways - 1);
        Span<ulong> places = _places.AsSpan(_start + ((place - way) * PlaceWords), Ways * PlaceWords);
        places[way] = tag;
        places[Uses + way] = OneUse | (uint)row;
        others.CopyTo(places[(Others + (2 * way))..]);
    }

    /// <summary>The word by which a value is found, and the other two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Tag, Vector128<ulong> Others) PartsOf(KeyedHash value) => (value.Words.GetUpper().ToScalar(), value.Words.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstPlace(ulong tag) => (int)(tag * 0x9e3779b97f4a7c15 >> 32) & (MaxValues - Ways);

    private ref ulong UseOf(int place) => ref _places[_start + ((place & -Ways) * PlaceWords) + Uses + (place & (Ways - 1))];

    /// <summary>The place that a value gets when there is one that nothing has, or it was awaited, and it may be learnt now, else -1: it is noted then that it came.</summary>
    private int Await(ulong tag, int first)
    {
        int least = first;
        int awaited = -1;
        for (int place = first; place < first + Ways; place++)
        {
            // Where nothing has ever been no other value is driven out.
            awaited = _learnsAtOnce && UseOf(place) == 0 ? place : awaited;
            least = UseOf(place) / OneUse < UseOf(least) / OneUse ? place : least;
            awaited = !IsInUse(place) && _awaited[place] == tag ? place : awaited;
        }

        if (awaited >= 0)
        {
            bool isAffordable = _credit >= EventsPerRow;
            _credit -= isAffordable ? EventsPerRow : 0;
            return isAffordable ? awaited : -1;
        }

        // At one of its places that is free to be taken: in turn, so that two values that come by turns do not always overwrite each other's note.
        int turn = first + (_turn++ & (Ways - 1));
        int free = IsInUse(turn) ? least : turn;
        if (IsInUse(free))
        {
            UseOf(free) -= OneUse;
        }
        else
        {
            _awaited[free] = tag;
        }

        return -1;
    }

    private bool IsInUse(int place) => UseOf(place) >= OneUse;
}
