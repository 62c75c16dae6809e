using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Falco;

/// <summary>What verification of Falco looks at.</summary>
internal static class FalcoChecks
{
    public static Check Readable { get; } = new("VC6001", "The evidence can be read");

    public static Check Json { get; } = new("VC6002", "Alerts are JSON");

    public static Check Sent { get; } = new("VC6003", "Alerts are sent somewhere");

    public static Check Guarded { get; } = new("VC6004", "Alerts are sent encrypted, to an allowed place");

    public static Check OneReader { get; } = new("VC6005", "One pod reads audit events");

    public static Check Running { get; } = new("VC6006", "Falco's pods run");

    public static Check Commands { get; } = new("VC6007", "Commands name Falco's namespace and its labels");

    public static ImmutableArray<Check> All { get; } = [Readable, Json, Sent, Guarded, OneReader, Running, Commands];
}
