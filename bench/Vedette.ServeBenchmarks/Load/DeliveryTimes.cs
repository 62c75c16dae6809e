using System.Diagnostics;

namespace Vedette.ServeBenchmarks.Load;

/// <summary>When each delivery was sent and acknowledged, and when Alertmanager heard of the finding in it.</summary>
internal sealed class DeliveryTimes
{
    /// <summary>Most deliveries of one run: more than half an hour at two thousand a second.</summary>
    private const int Most = 1 << 22;

    private readonly long[] _sent = new long[Most];
    private readonly long[] _acknowledged = new long[Most];
    private readonly long[] _told = new long[Most];
    private int _next;

    /// <summary>The number of the next delivery.</summary>
    public int Next() => Interlocked.Increment(ref _next);

    /// <summary>The number that the next delivery will have at least.</summary>
    public int Here => Volatile.Read(ref _next) + 1;

    /// <summary>Sending begins.</summary>
    public void Sent(int number) => _sent[number] = Stopwatch.GetTimestamp();

    /// <summary>It was acknowledged.</summary>
    public void Acknowledged(int number) => _acknowledged[number] = Stopwatch.GetTimestamp();

    /// <summary>The finding arrived. Only the first time counts: it is told again.</summary>
    public void Told(int number) => Interlocked.CompareExchange(ref _told[number], Stopwatch.GetTimestamp(), 0);

    /// <summary>Seconds from sending, and from acknowledgement, to arrival of the finding, of all deliveries acknowledged between two numbers; infinite where none arrived.</summary>
    public IEnumerable<(double FromSent, double FromAcknowledged)> Tellings(int from, int to)
    {
        for (int number = from; number < to; number++)
        {
            if (_acknowledged[number] != 0)
            {
                yield return _told[number] == 0
                    ? (double.PositiveInfinity, double.PositiveInfinity)
                    : (Stopwatch.GetElapsedTime(_sent[number], _told[number]).TotalSeconds, Math.Max(0, Stopwatch.GetElapsedTime(_acknowledged[number], _told[number]).TotalSeconds));
            }
        }
    }
}
