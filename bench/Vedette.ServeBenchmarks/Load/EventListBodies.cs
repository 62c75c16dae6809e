using System.Collections.Concurrent;
using System.Text;
using Vedette.Benchmarks.Data;

namespace Vedette.ServeBenchmarks.Load;

/// <summary>Bodies to send: as many as can be under way at once, each lent to one connection at a time.</summary>
internal sealed class EventListBodies
{
    private readonly ConcurrentQueue<EventListBody> _idle = [];

    private EventListBodies(string name, List<EventListBody> bodies)
    {
        Name = name;
        Events = bodies.Average(body => body.Events);
        Length = bodies.Average(body => body.Bytes.Length);
        bodies.ForEach(_idle.Enqueue);
    }

    /// <summary>What they are a mix of.</summary>
    public string Name { get; }

    /// <summary>Events of a body, on average.</summary>
    public double Events { get; }

    /// <summary>Bytes of a body, on average.</summary>
    public double Length { get; }

    /// <summary>Generates bodies; the same from the same seed.</summary>
    /// <param name="profile">What the audit policy of the cluster keeps.</param>
    /// <param name="count">How many bodies.</param>
    /// <param name="events">Events of each; kube-apiserver sends 400 at most unless told otherwise.</param>
    public static EventListBodies Generate(Profile profile, int count, int events)
    {
        Traffic traffic = new(profile, seed: 1);
        Queue<string> lines = [];
        StringBuilder text = new();
        List<EventListBody> bodies = [];
        while (bodies.Count < count)
        {
            while (lines.Count < events - 1)
            {
                text.Clear();
                traffic.Next(text);
                foreach (string line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    lines.Enqueue(line);
                }
            }

            bodies.Add(new EventListBody([.. Enumerable.Range(0, events - 1).Select(_ => lines.Dequeue())]));
        }

        return new EventListBodies(profile.ToString(), bodies);
    }

    /// <summary>Lends a body that nobody else has.</summary>
    /// <exception cref="InvalidOperationException">All are lent: there are more connections than bodies.</exception>
    public EventListBody Take() => _idle.TryDequeue(out EventListBody? body) ? body : throw new InvalidOperationException("more connections than bodies");

    /// <summary>Takes a body back.</summary>
    public void Return(EventListBody body) => _idle.Enqueue(body);
}
