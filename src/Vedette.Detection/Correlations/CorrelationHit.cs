using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Correlations;

/// <summary>A correlation that held once, which other correlations may ask for.</summary>
internal sealed class CorrelationHit
{
    private Evidence? _evidence;

    /// <summary>Takes it out of its window.</summary>
    /// <param name="closed">The window.</param>
    /// <param name="finding">What it tells.</param>
    public CorrelationHit(ClosedWindow closed, Finding finding)
    {
        Finding = finding;
        Place = closed.Correlation.Place;
        // A window that begins at the end of time ends there, too.
        At = Math.Min(closed.To, DateTime.MaxValue.Ticks);
        Window = closed.Correlation.Decision == Decision.AtOnce ? closed.Window : null;
        Fresh = CorrelationFinding.Requests(closed.Entries, closed.CountedUntil);
        foreach (GroupValue member in finding.Group)
        {
            Values.BeginField(member.Field);
            Values.Add(member.Value);
        }
    }

    /// <summary>The correlation, by its place in the plan.</summary>
    public int Place { get; }

    /// <summary>When, in ticks.</summary>
    public long At { get; }

    /// <summary>What it tells.</summary>
    public Finding Finding { get; }

    /// <summary>The values of its group.</summary>
    public UnpackedValues Values { get; } = new();

    /// <summary>The group whose further matches go into the finding, for a correlation that is decided at once.</summary>
    public GroupWindow? Window { get; }

    /// <summary>The requests in its window that came after the group's last quiet time, so that no finding of the group counts them yet.</summary>
    public int Fresh { get; }

    /// <summary>What it tells of its events. Few correlations go on into another.</summary>
    public Evidence Evidence => _evidence ??= Evidence.Of(Finding, Convert.FromHexString(Finding.Id));
}
