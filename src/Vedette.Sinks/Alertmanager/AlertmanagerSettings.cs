using Vedette.Sinks.Http;
using Vedette.Sinks.Routing;

namespace Vedette.Sinks.Alertmanager;

/// <summary>Prometheus Alertmanager, version 2 of its API.</summary>
/// <param name="Urls">Its instances, each with the prefix it is served under. All are told: they do not tell each other alerts.</param>
/// <param name="Http">How HTTP is spoken.</param>
public sealed record AlertmanagerSettings(ValueList<Uri> Urls, HttpSettings Http) : SinkSettings
{
    /// <summary>How long an alert stays active after it was first told, unless said otherwise.</summary>
    public static TimeSpan DefaultActiveFor { get; } = TimeSpan.FromHours(1);

    /// <summary>How often active alerts are told again, unless said otherwise. Prometheus does so every minute: an Alertmanager keeps alerts in memory alone.</summary>
    public static TimeSpan DefaultResend { get; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an alert stays active after it was last told as new or changed.</summary>
    public TimeSpan ActiveFor { get; init; } = DefaultActiveFor;

    /// <summary>How often active alerts are told again.</summary>
    public TimeSpan Resend { get; init; } = DefaultResend;

    /// <summary>Labels for every alert, such as a team.</summary>
    public ValueList<AlertLabel> Labels { get; init; } = new([]);

    /// <summary>Where a finding can be seen; <c>{{id}}</c> and <c>{{cluster}}</c> stand for those of the finding. Null: alerts have no generatorURL.</summary>
    public string? GeneratorUrl { get; init; }

    /// <inheritdoc />
    public override string Kind => "alertmanager";

    /// <inheritdoc />
    public override string Address => string.Join(", ", Urls.Select(HttpSender.Address));
}

/// <summary>A label.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
public readonly record struct AlertLabel(string Name, string Value);
