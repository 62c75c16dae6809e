namespace Vedette.Platforms.ApiServer;

/// <summary>A path of the node that kube-apiserver's container sees.</summary>
/// <param name="Name">Name of the volume.</param>
/// <param name="HostPath">On the node.</param>
/// <param name="MountPath">In the container.</param>
/// <param name="IsReadOnly">Can the container not write there?</param>
/// <param name="Type">Type of the hostPath volume: <c>File</c>, <c>DirectoryOrCreate</c>; empty for none.</param>
internal sealed record HostMount(string Name, string HostPath, string MountPath, bool IsReadOnly, string Type)
{
    /// <summary>Does the container see this path of its own through the mount?</summary>
    public bool Covers(string path) => path == MountPath || path.StartsWith(MountPath.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Where a path of the container is on the node.</summary>
    public string OnHost(string path) => HostPath.TrimEnd('/') + path[MountPath.TrimEnd('/').Length..];
}
