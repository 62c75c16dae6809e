using System.Collections.Immutable;
using Vedette.Audit.Batches;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Findings;

/// <summary>What a detection rule says happened, with who did what to what. Texts are as in the event: escape them for where they are shown.</summary>
public sealed record Finding
{
    /// <summary>
    /// 32 hexadecimal digits: the first 128 bits of SHA-256 over rule id and the content of the first contributing event, so that a replay repeats nothing.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>Event time: stageTimestamp of the first contributing event; null when it has none that reads.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The rule that fired.</summary>
    public required DetectionRule Rule { get; init; }

    /// <summary>Name of the cluster, where known.</summary>
    public string? Cluster { get; init; }

    /// <summary>The effective user.</summary>
    public required FindingActor Actor { get; init; }

    /// <summary>Address the API server saw (the last of sourceIPs).</summary>
    public string? SourceIp { get; init; }

    /// <summary>userAgent, as claimed by the client.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The object acted upon; null for non-resource requests.</summary>
    public FindingTarget? Target { get; init; }

    /// <summary>verb of the event.</summary>
    public string? Verb { get; init; }

    /// <summary>requestURI, for requests that have no target.</summary>
    public string? RequestUri { get; init; }

    /// <summary>allow or forbid; null where the event does not say.</summary>
    public string? Decision { get; init; }

    /// <summary>HTTP status code; null where the event does not say.</summary>
    public int? Code { get; init; }

    /// <summary>The events that made it, in order; at most 100.</summary>
    public required ImmutableArray<FindingEvent> Events { get; init; }

    /// <summary>Where in the input the first contributing event stood, so that a person finds it again; null where that is not known.</summary>
    public EventOrigin? Origin { get; init; }

    /// <summary>How often it happened: number of requests.</summary>
    public int Count { get; init; } = 1;

    /// <summary>For a correlation: the values that the contributing events have in common, in the order of group-by. Empty for one group of all, and for rules on single events.</summary>
    public ImmutableArray<GroupValue> Group { get; init; } = [];

    /// <summary>For a correlation: from when to when it was; else null.</summary>
    public FindingWindow? Window { get; init; }

    /// <summary>For a correlation: the rules whose matches made it, in the order in which they first matched.</summary>
    public ImmutableArray<DetectionRule> Contributing { get; init; } = [];

    /// <summary>For a correlation: how many different users, targets and addresses the contributing events have; actor, target and source are those of the first that has them.</summary>
    public FindingSpread? Spread { get; init; }

    /// <summary>True when a contributing event came after its time had passed, so that its place in order is not certain.</summary>
    public bool IsLate { get; init; }

    /// <summary>One sentence for people: who did what to what, and how it ended.</summary>
    public required string Message { get; init; }

    /// <summary>Bytes of one of its events.</summary>
    internal const int EventSize = 200;

    /// <summary>Bytes that it takes, as <see cref="StateMemory"/> counts: texts that others have too in full, those of groups and rules not.</summary>
    internal int Size => 700 + StateMemory.SizeOf(Message) + StateMemory.SizeOf(RequestUri) + StateMemory.SizeOf(UserAgent) + StateMemory.SizeOf(Actor.User) + StateMemory.SizeOf(Target?.Name)
        + (EventSize * Events.Length) + (100 * Group.Length) + (8 * Contributing.Length);
}

/// <summary>The effective user of a finding.</summary>
/// <param name="User">The impersonated user where there is one, else user.username; empty for requests that failed to authenticate.</param>
/// <param name="Groups">Groups of that user.</param>
/// <param name="Impersonator">The real caller, where <paramref name="User"/> was acted as.</param>
public sealed record FindingActor(string User, ImmutableArray<string> Groups, string? Impersonator);

/// <summary>The object of a finding, from objectRef.</summary>
public sealed record FindingTarget(string Resource, string? Subresource, string? Namespace, string? Name, string? ApiGroup);

/// <summary>A contributing event.</summary>
public readonly record struct FindingEvent(string AuditId, string Stage);

/// <summary>A field by which a correlation groups, and its value.</summary>
public readonly record struct GroupValue(string Field, string Value);

/// <summary>From when to when a correlation was.</summary>
public sealed record FindingWindow(DateTimeOffset From, DateTimeOffset To);

/// <summary>How many different users, targets and addresses took part.</summary>
public sealed record FindingSpread(int Users, int Targets, int Sources);
