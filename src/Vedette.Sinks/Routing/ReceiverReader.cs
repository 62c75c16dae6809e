using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Vedette.Documents.Settings;
using Vedette.Documents.Yaml;
using Vedette.Sinks.Alertmanager;
using Vedette.Sinks.Forwarding;
using Vedette.Sinks.Http;
using Vedette.Sinks.Slack;
using Vedette.Sinks.StandardOutput;
using Vedette.Sinks.Webhook;

namespace Vedette.Sinks.Routing;

/// <summary>Reads one receiver.</summary>
internal static partial class ReceiverReader
{
    /// <summary>Most instances of one Alertmanager.</summary>
    public const int MaxInstances = 16;

    /// <summary>Most labels that settings add to alerts.</summary>
    public const int MaxLabels = 16;

    private static readonly string[] s_kinds = ["alertmanager", "webhook", "slack", "stdout", "vedette"];

    /// <summary>Reads it; null when it has no name or is of no kind.</summary>
    public static ReceiverSettings? Read(SettingsReader section)
    {
        if (!section.Exists)
        {
            section.Tell(section.Node, $"{section.Path} is empty", $"give it a name and one of {string.Join(", ", s_kinds)}");
            return null;
        }

        string name = section.Required("name");
        bool isNamed = name.Length > 0;
        if (isNamed && !Name().IsMatch(name))
        {
            section.Wrong("name", $"must have 1 to {ReceiverSettings.MaxNameLength} letters, digits, dots, dashes and underscores", "its place in the journal is kept under this name");
            isNamed = false;
        }

        // Asked for as names: a kind may have nothing to say, as in "stdout: {}" or "stdout:".
        string[] kinds = [.. section.Names.Select(member => member.Text).Where(member => s_kinds.Contains(member, StringComparer.Ordinal))];
        foreach (string kind in s_kinds)
        {
            _ = section[kind];
        }

        SinkSettings? sink = null;
        if (kinds.Length == 1)
        {
            SettingsReader settings = section.Section(kinds[0]);
            sink = ReadSink(kinds[0], settings);
            settings.Complete();
        }
        else
        {
            section.Tell(section.Node, $"{section.Path} must be one of {string.Join(", ", s_kinds)}{(kinds.Length == 0 ? "" : ", not several")}", kinds.Length == 0 ? null : "make a receiver of each");
        }

        string from = section.Choice("from", "now", "start", "now");
        bool updates = section.Truth("updates", sink?.WantsUpdates ?? true);
        section.Complete();
        return isNamed && sink is not null ? new ReceiverSettings(name, sink) { FromStart = from == "start", Updates = updates } : null;
    }

    private static SinkSettings? ReadSink(string kind, SettingsReader section)
    {
        switch (kind)
        {
            case "alertmanager":
                return ReadAlertmanager(section);
            case "webhook":
                Uri? url = HttpSettingsReader.ReadUrl(section, "url");
                WebhookSettings webhook = new(url ?? Unusable, HttpSettingsReader.Read(section)) { Template = ReadTemplate(section), HmacSecret = NotEmpty(section, "hmacSecret") };
                return url is null ? null : webhook;
            case "slack":
                Uri? slack = HttpSettingsReader.ReadUrl(section, "url");
                HttpSettings http = HttpSettingsReader.Read(section);
                return slack is null ? null : new SlackSettings(slack, http);
            case "stdout":
                return new StandardOutputSettings();
            default:
                return ReadForwarding(section);
        }
    }

    private static Uri Unusable { get; } = new("http://invalid");

    private static AlertmanagerSettings? ReadAlertmanager(SettingsReader section)
    {
        ImmutableArray<Uri> urls = [.. section.Texts("urls").Select(text => HttpSettingsReader.Parse(section, "urls", text)).OfType<Uri>()];
        if (section["urls"] is null or YamlSequence { Items: [] } || urls.Length > MaxInstances)
        {
            section.Wrong("urls", $"must name 1 to {MaxInstances} instances, such as [http://alertmanager:9093]");
        }

        SettingsReader labels = section.Section("labels");
        ImmutableArray<AlertLabel>.Builder read = ImmutableArray.CreateBuilder<AlertLabel>();
        foreach (YamlScalar label in labels.Names)
        {
            string? value = labels.Text(label.Text);
            if (!LabelName().IsMatch(label.Text) || AlertJson.OwnLabels.Contains(label.Text, StringComparer.Ordinal))
            {
                labels.Wrong(label.Text, "cannot be the name of a label here", $"letters, digits and underscores; {string.Join(", ", AlertJson.OwnLabels)} are set by findings");
            }
            else if (value?.Length > AlertJson.MaxLabelLength || read.Count == MaxLabels)
            {
                labels.Wrong(label.Text, $"is too long, or there are more than {MaxLabels} labels");
            }
            else if (!string.IsNullOrEmpty(value))
            {
                read.Add(new AlertLabel(label.Text, value));
            }
        }

        string? generator = section.Text("generatorUrl");
        if (generator is not null && !Uri.TryCreate(generator.Replace("{{id}}", "0", StringComparison.Ordinal).Replace("{{cluster}}", "c", StringComparison.Ordinal), UriKind.Absolute, out _))
        {
            section.Wrong("generatorUrl", "must be an address such as https://vedette.example.com/findings/{{id}}");
        }

        AlertmanagerSettings settings = new(new ValueList<Uri>(urls), HttpSettingsReader.Read(section))
        {
            ActiveFor = section.Duration("activeFor", AlertmanagerSettings.DefaultActiveFor, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)),
            Resend = section.Duration("resend", AlertmanagerSettings.DefaultResend, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)),
            Labels = new ValueList<AlertLabel>(read.ToImmutable()),
            GeneratorUrl = generator,
        };
        return urls.IsEmpty ? null : settings;
    }

    private static ForwardingSettings? ReadForwarding(SettingsReader section)
    {
        Uri? url = HttpSettingsReader.ReadUrl(section, "url");
        HttpSettings http = HttpSettingsReader.Read(section);
        string? token = NotEmpty(section, "token");
        if (token is not null && (http.Authorization is not null || token.AsSpan().ContainsAny('\r', '\n')))
        {
            section.Wrong("token", "is not one line, or stands beside bearerToken or basicAuth", "keep one of them");
        }

        string? cluster = section.Text("cluster");
        if (cluster is "" or "." or "..")
        {
            section.Wrong("cluster", "cannot be the name of a cluster");
        }

        bool events = section.Truth("events", otherwise: true);
        bool findings = section.Truth("findings", otherwise: true);
        if (!events && !findings)
        {
            section.Wrong("findings", "neither events nor findings are forwarded", "set one of them to true");
        }

        return url is null ? null : new ForwardingSettings(url, token is null ? http : http with { Authorization = $"Bearer {token}" }) { Cluster = cluster, Events = events, Findings = findings };
    }

    private static WebhookTemplate? ReadTemplate(SettingsReader section)
    {
        if (section.Text("template") is not { } text)
        {
            return null;
        }

        WebhookTemplate? template = WebhookTemplate.Parse(text, out string? problem);
        if (problem is not null)
        {
            section.Wrong("template", problem);
        }

        return template;
    }

    private static string? NotEmpty(SettingsReader section, string name)
    {
        string? secret = section.Secret(name);
        if (secret is "")
        {
            section.Wrong(name, "is empty", "leave it out when there is none");
        }

        return secret is "" ? null : secret;
    }

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelName();
}
