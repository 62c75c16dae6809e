using System.Collections.Frozen;
using System.Collections.Immutable;
using Vedette.Platforms.Verification;
using Vedette.Policy.Loading;

namespace Vedette.Platforms.ApiServer;

/// <summary>A flag as somebody wrote it.</summary>
/// <param name="Name">Without dashes.</param>
/// <param name="Value">Its value.</param>
/// <param name="Place">Where.</param>
/// <param name="IsNoText">Is it a number or a boolean where only texts are taken?</param>
internal readonly record struct ObservedFlag(string Name, string Value, Place Place, bool IsNoText = false);

/// <summary>What a kube-apiserver gets, wherever that is written: the counterpart of <see cref="AuditPlan"/>.</summary>
internal sealed record ObservedApiServer
{
    /// <summary>The file it is written in.</summary>
    public required string File { get; init; }

    /// <summary>Audit flags, in order; of two with one name the last counts.</summary>
    public required ImmutableArray<ObservedFlag> Flags { get; init; }

    /// <summary>hostPath mounts; null where kube-apiserver sees the node's files as they are.</summary>
    public ImmutableArray<HostMount>? Mounts { get; init; }

    /// <summary>Names of volumes as they stand there; each must be there once.</summary>
    public ImmutableArray<string> VolumeNames { get; init; } = [];

    /// <summary>Files that the same text brings onto the node, by path on the node.</summary>
    public FrozenDictionary<string, string> InlineFiles { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Is there no directory of the node that kube-apiserver could write a log to, so that standard output is all there is?</summary>
    public bool HasOnlyStandardOutput { get; init; }

    /// <summary>Hash of the policy in the pod's annotation; null when there is none.</summary>
    public string? PolicyHash { get; init; }

    /// <summary>The flag that counts; null when it is not given.</summary>
    public ObservedFlag? Flag(string name) => Flags.LastOrDefault(flag => flag.Name == name) is { Name: not null } found ? found : null;

    /// <summary>The value that counts: as given, else the default.</summary>
    public string Value(string name, KubernetesVersion version) => Flag(name)?.Value ?? AuditFlag.All[name].DefaultIn(version);

    /// <summary>Place of a flag, or of the whole file.</summary>
    public Place PlaceOf(string name) => Flag(name)?.Place ?? new Place(File);

    /// <summary>Where a path of kube-apiserver is on the node; null when its container does not see it from the node.</summary>
    public string? OnHost(string path) => Mounts is null ? path : MountOf(path)?.OnHost(path);

    /// <summary>The mount through which the container sees a path: the most exact one.</summary>
    public HostMount? MountOf(string path) => Mounts?.Where(mount => mount.Covers(path)).MaxBy(mount => mount.MountPath.Length);
}
