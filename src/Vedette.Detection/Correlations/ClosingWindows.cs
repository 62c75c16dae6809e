namespace Vedette.Detection.Correlations;

/// <summary>The windows that wait for their end, in the order in which they close.</summary>
internal sealed class ClosingWindows : IWindowClock
{
    /// <summary>So many windows wait before those are looked for that were forgotten meanwhile.</summary>
    private const int MinClosing = 1_024;

    private readonly PriorityQueue<(CorrelationState State, GroupWindow Window), (long Due, int Place, string Key)> _closing = new(CloseOrder.Instance);
    private int _max = MinClosing;

    /// <summary>When the first closes, in ticks; <see cref="long.MaxValue"/> when none waits.</summary>
    public long FirstEnd => _closing.TryPeek(out _, out (long Due, int, string) first) ? first.Due : long.MaxValue;

    /// <summary>Takes out the first.</summary>
    /// <returns>What the window gave; null when nothing, or it was forgotten meanwhile.</returns>
    public ClosedWindow? CloseFirst()
    {
        long due = FirstEnd;
        (CorrelationState state, GroupWindow window) = _closing.Dequeue();
        return window.Due == due ? state.Close(window) : null;
    }

    /// <summary>Forgets all.</summary>
    public void Clear() => _closing.Clear();

    /// <inheritdoc />
    public void CloseAt(CorrelationState state, GroupWindow window)
    {
        if (_closing.Count >= _max)
        {
            // Forgotten groups leave their place behind.
            ((CorrelationState, GroupWindow) Element, (long Due, int, string) Priority)[] live = [.. _closing.UnorderedItems.Where(item => item.Element.Window.Due == item.Priority.Due)];
            _closing.Clear();
            _closing.EnqueueRange(live);
            _max = Math.Max(MinClosing, 2 * live.Length);
        }

        _closing.Enqueue((state, window), (window.Due, state.Correlation.Place, window.Key));
    }

    private sealed class CloseOrder : IComparer<(long Due, int Place, string Key)>
    {
        public static readonly CloseOrder Instance = new();

        public int Compare((long Due, int Place, string Key) x, (long Due, int Place, string Key) y) =>
            x.Due != y.Due ? x.Due.CompareTo(y.Due) : x.Place != y.Place ? x.Place.CompareTo(y.Place) : string.CompareOrdinal(x.Key, y.Key);
    }
}
