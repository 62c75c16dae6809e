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

    private readonly Dictionary<Hash, KnownTerm> _terms = [];
    private readonly KeyedHash _hash = new();
    private readonly MemoryAccount? _account;
    private int _generation;

    /// <summary>Terms of which none was met.</summary>
    /// <param name="share">Bytes for them; null when only their number counts.</param>
    public KnownTerms(MemoryShare? share) => _account = share?.Open(TryForget);

    /// <summary>Notes a match.</summary>
    /// <param name="key">Rule and values.</param>
    /// <param name="at">When it happened, in ticks.</param>
    /// <param name="window">How long the rule remembers, in ticks.</param>
    /// <param name="term">The term; when this is no repeat, the match belongs into it.</param>
    /// <returns>True for a repeat.</returns>
    public bool IsRepeat(ReadOnlySpan<byte> key, long at, long window, out KnownTerm term)
    {
        _hash.Read(key);
        Hash hash = new(_hash.Words[0], _hash.Words[1], _hash.Words[2]);
        if (!_terms.TryGetValue(hash, out KnownTerm? known))
        {
            if (_terms.Count == MaxTerms)
            {
                TryForget();
            }

            term = new KnownTerm(_generation) { Oldest = at, Newest = at };
            _terms.Add(hash, term);
            _account?.Add(Overhead);
            return false;
        }

        term = known;
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

    /// <summary>Notes of what repeats of a term are repeats.</summary>
    /// <param name="term">The term, as <see cref="IsRepeat"/> just gave it.</param>
    /// <param name="repeated">What repeats are repeats of from now on.</param>
    public void Note(KnownTerm term, RepeatedTerm repeated)
    {
        long before = term.Repeated?.Match.Size ?? 0;
        term.Repeated = repeated;
        if (term.Generation == _generation)
        {
            _account?.Add(repeated.Match.Size - before);
            _account?.MakeRoom();
        }
    }

    private bool TryForget()
    {
        bool any = _terms.Count > 0;
        _terms.Clear();
        _generation++;
        _account?.Add(-_account.Bytes);
        return any;
    }

    private readonly record struct Hash(ulong First, ulong Second, ulong Third)
    {
        public override int GetHashCode() => (int)(First >> 16);
    }
}

/// <summary>A term that was met without a gap of more than half a window between two times.</summary>
/// <param name="generation">How often all terms had been forgotten before.</param>
internal sealed class KnownTerm(int generation)
{
    /// <summary>How often all terms had been forgotten before this one was met.</summary>
    public int Generation => generation;

    /// <summary>The first time, in ticks.</summary>
    public long Oldest { get; set; }

    /// <summary>The last time, in ticks.</summary>
    public long Newest { get; set; }

    /// <summary>What repeats are repeats of.</summary>
    public RepeatedTerm? Repeated { get; set; }

    /// <summary>Place of the last repeats among those that nobody has taken yet; something else stands there once they were taken.</summary>
    public int RepeatPlace { get; set; }
}
