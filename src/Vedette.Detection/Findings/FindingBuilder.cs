using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Findings;

/// <summary>Tells a finding from the event that made it: who did what to what, from where, and how it ended.</summary>
internal static class FindingBuilder
{
    /// <summary>Longest text taken over from an event, in characters.</summary>
    public const int MaxTextLength = 1024;

    /// <summary>Most groups of the actor kept.</summary>
    public const int MaxGroups = 64;

    /// <summary>Builds a finding of one event.</summary>
    public static Finding Build(string id, DetectionRule rule, string? cluster, in EventView view)
    {
        bool acted = Actor.HasImpersonatedUser(view);
        string user = Text(view[acted ? AuditField.ImpersonatedUserName : AuditField.UserName]) ?? "";
        FindingActor actor = new(
            user, Texts(view[acted ? AuditField.ImpersonatedUserGroups : AuditField.UserGroups]), acted ? Text(view[AuditField.UserName]) : null);
        FindingTarget? target = view[AuditField.ObjectRef].Kind == JsonKind.Object
            ? new FindingTarget(
                Text(view[AuditField.ObjectResource]) ?? "", Text(view[AuditField.ObjectSubresource]), Text(view[AuditField.ObjectNamespace]),
                Text(view[AuditField.ObjectName]), Text(view[AuditField.ObjectApiGroup]))
            : null;
        Finding finding = new()
        {
            Id = id,
            Time = EventTime.Of(view),
            Rule = rule,
            Cluster = cluster,
            Actor = actor,
            SourceIp = Text(SourceAddress.Of(view)),
            UserAgent = Text(view[AuditField.UserAgent]),
            Target = target,
            Verb = Text(view[AuditField.Verb]),
            RequestUri = RequestPathOf(view),
            Decision = Text(view[AuditField.Decision]),
            Code = Outcome.Code(view),
            Events = [Event(view)],
            Origin = view.Origin,
            Message = "",
        };
        return finding with { Message = FindingMessage.Of(finding) };
    }

    /// <summary>The auditID and stage of an event.</summary>
    public static FindingEvent Event(in EventView view) => new(Text(view[AuditField.AuditId]) ?? "", Text(view[AuditField.Stage]) ?? "");

    /// <summary>The URI without its query, in which clients put commands and tokens.</summary>
    internal static string? RequestPathOf(in EventView view) =>
        Text(view[AuditField.RequestUri]) is { } uri ? uri.IndexOf('?', StringComparison.Ordinal) is >= 0 and var query ? uri[..query] : uri : null;

    /// <summary>A value's text, cut where it is too long; null for null and missing.</summary>
    internal static string? Text(JsonValue value) => RepeatedTexts.Instance.Of(value) is { } text
        ? text.Length <= MaxTextLength ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength), "…")
        : null;

    /// <summary>The texts of a list, at most <see cref="MaxGroups"/>.</summary>
    internal static ImmutableArray<string> Texts(JsonValue list)
    {
        if (list.Kind != JsonKind.Array)
        {
            return [];
        }

        if (RepeatedTexts.Instance.ListOf(list.Raw) is { } known)
        {
            return known;
        }

        ImmutableArray<string>.Builder texts = ImmutableArray.CreateBuilder<string>();
        foreach (JsonValue item in list.Elements())
        {
            if (texts.Count == MaxGroups)
            {
                texts.Add("…");
                break;
            }

            if (Text(item) is { } text)
            {
                texts.Add(text);
            }
        }

        ImmutableArray<string> all = texts.DrainToImmutable();
        RepeatedTexts.Instance.Keep(list.Raw, all);
        return all;
    }
}
