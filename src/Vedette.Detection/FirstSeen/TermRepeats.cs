using System.Collections.Immutable;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.FirstSeen;

/// <summary>Matches that bring nothing new: only that a term was seen again, once or several times within half of what its rule remembers.</summary>
/// <param name="Term">The term.</param>
/// <param name="Oldest">When first, as the event claims.</param>
/// <param name="Newest">When last, as the event claims.</param>
public readonly record struct TermRepeat(RepeatedTerm Term, DateTimeOffset Oldest, DateTimeOffset Newest)
{
    /// <summary>Takes in one more.</summary>
    /// <param name="repeat">The repeats.</param>
    /// <param name="at">When.</param>
    /// <param name="window">How long the rule remembers.</param>
    /// <returns>False when it is too far away.</returns>
    internal static bool TryJoin(ref TermRepeat repeat, DateTimeOffset at, TimeSpan window)
    {
        if (at >= repeat.Oldest && at <= repeat.Newest)
        {
            return true;
        }

        TermRepeat joined = repeat with { Oldest = at < repeat.Oldest ? at : repeat.Oldest, Newest = at > repeat.Newest ? at : repeat.Newest };
        if (joined.Newest - joined.Oldest > window / 2)
        {
            return false;
        }

        repeat = joined;
        return true;
    }
}

/// <summary>A term with a match that was taken whole. The match does not change; the rest belongs to <see cref="TermRepeats"/> for a log, to <see cref="StreamDetector"/> for a stream.</summary>
/// <param name="match">The match, of the one rule.</param>
/// <param name="window">How long the rule remembers.</param>
public sealed class RepeatedTerm(EventMatch match, TimeSpan window)
{
    internal EventMatch Match => match;

    internal TimeSpan Window => window;

    /// <summary>True while there is a last repeat to be passed on, perhaps.</summary>
    internal bool IsOpen { get; set; }

    /// <summary>From here to <see cref="Newest"/> repeats lie so close that those between need not be passed on.</summary>
    internal DateTimeOffset Oldest { get; set; }

    internal DateTimeOffset Newest { get; set; }

    /// <summary>The last one passed on.</summary>
    internal DateTimeOffset Passed { get; set; }

    /// <summary>What the memory of terms noted of a repeat; default while none was told to it, or where that was forgotten.</summary>
    internal ImmutableArray<RecentMember> Members { get; private set; }

    /// <summary>True while a repeat waits for its place in order, after which <see cref="Members"/> are known.</summary>
    internal bool IsAwaited { get; private set; }

    /// <summary>Place in the journal of the newest repeat, where it came while another that is older was awaited; else -1.</summary>
    internal long AwaitedSequence { get; private set; }

    private long _awaitedAt;

    /// <summary>A repeat was put in order.</summary>
    internal void Await(long at)
    {
        Members = default;
        IsAwaited = true;
        AwaitedSequence = -1;
        _awaitedAt = at;
    }

    /// <summary>Another came meanwhile.</summary>
    internal void Add(long at, long sequence)
    {
        if (at > _awaitedAt)
        {
            (_awaitedAt, AwaitedSequence) = (at, sequence);
        }
    }

    /// <summary>The memory of terms has noted the repeat that was awaited.</summary>
    internal void Noted(ImmutableArray<RecentMember> members)
    {
        foreach (RecentMember member in members)
        {
            member.Refresh(_awaitedAt);
        }

        Members = members;
        IsAwaited = false;
    }
}

/// <summary>
/// Of the repeats of each term passes on as few as are needed for the memory of terms to say when each was last seen, and never to find a gap where the log has none: the first, then one for each half of the
/// rule's window, and the last.
/// </summary>
internal sealed class TermRepeats
{
    /// <summary>Most terms whose last repeat is kept back; when there are more, those of all are passed on.</summary>
    public const int MaxTerms = 65_536;

    private readonly List<RepeatedTerm> _terms = [];

    /// <summary>Takes repeats.</summary>
    /// <param name="repeat">The repeats; between the oldest and the newest there is no gap that counts.</param>
    /// <param name="passed">Gets the matches to go on with.</param>
    public void Add(in TermRepeat repeat, List<EventMatch> passed)
    {
        Add(repeat.Term, repeat.Oldest, passed);
        if (repeat.Newest > repeat.Oldest)
        {
            Add(repeat.Term, repeat.Newest, passed);
        }
    }

    private void Add(RepeatedTerm term, DateTimeOffset at, List<EventMatch> passed)
    {
        TimeSpan half = term.Window / 2;
        if (!term.IsOpen)
        {
            if (_terms.Count == MaxTerms)
            {
                passed.AddRange(Complete());
            }

            _terms.Add(term);
            Begin(term, at, passed);
        }
        else if (at < term.Oldest)
        {
            Pass(term, at, passed);
            term.Oldest = term.Oldest - at <= half ? at : term.Oldest;
        }
        else if (at - term.Newest > half)
        {
            Close(term, passed);
            Begin(term, at, passed);
        }
        else if (at > term.Newest)
        {
            term.Newest = at;
            if (at - term.Passed > half)
            {
                Pass(term, at, passed);
            }
        }
    }

    /// <summary>Passes on the last repeat of each term and forgets them.</summary>
    public List<EventMatch> Complete()
    {
        List<EventMatch> passed = [];
        foreach (RepeatedTerm term in _terms)
        {
            Close(term, passed);
            term.IsOpen = false;
        }

        _terms.Clear();
        return passed;
    }

    private static void Begin(RepeatedTerm term, DateTimeOffset at, List<EventMatch> passed)
    {
        term.IsOpen = true;
        term.Oldest = term.Newest = term.Passed = at;
        Pass(term, at, passed);
    }

    private static void Close(RepeatedTerm term, List<EventMatch> passed)
    {
        if (term.Newest > term.Passed)
        {
            Pass(term, term.Newest, passed);
        }
    }

    private static void Pass(RepeatedTerm term, DateTimeOffset at, List<EventMatch> passed)
    {
        passed.Add(term.Match with { Time = at });
        term.Passed = at > term.Passed ? at : term.Passed;
    }
}
