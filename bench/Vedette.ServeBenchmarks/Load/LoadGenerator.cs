using System.Diagnostics;
using System.Net;
using System.Threading.Channels;

namespace Vedette.ServeBenchmarks.Load;

/// <summary>Sends deliveries over so many connections: as fast as they are answered, or at a pace that does not depend on answers.</summary>
internal sealed class LoadGenerator : IDisposable
{
    // kube-apiserver waits as long as Retry-After says; what we send again soon is harder on the server.
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(100);

    private readonly List<WebhookConnection> _connections = [];
    private readonly DeliveryTimes _times;

    private LoadGenerator(DeliveryTimes times) => _times = times;

    /// <summary>Opens the connections.</summary>
    public static async Task<LoadGenerator> OpenAsync(IPEndPoint server, string path, int connections, DeliveryTimes times)
    {
        LoadGenerator generator = new(times);
        for (int i = 0; i < connections; i++)
        {
            generator._connections.Add(await WebhookConnection.OpenAsync(server, path));
        }

        return generator;
    }

    /// <summary>Each connection sends its next delivery when the one before is answered.</summary>
    /// <param name="bodies">What to send.</param>
    /// <param name="deliveries">How many in all.</param>
    /// <param name="longest">Ends earlier when it has taken so long.</param>
    public async Task<LoadResult> SendAsync(EventListBodies bodies, int deliveries, TimeSpan longest)
    {
        Sending sending = new(bodies, _times);
        int left = deliveries;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(_connections.Select(connection => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0 && Stopwatch.GetElapsedTime(started) < longest)
            {
                EventListBody body = bodies.Take();
                int number = sending.Prepare(body);
                await sending.DeliverAsync(connection, body, number, Stopwatch.GetTimestamp());
                bodies.Return(body);
            }
        })));
        return sending.Result(Stopwatch.GetElapsedTime(started));
    }

    /// <summary>
    /// Deliveries fall due at a steady pace, and whichever connection is free takes the next. The time of one counts from when it fell due: when all connections are busy, its waiting is part of it.
    /// </summary>
    /// <param name="bodies">What to send.</param>
    /// <param name="perSecond">Deliveries a second.</param>
    /// <param name="time">How long.</param>
    public async Task<LoadResult> SendAtPaceAsync(EventListBodies bodies, double perSecond, TimeSpan time)
    {
        Sending sending = new(bodies, _times);
        Channel<long> due = Channel.CreateUnbounded<long>();
        long started = Stopwatch.GetTimestamp();
        Thread pacing = new(() =>
        {
            for (long next = 0; Stopwatch.GetElapsedTime(started) < time;)
            {
                for (double reached = Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond; next < reached; next++)
                {
                    due.Writer.TryWrite(Stopwatch.GetTimestamp());
                }

                Thread.Sleep(1);
            }

            due.Writer.Complete();
        });
        pacing.Start();
        await Task.WhenAll(_connections.Select(connection => Task.Run(async () =>
        {
            // Made ready before it falls due: what that takes is not the server's.
            EventListBody body = bodies.Take();
            int number = sending.Prepare(body);
            await foreach (long since in due.Reader.ReadAllAsync())
            {
                await sending.DeliverAsync(connection, body, number, since);
                number = sending.Prepare(body);
            }

            bodies.Return(body);
        })));
        pacing.Join();
        return sending.Result(Stopwatch.GetElapsedTime(started));
    }

    /// <inheritdoc />
    public void Dispose() => _connections.ForEach(connection => connection.Dispose());

    private sealed class Sending(EventListBodies bodies, DeliveryTimes times)
    {
        private readonly List<double> _took = [];
        private long _events;
        private long _bytes;
        private int _refused;

        public int Prepare(EventListBody body)
        {
            int number = times.Next();
            body.Renew(number, DateTimeOffset.UtcNow);
            return number;
        }

        public async Task DeliverAsync(WebhookConnection connection, EventListBody body, int number, long since)
        {
            times.Sent(number);
            while (await connection.PostAsync(body.Bytes) is int status && status != 200)
            {
                Interlocked.Increment(ref _refused);
                if (status != 503)
                {
                    throw new IOException($"the server answers {status}");
                }

                await Task.Delay(s_retry);
            }

            times.Acknowledged(number);
            double took = Stopwatch.GetElapsedTime(since).TotalMilliseconds;
            lock (_took)
            {
                _took.Add(took);
                _events += body.Events;
                _bytes += body.Bytes.Length;
            }
        }

        public LoadResult Result(TimeSpan elapsed) => new(bodies.Name, _took, _events, _bytes, _refused, elapsed);
    }
}

/// <summary>What was sent.</summary>
/// <param name="Mix">Of what.</param>
/// <param name="Milliseconds">How long each acknowledgement took.</param>
/// <param name="Events">Events acknowledged.</param>
/// <param name="Bytes">Bytes of bodies acknowledged.</param>
/// <param name="Refused">Answers 503; what they refused was sent again.</param>
/// <param name="Elapsed">From the first to the last.</param>
internal sealed record LoadResult(string Mix, IReadOnlyList<double> Milliseconds, long Events, long Bytes, int Refused, TimeSpan Elapsed)
{
    /// <summary>Events a second, on the clock.</summary>
    public double EventsPerSecond => Events / Elapsed.TotalSeconds;
}
