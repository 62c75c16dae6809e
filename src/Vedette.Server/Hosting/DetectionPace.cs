namespace Vedette.Server.Hosting;

/// <summary>
/// Lets deliveries wait a little when more comes than can be evaluated, so that findings stay fresh. What is stored goes before what is found: a wait is twice what detection is too far behind, at most <see cref="MaxWait"/>,
/// which no sender minds, and nobody waits at all once detection is so far behind that waiting would not mend it, or does not go on.
/// </summary>
/// <param name="behind">How long detection will take for what is stored; null when it does not go on.</param>
/// <param name="time">Clock.</param>
public sealed class DetectionPace(Func<TimeSpan?> behind, TimeProvider time)
{
    /// <summary>Detection may be so far behind before anybody waits: longer than what holds it up now and then (a large state that is written, a collection of everything), and well within the two seconds in which findings are to be told.</summary>
    public static readonly TimeSpan Near = TimeSpan.FromMilliseconds(200);

    /// <summary>Further behind it is catching up with what came while it was away.</summary>
    public static readonly TimeSpan Far = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait of a delivery. kube-apiserver gives an answer 30 s and sends on meanwhile.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(25);

    /// <summary>Waits until detection is near, but not long.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        long? started = null;
        while (behind() is { } now && now > Near && now < Far)
        {
            started ??= time.GetTimestamp();
            TimeSpan most = 2 * (now - Near);
            if (time.GetElapsedTime(started.Value) >= (most < MaxWait ? most : MaxWait))
            {
                return;
            }

            await Task.Delay(s_look, time, cancellation);
        }
    }
}
