using Vedette.Audit.Events;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Vedette.Storage.Events;

namespace Vedette.Pipeline.Serving;

/// <summary>Is told what detection sees, on its thread.</summary>
public interface IDetectionObserver
{
    /// <summary>An event, in the order of the journal; the view is good during the call only. Each once, but after a crash of the program some come again.</summary>
    /// <param name="view">The event.</param>
    /// <param name="claimed">The time it claims; null where it claims none.</param>
    /// <param name="label">Where it came from.</param>
    void OnEvent(in EventView view, DateTimeOffset? claimed, EventLabel label);

    /// <summary>Why findings may not be stored yet; null when they may.</summary>
    string? Hold { get; }

    /// <summary>A finding that was not in the store.</summary>
    void OnFinding(Finding finding, bool isUpdate);

    /// <summary>What the observer itself finds, to be stored and told like any other.</summary>
    /// <param name="now">Our clock, behind which everything was evaluated.</param>
    IReadOnlyList<ToldFinding> TakeFindings(DateTimeOffset now);

    /// <summary>Something that somebody should know went wrong.</summary>
    void OnProblem(string message);
}
