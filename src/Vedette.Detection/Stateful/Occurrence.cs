using System.Collections.Immutable;
using Vedette.Detection.Correlations;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;

namespace Vedette.Detection.Stateful;

/// <summary>A rule that held once: on an event, or, for a correlation, on a window. Lives only while it is dealt with.</summary>
internal readonly struct Occurrence
{
    private readonly EventMatch? _match;
    private readonly CorrelationHit? _hit;

    /// <summary>A rule that matched an event.</summary>
    /// <param name="place">The rule, by its place in the plan.</param>
    /// <param name="at">Time for windows, in ticks of 100 ns since the year 1.</param>
    /// <param name="match">The match.</param>
    /// <param name="values">Its values.</param>
    public Occurrence(int place, long at, EventMatch match, UnpackedValues values) => (Place, At, _match, Values) = (place, at, match, values);

    /// <summary>A correlation that held.</summary>
    public Occurrence(CorrelationHit hit) => (Place, At, _hit, Values) = (hit.Place, hit.At, hit, hit.Values);

    /// <summary>The rule, by its place in the plan.</summary>
    public int Place { get; }

    /// <summary>Time for windows, in ticks.</summary>
    public long At { get; }

    /// <summary>Values of fields; for a correlation those of its group.</summary>
    public UnpackedValues Values { get; }

    /// <summary>True when an event came late.</summary>
    public bool IsLate => _match?.IsLate ?? _hit!.Finding.IsLate;

    /// <summary>The request it belongs to, where known.</summary>
    public UInt128? Request => _match?.Request;

    /// <summary>True when another stage of the request may follow.</summary>
    public bool MayContinue => _match is { MayContinue: true };

    /// <summary>For a correlation what it tells; null for an event.</summary>
    public Finding? Finding => _hit?.Finding;

    /// <summary>Who did what to what.</summary>
    public Evidence Evidence => _match?.Evidence ?? _hit!.Evidence;

    /// <summary>The group whose further matches go into the finding, for a correlation that is decided at once.</summary>
    public GroupWindow? Window => _hit?.Window;

    /// <summary>The term that this is a repeat of, where further ones wait for it.</summary>
    public RepeatedTerm? Repeated => _match?.Repeated;

    /// <summary>For a correlation: the requests in its window that came after the group's last quiet time, so that no finding of the group counts them yet.</summary>
    public int Fresh => _hit?.Fresh ?? 0;

    /// <summary>Number of requests.</summary>
    public int Count => _hit?.Finding.Count ?? Evidence.Count;

    /// <summary>The events that it is of, in order.</summary>
    public ImmutableArray<FindingEvent> Events => _hit?.Finding.Events ?? Evidence.Events;
}
