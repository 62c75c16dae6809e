using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Kubespray;

/// <summary>What verification looks at in an inventory, before it looks at the kube-apiserver that comes of it.</summary>
internal static class KubesprayChecks
{
    public static readonly Check Readable = new("VC2001", "The inventory can be read");
    public static readonly Check KnownVariables = new("VC2002", "Every variable about auditing exists in Kubespray");
    public static readonly Check SwitchedOn = new("VC2003", "Auditing is switched on");
    public static readonly Check Effective = new("VC2004", "Every variable about auditing has an effect");
    public static readonly Check RulesAreText = new("VC2005", "The custom rules are a text");
    public static readonly Check MountsMade = new("VC2006", "The mounts of auditing are made on every system");
    public static readonly Check VolumeNames = new("VC2007", "Volumes of one's own have names of their own");
    public static readonly Check ArgumentsOnce = new("VC2008", "Extra arguments repeat none of Kubespray's");
    public static readonly Check Result = new("VC2009", "What kube-apiserver gets");

    /// <summary>All of them.</summary>
    public static ImmutableArray<Check> All { get; } = [Readable, KnownVariables, SwitchedOn, Effective, RulesAreText, MountsMade, VolumeNames, ArgumentsOnce, Result];
}
