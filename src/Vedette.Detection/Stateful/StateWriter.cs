using System.Text.Json;
using Vedette.Detection.Correlations;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;

namespace Vedette.Detection.Stateful;

/// <summary>Writes the parts of a detector's state as JSON; <see cref="StateReader"/> reads them. Rules go by their id, matches that several windows share are written once.</summary>
internal sealed class StateWriter(Utf8JsonWriter writer, StatefulPlan plan)
{
    /// <summary>Version of the format. A state of another version is not read.</summary>
    public const int Version = 1;

    private readonly Dictionary<Finding, int> _evidence = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<OpenFinding, int> _open = new(ReferenceEqualityComparer.Instance);

    /// <summary>The findings that are open; windows refer to them by their place.</summary>
    public void WriteOpen(IEnumerable<OpenFinding> open)
    {
        writer.WriteStartArray("open");
        foreach (OpenFinding item in open)
        {
            _open.Add(item, _open.Count);
            writer.WriteStartObject();
            writer.WriteNumber("until", item.Until);
            writer.WriteBoolean("changed", item.HasChanged);
            if (item.Suppresses is { } suppresses)
            {
                writer.WriteString("rule", plan.Planned[suppresses.Place].Rule.Id);
                writer.WriteString("key", suppresses.Key);
            }

            writer.WriteStartArray("requests");
            foreach (UInt128 request in item.Requests)
            {
                writer.WriteStringValue(request.ToString("x32", null));
            }

            writer.WriteEndArray();
            writer.WritePropertyName("finding");
            Write(item.Finding);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>The windows of a correlation.</summary>
    public void Write(CorrelationState state)
    {
        writer.WriteStartObject();
        writer.WriteString("rule", state.Correlation.Rule.Attributes.Id);
        writer.WriteString("shape", state.Correlation.Shape);
        Write("unfinished", state.Unfinished);
        writer.WriteStartArray("groups");
        foreach (GroupWindow group in state.Groups)
        {
            writer.WriteStartObject();
            WriteTexts("values", group.Values);
            writer.WriteNumber("used", group.LastUsed);
            writer.WriteNumber("due", group.Due);
            writer.WriteNumber("quiet", group.QuietUntil);
            if (group.Open is { } open && _open.TryGetValue(open, out int place))
            {
                writer.WriteNumber("open", place);
            }

            writer.WriteStartArray("starts");
            foreach (long start in group.Starts)
            {
                writer.WriteNumberValue(start);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("entries");
            foreach (WindowEntry entry in group.Entries)
            {
                writer.WriteStartObject();
                writer.WriteNumber("input", entry.Input);
                WriteTexts("values", entry.Values);
                Write(entry.First);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>What was seen, longest unseen first.</summary>
    public void Write(string name, RecentSet set)
    {
        writer.WriteStartArray(name);
        foreach (RecentMember member in set.Members)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(member.Set);
            writer.WriteStringValue(member.Member);
            writer.WriteNumberValue(member.At);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private void Write(Occurrence occurrence)
    {
        writer.WriteString("rule", plan.Planned[occurrence.Place].Rule.Id);
        writer.WriteNumber("at", occurrence.At);
        writer.WriteString("request", occurrence.Request?.ToString("x32", null));
        writer.WriteBoolean("continues", occurrence.MayContinue);
        writer.WriteString("content", occurrence.Content);
        writer.WriteBoolean("late", occurrence.IsLate);
        writer.WritePropertyName("evidence");
        if (_evidence.TryGetValue(occurrence.Evidence, out int known))
        {
            writer.WriteNumberValue(known);
            return;
        }

        _evidence.Add(occurrence.Evidence, _evidence.Count);
        Write(occurrence.Evidence);
    }

    private void Write(Finding finding)
    {
        writer.WriteStartObject();
        writer.WriteString("id", finding.Id);
        writer.WriteString("rule", finding.Rule.Id);
        if (finding.Time is { } time)
        {
            writer.WriteString("time", time);
        }

        if (finding.Origin is { } origin)
        {
            writer.WriteStartArray("origin");
            writer.WriteStringValue(origin.Source);
            writer.WriteNumberValue(origin.Line);
            writer.WriteNumberValue(origin.Item);
            writer.WriteEndArray();
        }

        writer.WriteString("cluster", finding.Cluster);
        writer.WriteString("user", finding.Actor.User);
        WriteTexts("groups", finding.Actor.Groups);
        writer.WriteString("impersonator", finding.Actor.Impersonator);
        writer.WriteString("ip", finding.SourceIp);
        writer.WriteString("agent", finding.UserAgent);
        if (finding.Target is { } target)
        {
            WriteTexts("target", [target.Resource, target.Subresource, target.Namespace, target.Name, target.ApiGroup]);
        }

        writer.WriteString("verb", finding.Verb);
        writer.WriteString("uri", finding.RequestUri);
        writer.WriteString("decision", finding.Decision);
        if (finding.Code is { } code)
        {
            writer.WriteNumber("code", code);
        }

        WriteTexts("events", finding.Events.SelectMany(item => new[] { item.AuditId, item.Stage }));
        writer.WriteNumber("count", finding.Count);
        WriteTexts("group", finding.Group.SelectMany(member => new[] { member.Field, member.Value }));
        if (finding.Window is { } window)
        {
            writer.WriteString("from", window.From);
            writer.WriteString("to", window.To);
        }

        WriteTexts("contributing", finding.Contributing.Select(rule => rule.Id));
        if (finding.Spread is { } spread)
        {
            writer.WriteStartArray("spread");
            writer.WriteNumberValue(spread.Users);
            writer.WriteNumberValue(spread.Targets);
            writer.WriteNumberValue(spread.Sources);
            writer.WriteEndArray();
        }

        writer.WriteBoolean("late", finding.IsLate);
        writer.WriteString("message", finding.Message);
        writer.WriteEndObject();
    }

    private void WriteTexts(string name, IEnumerable<string?> texts)
    {
        writer.WriteStartArray(name);
        foreach (string? text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
