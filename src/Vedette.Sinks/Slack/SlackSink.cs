using System.Globalization;
using System.Text;
using System.Text.Json;
using Vedette.Sinks.Http;

namespace Vedette.Sinks.Slack;

/// <summary>Posts findings to an incoming webhook of Slack, some to a message. Limits: https://docs.slack.dev/reference/block-kit/blocks (50 blocks, 3000 characters of a section's text).</summary>
internal sealed class SlackSink(SlackSettings settings, Func<HttpMessageHandler> handler, TimeProvider time) : ISink
{
    /// <summary>Most UTF-16 units of a text, before escaping.</summary>
    private const int MaxText = 300;

    /// <summary>Most UTF-16 units of a value, before escaping.</summary>
    private const int MaxValue = 60;

    private readonly HttpSender _sender = new(handler(), settings.Http, time, [settings.Url.PathAndQuery, .. settings.Url.Segments.Where(segment => segment.Length > 8).Select(segment => segment.TrimEnd('/'))]);

    /// <inheritdoc />
    public int MaxBatch => 10;

    /// <inheritdoc />
    public Task<SinkAnswer> SendAsync(IReadOnlyList<StoredFinding> findings, CancellationToken cancellation) =>
        _sender.PostAsync(settings.Url, SinkJson.Write(writer => Write(findings, writer)), "application/json", isGzip: false, [], cancellation);

    /// <inheritdoc />
    public void Dispose() => _sender.Dispose();

    private static void Write(IReadOnlyList<StoredFinding> findings, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();

        // What notifications show. It has no text of the event, since not every service that takes such messages escapes here.
        string more = findings.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" and {findings.Count - 1} more");
        writer.WriteString("text", $"{FindingLevel.Of(findings[0]).ToUpperInvariant()}: {SlackText.Escape(findings[0].Title, MaxText)}{more}");
        writer.WriteStartArray("blocks");
        foreach (StoredFinding finding in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "section");
            writer.WriteStartObject("text");
            writer.WriteString("type", "mrkdwn");
            writer.WriteString("text", TextOf(finding));

            // Plain text stays so: no links are made of it, no mentions.
            writer.WriteBoolean("verbatim", true);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string TextOf(StoredFinding finding)
    {
        string sign = FindingLevel.Of(finding) switch
        {
            "critical" or "high" => ":red_circle:",
            "medium" => ":large_orange_circle:",
            _ => ":white_circle:",
        };
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{sign} *{FindingLevel.Of(finding)}* · {SlackText.Escape(finding.Title, MaxText)}\n{SlackText.Escape(finding.Message, MaxText)}\n");
        Add("cluster", finding.Cluster);
        Add("namespace", finding.Namespace);
        Add("user", finding.User);
        Add("from", finding.SourceIp);
        Add("count", finding.Count > 1 ? finding.Count.ToString(CultureInfo.InvariantCulture) : null);
        Add("id", finding.Id);
        return text.ToString().TrimEnd();

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                text.Append(CultureInfo.InvariantCulture, $"{name} {SlackText.Code(value, MaxValue)}  ");
            }
        }
    }
}
