namespace Vedette.Platforms.ApiServer;

/// <summary>The files of a node: below a directory, which is <c>/</c> on the node itself, and those that a configuration brings along.</summary>
/// <param name="root">The directory; null where no node is at hand.</param>
/// <param name="observed">Has the files of the configuration.</param>
/// <param name="files">Reads.</param>
internal sealed class NodeFiles(string? root, ObservedApiServer observed, InputFiles files)
{
    /// <summary>Is this the running node, whose free space, modes and log are real?</summary>
    public bool IsLive => root is not null && Path.GetFullPath(root) == "/";

    /// <summary>Path on this machine of a path on the node; null when no node is at hand.</summary>
    public string? Local(string hostPath) => root is null ? null : Path.Combine(root, hostPath.TrimStart('/'));

    /// <summary>How to name a path of the node in an answer.</summary>
    public string Shown(string hostPath) => observed.InlineFiles.ContainsKey(hostPath) ? observed.File : Local(hostPath) ?? hostPath;

    /// <summary>The text of a file.</summary>
    /// <returns>False when it is not there; <paramref name="textOrWhy"/> then says why.</returns>
    public bool TryRead(string hostPath, out string textOrWhy)
    {
        if (observed.InlineFiles.TryGetValue(hostPath, out string? inline))
        {
            textOrWhy = inline;
            return true;
        }

        if (Local(hostPath) is { } path)
        {
            return files.TryReadText(path, out textOrWhy);
        }

        textOrWhy = "no node's files are at hand";
        return false;
    }

    /// <summary>Is the file one of a node, so that its absence is wrong and not merely unknown?</summary>
    public bool HasNode => root is not null;

    /// <summary>Permissions of a file or directory; null when there is none.</summary>
    public UnixFileMode? ModeOf(string hostPath) =>
        Local(hostPath) is { } path && (File.Exists(path) || Directory.Exists(path)) && !OperatingSystem.IsWindows() ? File.GetUnixFileMode(path) : null;
}
