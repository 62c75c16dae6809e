using System.Runtime.Intrinsics;
using Vedette.Detection.Engine;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.FirstSeen;

/// <summary>
/// The terms (<see cref="Rules.NewTerms"/>) that one thread has met, so that a match which brings nothing new need not be taken out of its batch: most of a log repeats itself. A match is a repeat when
/// another one with the same values came at most half a window before it in event time: whatever the order in which all of them are evaluated in the end, it cannot be the first. Bounded: when there are
/// too many, all are forgotten and met anew.
/// </summary>
internal sealed class KnownTerms
{
    /// <summary>Most terms.</summary>
    public const int MaxTerms = 16_384;

    /// <summary>Bytes of a term beside the match that repeats are repeats of.</summary>
    private const int Overhead = 300;

    /// <summary>Terms that lie together: a list of all would be copied whenever it grows.</summary>
    private const int Together = 64;

    /// <summary>Least places in the table, of which at most half are taken; a power of two.</summary>
    private const int MinPlaces = 128;

    private readonly List<Term[]> _terms = [];
    private readonly KeyedHash _hash = new();
    private readonly MemoryAccount? _account;

    // By their hash the numbers of terms, from 1 on; 0 is a free place.
    private int[] _table = new int[MinPlaces];
    private int _count;
    private int _generation;

    /// <summary>Terms of which none was met.</summary>
    /// <param name="share">Bytes for them; null when only their number counts.</param>
    public KnownTerms(MemoryShare? share) => _account = share?.Open(TryForget);

    /// <summary>Notes a match.</summary>
    /// <param name="key">Rule and values.</param>
    /// <param name="at">When it happened, in ticks.</param>
    /// <param name="window">How long the rule remembers, in ticks.</param>
    /// <param name="place">Where the term is; when this is no repeat, the match belongs there.</param>
    /// <returns>True for a repeat.</returns>
    public bool IsRepeat(ReadOnlySpan<byte> key, long at, long window, out TermPlace place)
    {
        _hash.Read(key);
        Vector256<ulong> words = _hash.Words;
        int[] table = _table;
        int free = PlaceOf(words, table);
        for (; table[free] is var number && number > 0; free = (free + 1) & (table.Length - 1))
        {
            ref Term known = ref At(number - 1);
            if (known.Words != words)
            {
                continue;
            }

            place = new TermPlace(number - 1, _generation);
            if (at > known.Oldest && at - known.Newest <= window / 2)
            {
                known.Newest = Math.Max(at, known.Newest);
                return true;
            }

            bool isJustBefore = at <= known.Oldest && known.Oldest - at <= window / 2;
            known.Oldest = at;
            known.Newest = isJustBefore ? known.Newest : at;
            return false;
        }

        place = Add(words, at, free);
        return false;
    }

    /// <summary>Of what the term that <see cref="IsRepeat"/> just gave has repeats; null while that is not known.</summary>
    /// <param name="place">The term.</param>
    /// <param name="noted">What was last given to <see cref="NoteRepeats"/>.</param>
    public RepeatedTerm? RepeatedAt(TermPlace place, out int noted)
    {
        ref Term term = ref At(place.Number);
        noted = term.RepeatPlace;
        return term.Repeated;
    }

    /// <summary>Notes for a term where its last repeats are among those that nobody has taken yet; something else stands there once they were taken.</summary>
    public void NoteRepeats(TermPlace place, int noted) => At(place.Number).RepeatPlace = noted;

    /// <summary>Notes of what repeats of a term are repeats.</summary>
    /// <param name="place">The term, as <see cref="IsRepeat"/> gave it.</param>
    /// <param name="repeated">What repeats are repeats of from now on.</param>
    public void Note(TermPlace place, RepeatedTerm repeated)
    {
        if (place.Generation != _generation)
        {
            // Forgotten meanwhile.
            return;
        }

        ref Term term = ref At(place.Number);
        _account?.Add(repeated.Match.Size - (term.Repeated?.Match.Size ?? 0));
        term.Repeated = repeated;
        _account?.MakeRoom();
    }

    /// <summary>Forgets all terms.</summary>
    public void Forget() => TryForget();

    private TermPlace Add(Vector256<ulong> words, long at, int free)
    {
        if (_count == MaxTerms)
        {
            TryForget();
            free = PlaceOf(words, _table);
        }
        else if (2 * (_count + 1) > _table.Length)
        {
            free = Grow(words);
        }

        if (_count == _terms.Count * Together)
        {
            _terms.Add(new Term[Together]);
        }

        At(_count) = new Term { Words = words, Oldest = at, Newest = at };
        _table[free] = ++_count;
        _account?.Add(Overhead);
        return new TermPlace(_count - 1, _generation);
    }

    /// <summary>Makes the table larger.</summary>
    /// <returns>A free place for a term.</returns>
    private int Grow(Vector256<ulong> words)
    {
        int[] table = new int[2 * _table.Length];
        for (int number = 1; number <= _count; number++)
        {
            table[Free(At(number - 1).Words, table)] = number;
        }

        _table = table;
        return Free(words, table);
    }

    private static int Free(Vector256<ulong> words, int[] table)
    {
        int place = PlaceOf(words, table);
        while (table[place] > 0)
        {
            place = (place + 1) & (table.Length - 1);
        }

        return place;
    }

    private bool TryForget()
    {
        bool any = _count > 0;
        _terms.Clear();
        _table = new int[MinPlaces];
        _count = 0;
        _generation++;
        _account?.Add(-_account.Bytes);
        return any;
    }

    private static int PlaceOf(Vector256<ulong> words, int[] table) => (int)(words[0] >> 16) & (table.Length - 1);

    private ref Term At(int number) => ref _terms[number / Together][number % Together];

    /// <summary>A term that was met without a gap of more than half a window between two times.</summary>
    private struct Term
    {
        /// <summary>The hash of rule and values.</summary>
        public Vector256<ulong> Words;

        /// <summary>The first time, in ticks.</summary>
        public long Oldest;

        /// <summary>The last time, in ticks.</summary>
        public long Newest;

        /// <summary>What repeats are repeats of.</summary>
        public RepeatedTerm? Repeated;

        /// <summary>Place of the last repeats.</summary>
        public int RepeatPlace;
    }
}

/// <summary>Where a term is among those that one thread knows.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Generation">How often all terms had been forgotten before it was met.</param>
internal readonly record struct TermPlace(int Number, int Generation);
