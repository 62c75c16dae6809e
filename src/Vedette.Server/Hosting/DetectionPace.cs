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

    /// <summary>
    /// While <see cref="Many"/> deliveries are dealt with at once, each waits for others in any case, and detection is kept so near that it finds in the processor's cache what was just stored: of a twentieth of a second that is
    /// 10 MB, of <see cref="Near"/> more than there is.
    /// </summary>
    public static readonly TimeSpan Close = TimeSpan.FromMilliseconds(50);

    /// <summary>So many at once are more than come while detection is held up now and then, unless the server has all that it can do.</summary>
    public const int Many = 16;

    /// <summary>Further behind it is catching up with what came while it was away.</summary>
    public static readonly TimeSpan Far = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait of a delivery. kube-apiserver gives an answer 30 s and sends on meanwhile.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(25);
    private int _present;

    /// <summary>A delivery is dealt with from now on until what this gives is disposed: it is one of how many there are at once.</summary>
    public Presence Enter()
    {
        Interlocked.Increment(ref _present);
        return new Presence(this);
    }

    /// <summary>Waits until detection is near, but not long.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        long? started = null;
        while (behind() is { } now && now > Allowed && now < Far)
        {
            started ??= time.GetTimestamp();
            TimeSpan most = 2 * (now - Allowed);
            if (time.GetElapsedTime(started.Value) >= (most < MaxWait ? most : MaxWait))
            {
                return;
            }

            await Task.Delay(s_look, time, cancellation);
        }
    }

    private TimeSpan Allowed => Volatile.Read(ref _present) < Many ? Near : Close;

    /// <summary>A delivery that is dealt with.</summary>
    /// <param name="pace">Whose it is.</param>
    public readonly struct Presence(DetectionPace pace) : IDisposable
    {
        /// <summary>It was dealt with.</summary>
        public void Dispose() => Interlocked.Decrement(ref pace._present);
    }
}
