using Vedette.Sinks.Alertmanager;
using Vedette.Sinks.Forwarding;
using Vedette.Sinks.Http;
using Vedette.Sinks.Routing;
using Vedette.Sinks.Slack;
using Vedette.Sinks.StandardOutput;
using Vedette.Sinks.Webhook;

namespace Vedette.Sinks;

/// <summary>Makes sinks of settings.</summary>
/// <param name="handler">Makes what speaks HTTP; <see cref="HttpHandlers.Create"/> in the program, something else in tests.</param>
/// <param name="standardOutput">The program's standard output.</param>
/// <param name="time">Clock.</param>
public sealed class SinkFactory(Func<HttpSettings, HttpMessageHandler> handler, Stream standardOutput, TimeProvider time)
{
    /// <summary>The sink for a receiver's findings.</summary>
    public ISink Create(SinkSettings settings) => settings switch
    {
        AlertmanagerSettings alertmanager => new AlertmanagerSink(alertmanager, () => handler(alertmanager.Http), time),
        WebhookSettings webhook => new WebhookSink(webhook, () => handler(webhook.Http), time),
        SlackSettings slack => new SlackSink(slack, () => handler(slack.Http), time),
        StandardOutputSettings => new StandardOutputSink(standardOutput),
        ForwardingSettings forwarding => new FindingForwarder(forwarding, () => handler(forwarding.Http), time),
        _ => throw new ArgumentException($"there is no sink for {settings.Kind}", nameof(settings)),
    };

    /// <summary>What forwards events to a receiver; null for one that takes none.</summary>
    public EventForwarder? CreateForwarder(SinkSettings settings) => settings is ForwardingSettings { Events: true } forwarding ? new EventForwarder(forwarding, () => handler(forwarding.Http), time) : null;
}
