using Vedette.Audit.Text;

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

    private readonly Dictionary<byte[], KnownTerm> _terms = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], KnownTerm>.AlternateLookup<ReadOnlySpan<byte>> _byKey;

    public KnownTerms() => _byKey = _terms.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Notes a match.</summary>
    /// <param name="key">Rule and values.</param>
    /// <param name="at">When it happened, in ticks.</param>
    /// <param name="window">How long the rule remembers, in ticks.</param>
    /// <param name="term">The term; when this is no repeat, the match belongs into it.</param>
    /// <returns>True for a repeat.</returns>
    public bool IsRepeat(ReadOnlySpan<byte> key, long at, long window, out KnownTerm term)
    {
        if (!_byKey.TryGetValue(key, out KnownTerm? known))
        {
            if (_terms.Count == MaxTerms)
            {
                _terms.Clear();
            }

            term = new KnownTerm { Oldest = at, Newest = at };
            _byKey[key] = term;
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
}

/// <summary>A term that was met without a gap of more than half a window between two times.</summary>
internal sealed class KnownTerm
{
    /// <summary>The first time, in ticks.</summary>
    public long Oldest { get; set; }

    /// <summary>The last time, in ticks.</summary>
    public long Newest { get; set; }

    /// <summary>What repeats are repeats of.</summary>
    public RepeatedTerm? Repeated { get; set; }
}
