using System.Security.Cryptography;
using Vedette.Audit.Events;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Findings;

/// <summary>
/// What one rule's match of one event adds to the findings. Made on any thread; <see cref="FindingCollector"/> joins those of one request. One that is in a room (<see cref="MatchRoom"/>) is packed: most are only
/// copied to where they wait.
/// </summary>
public readonly struct FindingPart
{
    private readonly Finding? _made;

    private FindingPart(UInt128 key, DetectionRule rule, Evidence evidence) => (Key, Rule, Evidence) = (key, rule, evidence);

    private FindingPart(UInt128 key, Finding finding) => (Key, Rule, _made) = (key, finding.Rule, finding);

    /// <summary>The finding, were this event alone.</summary>
    public Finding Finding => _made ?? Unpack(Evidence, Rule);

    /// <summary>What the stages of one request have in common.</summary>
    internal UInt128 Key { get; }

    /// <summary>The rule.</summary>
    internal DetectionRule Rule { get; }

    /// <summary>True when it has no finding yet.</summary>
    internal bool IsPacked => _made is null;

    /// <summary>What the finding is made of, where there is none yet.</summary>
    internal Evidence Evidence { get; }

    /// <summary>The finding of a packed part.</summary>
    internal static Finding Unpack(Evidence evidence, DetectionRule rule) => evidence.ToFinding(IdOf(evidence.Content), rule);

    /// <summary>A finding that was made before, to be joined with others of its request.</summary>
    internal static FindingPart Of(UInt128 key, Finding finding) => new(key, finding);

    /// <summary>Takes a match out of its batch.</summary>
    /// <param name="rule">The rule that matched.</param>
    /// <param name="cluster">Name of the cluster, for the finding.</param>
    /// <param name="view">The event.</param>
    /// <param name="room">Room for it, which must be dealt with before the room is used again; null when it is kept.</param>
    public static FindingPart Of(DetectionRule rule, string? cluster, in EventView view, MatchRoom? room = null)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        EventContent.Digest(rule.Id, view, digest);
        string? id = room is null || !RequestKey.IsKnown(view) ? IdOf(digest) : null;
        UInt128 key = RequestKey.Of(rule, view, id ?? "");
        return room is null ? new FindingPart(key, FindingBuilder.Build(id!, rule, cluster, view)) : new FindingPart(key, rule, Evidence.Of(view, cluster, digest, room));
    }

    private static string IdOf(ReadOnlySpan<byte> digest) => Convert.ToHexStringLower(digest[..16]);
}
