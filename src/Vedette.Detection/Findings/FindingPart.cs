using System.Security.Cryptography;
using Vedette.Audit.Events;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Findings;

/// <summary>What one rule's match of one event adds to the findings. Made on any thread; <see cref="FindingCollector"/> joins those of one request.</summary>
public sealed class FindingPart
{
    private FindingPart(UInt128 key, Finding finding) => (Key, Finding) = (key, finding);

    /// <summary>The finding, were this event alone.</summary>
    public Finding Finding { get; }

    /// <summary>What the stages of one request have in common.</summary>
    internal UInt128 Key { get; }

    /// <summary>A finding that was made before, to be joined with others of its request.</summary>
    internal static FindingPart Of(UInt128 key, Finding finding) => new(key, finding);

    /// <summary>Takes a match out of its batch.</summary>
    /// <param name="rule">The rule that matched.</param>
    /// <param name="cluster">Name of the cluster, for the finding.</param>
    /// <param name="view">The event.</param>
    public static FindingPart Of(DetectionRule rule, string? cluster, in EventView view)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        EventContent.Digest(rule.Id, view, digest);
        string id = Convert.ToHexStringLower(digest[..16]);
        return new FindingPart(RequestKey.Of(rule, view, id), FindingBuilder.Build(id, rule, cluster, view));
    }
}
