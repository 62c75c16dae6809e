namespace Vedette.Platforms.Setup;

/// <summary>What one kube-apiserver has to carry under the policy.</summary>
/// <param name="EventsPerSecond">Events a second, in the mean.</param>
/// <param name="BytesPerEvent">Bytes of an event as a JSON line, in the mean.</param>
/// <param name="Origin">Where the figures come from, for the arithmetic: "measured on audit.log", "50 requests/s x 2 events".</param>
public sealed record Traffic(double EventsPerSecond, double BytesPerEvent, string Origin)
{
    /// <summary>
    /// Taken where only a rate of requests is known. The recorded logs in tests/cases/replay have 1,200 bytes an event in the mean; larger objects make it more.
    /// </summary>
    public const double AssumedBytesPerEvent = 2000;

    /// <summary>What a rate of requests makes under a policy.</summary>
    public static Traffic OfRequests(double requestsPerSecond, ChosenPolicy policy) => new(
        requestsPerSecond * policy.EventsPerRequest, AssumedBytesPerEvent,
        FormattableString.Invariant($"{requestsPerSecond:0.##} requests/s x {policy.EventsPerRequest} {(policy.EventsPerRequest == 1 ? "event" : "events")} each, {AssumedBytesPerEvent:0} bytes an event assumed"));
}
