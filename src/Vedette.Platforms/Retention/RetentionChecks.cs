using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Retention;

/// <summary>What verification of retention looks at.</summary>
internal static class RetentionChecks
{
    public static Check Readable { get; } = new("VC8001", "The evidence can be read");

    public static Check Kept { get; } = new("VC8002", "A store keeps events as long as the framework asks");

    public static Check AtHand { get; } = new("VC8003", "The latest events are searchable at once");

    public static Check Locked { get; } = new("VC8004", "Nothing can be deleted before");

    public static ImmutableArray<Check> All { get; } = [Readable, Kept, AtHand, Locked];
}
