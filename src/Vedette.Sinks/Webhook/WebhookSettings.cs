using Vedette.Sinks.Http;
using Vedette.Sinks.Routing;

namespace Vedette.Sinks.Webhook;

/// <summary>Any HTTP address that takes JSON.</summary>
/// <param name="Url">The address. It may hold a secret.</param>
/// <param name="Http">How HTTP is spoken.</param>
public sealed record WebhookSettings(Uri Url, HttpSettings Http) : SinkSettings
{
    /// <summary>What is sent for each finding; null: lists of findings, as they are.</summary>
    public WebhookTemplate? Template { get; init; }

    /// <summary>Key of the signature; null: nothing is signed. Secret.</summary>
    public string? HmacSecret { get; init; }

    /// <inheritdoc />
    public override string Kind => "webhook";

    /// <inheritdoc />
    public override string Address => HttpSender.Address(Url);

    /// <summary>Without secrets.</summary>
    public override string ToString() => Kind;
}
