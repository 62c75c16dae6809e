using Vedette.Detection.Engine;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Tests.Stateful;

/// <summary>Events that rules of every kind remember, as many as one likes.</summary>
internal static class ManyEvents
{
    private const string Yaml = Log.Bases + """
        title: new
        vedette: {new_terms: {fields: [g, v], peers: [p]}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        ---
        title: fold
        vedette: {suppress: {by: [g], for: 10h}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        ---
        title: never
        correlation: {type: event_count, rules: [a, b], group-by: [g], timespan: 10h, condition: {gte: 1000000}}
        ---
        title: values
        correlation: {type: value_count, rules: [a], group-by: [p], timespan: 10h, condition: {field: v, lt: 5}}
        """;

    /// <summary>New terms, suppression, a correlation that counts and one that waits for its end.</summary>
    public static CompiledRules Rules { get; } = Log.Rules(Yaml);

    /// <summary>As in a server: only bytes bound what is held.</summary>
    public static EventOrderOptions Unbounded => new() { Lateness = TimeSpan.FromSeconds(35), MaxHeld = int.MaxValue };

    /// <summary>Gives a detector an event of a group at a time.</summary>
    public static void Add(StreamDetector detector, double seconds, int group) =>
        detector.Add(Events.Decode(Event(seconds, group)), "s", Log.Start.AddSeconds(seconds), (long)seconds);

    /// <summary>An event.</summary>
    public static string Event(double at, int group) => Log.Event(
        at,
        $$$"""
        "kind":"a","g":"group-{{{group}}}","p":"peers-{{{group % 5}}}","v":"{{{at}}}","auditID":"5f0a-{{{at}}}","requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stage":"ResponseComplete","verb":"create",
        "user":{"username":"system:serviceaccount:team-{{{group % 5}}}:runner-{{{group}}}","groups":["system:serviceaccounts","system:authenticated"]},"requestURI":"/api/v1/namespaces/team/pods/worker-{{{group}}}",
        "objectRef":{"resource":"pods","namespace":"team","name":"worker-{{{group}}}"}
        """);
}
