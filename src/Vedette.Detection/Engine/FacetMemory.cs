using System.Diagnostics.CodeAnalysis;
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

    // Combinations for which there are places at first, most of which never get one: memory that is touched for the first time costs more than to grow. A power of two, as is each larger number.
    private const int MinValues = 256;

    // How many times as many there are each time.
    private const int Growth = 4;

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

    // Large objects hardly ever move, and small ones are soon in the caches. It is none of the pinned ones: their share is used up by the memory that batches are cut from, and the next one that is made has everything
    // collected.
    private ulong[] _places;
    private ulong[] _awaited;
    private int _values;
    private int _start;
    private readonly bool _learnsAtOnce;
    private readonly SharedRows? _shared;
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
    /// <param name="shared">What all threads have worked out; null where there is one.</param>
    public FacetMemory(int ruleWords, int answerWords, bool learnsAtOnce = true, SharedRows? shared = null)
    {
        _learnsAtOnce = learnsAtOnce;
        int words = ruleWords + answerWords;
        (_words, _ruleWords, _shared) = (words, ruleWords, shared);
        _end = words;
        _maxEnd = Math.Max(Math.Min(MaxRowBytes / sizeof(ulong), MaxRows * words), 2 * words);
        // A value that is learnt late must not be forgotten before it comes again, for lack of places to note it.
        MakePlaces(learnsAtOnce ? MinValues : MaxValues);
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
        return toLearn >= 0 && _shared is { } shared ? Copy(shared, value, ref toLearn) : 0;
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
                _shared?.Add(value.Words, this[row]);
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
        int row = Append(words);
        Place(value, place, row);
        _shared?.Add(value.Words, words);
        return row;
    }

    /// <summary>Takes over what another thread has worked out for a value.</summary>
    /// <returns>Where its row is; 0 when none has.</returns>
    private int Copy(SharedRows shared, KeyedHash value, ref int place)
    {
        ReadOnlySpan<ulong> words = shared.Find(value.Words);
        if (words.IsEmpty)
        {
            return 0;
        }

        int row = _words;
        while (row < _end && !this[row].SequenceEqual(words))
        {
            row += _words;
        }

        row = row < _end ? row : Append(words);
        Place(value, place, row);
        place = -1;
        return row;
    }

    private int Append(ReadOnlySpan<ulong> words)
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
        return row;
    }

    private void Place(KeyedHash value, int place, int row)
    {
        (ulong tag, Vector128<ulong> others) = PartsOf(value);
        Place(place, tag, OneUse | (uint)row, others);
    }

    private void Place(int place, ulong tag, ulong use, Vector128<ulong> others)
    {
        int way = place & (Ways - 1);
        Span<ulong> places = _places.AsSpan(_start + ((place - way) * PlaceWords), Ways * PlaceWords);
        places[way] = tag;
        places[Uses + way] = use;
        others.CopyTo(places[(Others + (2 * way))..]);
    }

    /// <summary>The word by which a value is found, and the other two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (ulong Tag, Vector128<ulong> Others) PartsOf(KeyedHash value) => (value.Words.GetUpper().ToScalar(), value.Words.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FirstPlace(ulong tag) => (int)(tag * 0x9e3779b97f4a7c15 >> 32) & (_values - Ways);

    [MemberNotNull(nameof(_places), nameof(_awaited))]
    private void MakePlaces(int values)
    {
        _places = new ulong[(values * PlaceWords) + LineWords];
        _awaited = new ulong[values];
        _values = values;
        // Lines of the cache begin at multiples of their length.
        _start = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(_places, 0) / sizeof(ulong)) & (LineWords - 1);
    }

    /// <summary>Makes more places. Values that lay together have room where they lie now: the same bits say where, and some more, so that no others come there.</summary>
    private void Grow()
    {
        ReadOnlySpan<ulong> old = _places.AsSpan(_start, _values * PlaceWords);
        MakePlaces(Growth * _values);
        for (; !old.IsEmpty; old = old[(Ways * PlaceWords)..])
        {
            for (int way = 0; way < Ways; way++)
            {
                if (old[Uses + way] == 0)
                {
                    continue;
                }

                int place = FirstPlace(old[way]);
                while (UseOf(place) != 0)
                {
                    place++;
                }

                Place(place, old[way], old[Uses + way], Vector128.Create(old[(Others + (2 * way))..]));
            }
        }
    }

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

        if (_values < MaxValues)
        {
            Grow();
            return Await(tag, FirstPlace(tag));
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
