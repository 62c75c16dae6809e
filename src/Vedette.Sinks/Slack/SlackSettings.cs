using Vedette.Sinks.Http;
using Vedette.Sinks.Routing;

namespace Vedette.Sinks.Slack;

/// <summary>An incoming webhook of Slack, or of what takes the same.</summary>
/// <param name="Url">Its address, which is a secret.</param>
/// <param name="Http">How HTTP is spoken.</param>
public sealed record SlackSettings(Uri Url, HttpSettings Http) : SinkSettings
{
    /// <inheritdoc />
    public override string Kind => "slack";

    /// <inheritdoc />
    public override string Address => HttpSender.Address(Url);

    /// <summary>People are told once, not each time the count rises.</summary>
    public override bool WantsUpdates => false;

    /// <summary>Without secrets.</summary>
    public override string ToString() => Kind;
}
