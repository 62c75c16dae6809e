using Vedette.Sinks.Http;
using Vedette.Sinks.Routing;

namespace Vedette.Sinks.Forwarding;

/// <summary>Another Vedette, to which this one forwards what it has.</summary>
/// <param name="Url">Its address, with the prefix it is served under.</param>
/// <param name="Http">How HTTP is spoken, the token included.</param>
public sealed record ForwardingSettings(Uri Url, HttpSettings Http) : SinkSettings
{
    /// <summary>The cluster everything is forwarded as; null: the one it came from.</summary>
    public string? Cluster { get; init; }

    /// <summary>Are events forwarded?</summary>
    public bool Events { get; init; } = true;

    /// <summary>Are findings forwarded?</summary>
    public bool Findings { get; init; } = true;

    /// <inheritdoc />
    public override string Kind => "vedette";

    /// <inheritdoc />
    public override string Address => HttpSender.Address(Url);

    /// <inheritdoc />
    public override bool TakesFindings => Findings;

    /// <summary>Where something of a cluster is posted to; null for a name that cannot stand in an address.</summary>
    /// <param name="what">audit or findings.</param>
    /// <param name="cluster">The cluster it came from.</param>
    internal Uri? UrlOf(string what, string cluster)
    {
        string name = Cluster ?? cluster;

        // Dots alone would be steps of a path, and are not escaped.
        return name is "" or "." or ".." ? null : new Uri(Url, $"{Url.AbsolutePath.TrimEnd('/')}/{what}/{Uri.EscapeDataString(name)}");
    }
}
