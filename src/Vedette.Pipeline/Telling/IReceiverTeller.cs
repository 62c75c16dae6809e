using Vedette.Sinks.Routing;

namespace Vedette.Pipeline.Telling;

/// <summary>Tells one receiver what one journal has for it.</summary>
internal interface IReceiverTeller : IDisposable
{
    /// <summary>How it goes.</summary>
    ReceiverStatus Status { get; }

    /// <summary>The first record it still needs.</summary>
    long Cursor { get; }

    /// <summary>Is it known on disk from where on it is told?</summary>
    bool IsPlaced { get; }

    /// <summary>Goes on with other routes. What was not dealt with is routed anew.</summary>
    void Use(RoutingTable table);

    /// <summary>Tells until it is stopped.</summary>
    /// <param name="stop">Begins nothing new, and ends.</param>
    /// <param name="abort">Ends also what is under way.</param>
    Task RunAsync(CancellationToken stop, CancellationToken abort);
}
