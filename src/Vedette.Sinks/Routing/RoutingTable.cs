using System.Collections.Immutable;

namespace Vedette.Sinks.Routing;

/// <summary>Receivers, routes and silences; immutable, replaced as a whole when settings are read again.</summary>
/// <param name="Receivers">Whom there is to tell.</param>
/// <param name="Routes">Asked in order.</param>
/// <param name="Silences">What is not told for now.</param>
public sealed record RoutingTable(ImmutableArray<ReceiverSettings> Receivers, ImmutableArray<Route> Routes, ImmutableArray<Silence> Silences)
{
    /// <summary>Tells nobody.</summary>
    public static RoutingTable Empty { get; } = new([], [], []);

    /// <summary>Who is told of a finding.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="now">Now, for silences.</param>
    public RoutingDecision Decide(StoredFinding finding, DateTimeOffset now)
    {
        ImmutableArray<RoutedTo>.Builder to = ImmutableArray.CreateBuilder<RoutedTo>();
        ImmutableArray<Route>.Builder matched = ImmutableArray.CreateBuilder<Route>();
        foreach (Route route in Routes)
        {
            if (!route.Match.Matches(finding))
            {
                continue;
            }

            matched.Add(route);
            foreach (string receiver in route.Receivers)
            {
                // Told once, however many routes name a receiver: the first says how.
                if (!to.Any(one => one.Receiver == receiver))
                {
                    to.Add(new RoutedTo(receiver, route));
                }
            }

            if (!route.Continue)
            {
                break;
            }
        }

        return new RoutingDecision(to.ToImmutable(), matched.ToImmutable(), to.Count == 0 ? null : Silences.FirstOrDefault(silence => now < silence.Until && silence.Match.Matches(finding)));
    }
}

/// <summary>Who is told of a finding.</summary>
/// <param name="To">Whom routes name, each once.</param>
/// <param name="Routes">The routes that match, as far as they were asked.</param>
/// <param name="Silence">Why it is not told after all; null when it is.</param>
public sealed record RoutingDecision(ImmutableArray<RoutedTo> To, ImmutableArray<Route> Routes, Silence? Silence);

/// <summary>A receiver and the route that names it first.</summary>
/// <param name="Receiver">Name of the receiver.</param>
/// <param name="Route">The route.</param>
public sealed record RoutedTo(string Receiver, Route Route);
