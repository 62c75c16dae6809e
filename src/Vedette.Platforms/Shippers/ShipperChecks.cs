using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Shippers;

/// <summary>What verification of shippers looks at.</summary>
internal static class ShipperChecks
{
    public static Check Readable { get; } = new("VC7001", "The evidence can be read");

    public static Check Output { get; } = new("VC7002", "The shipper has the output that is configured");

    public static Check Lines { get; } = new("VC7003", "Long events are not cut or thrown away");

    public static Check Position { get; } = new("VC7004", "A restart neither loses nor repeats");

    public static Check Kept { get; } = new("VC7005", "What cannot be sent is kept and sent again");

    public static Check Unchanged { get; } = new("VC7006", "Nothing is added to the event");

    public static Check Encrypted { get; } = new("VC7007", "Events travel encrypted");

    public static Check Residency { get; } = new("VC7008", "Events go to allowed places");

    public static Check Rights { get; } = new("VC7009", "The log stays unreadable to others");

    public static ImmutableArray<Check> All { get; } = [Readable, Output, Lines, Position, Kept, Unchanged, Encrypted, Residency, Rights];
}
