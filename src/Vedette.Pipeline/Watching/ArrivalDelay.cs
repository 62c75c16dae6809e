using Vedette.Detection.Findings;

namespace Vedette.Pipeline.Watching;

/// <summary>How old the events of a source are when they come, in windows of five minutes of arrival.</summary>
internal sealed class ArrivalDelay
{
    /// <summary>Length of a window.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>Even the newest events are older than this: late. A webhook's batch waits 30 seconds at most.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(2);

    /// <summary>The newest events are ahead by more than this, and by less than what is a finding of its own: a clock that is wrong.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromSeconds(5);

    /// <summary>An event older than this is old, where others of its window are not late.</summary>
    public static readonly TimeSpan Old = TimeSpan.FromMinutes(10);

    /// <summary>A window says something when it has so many events.</summary>
    public const int MinEvents = 20;

    /// <summary>After so many windows in a row something is said.</summary>
    public const int WindowsInRow = 3;

    private int _events;
    private int _old;
    private TimeSpan _newest = TimeSpan.MaxValue;
    private TimeSpan _newestBefore = TimeSpan.MaxValue;
    private int _lateInRow;
    private int _aheadInRow;

    /// <summary>Counts an event.</summary>
    /// <param name="delay">From its time to its arrival; negative for one ahead.</param>
    public void Add(TimeSpan delay)
    {
        _events++;
        _old += delay > Old ? 1 : 0;
        _newest = delay < _newest ? delay : _newest;
    }

    /// <summary>Ends a window.</summary>
    /// <returns>What is wrong with time, and what with order; null where nothing is.</returns>
    public (string? Time, string? Order) EndWindow()
    {
        string? order = null;
        string? time = null;
        if (_events >= MinEvents)
        {
            // A sender that catches up is late as well, and less so each time.
            bool catchesUp = _newestBefore != TimeSpan.MaxValue && _newest < _newestBefore - TimeSpan.FromSeconds(30);
            _lateInRow = _newest > Late && !catchesUp ? _lateInRow + 1 : 0;
            _aheadInRow = _newest < -Ahead ? _aheadInRow + 1 : 0;
            _newestBefore = _newest;
            time = _lateInRow >= WindowsInRow ? $"even the newest events are {Duration.Of(_newest)} old when they come"
                : _aheadInRow >= WindowsInRow ? $"events are {Duration.Of(-_newest)} ahead of the clock of this machine"
                : null;
            order = _newest <= Late && _old >= MinEvents && _old * 20L >= _events ? $"{_old} of {_events} events of five minutes are more than 10 minutes older than the others" : null;
        }

        _events = 0;
        _old = 0;
        _newest = TimeSpan.MaxValue;
        return (time, order);
    }
}
