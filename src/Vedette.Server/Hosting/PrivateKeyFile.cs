namespace Vedette.Server.Hosting;

/// <summary>Who may read the file of the server's private key.</summary>
public static class PrivateKeyFile
{
    /// <summary>Its owner, and a group that is given it on purpose.</summary>
    private const UnixFileMode Narrow = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>
    /// What is wrong with the file's mode; null when nothing is, or it cannot be told. It is a warning and no refusal: a mounted Secret of Kubernetes is 0644 unless its volume says otherwise, in a place that nobody else sees.
    /// </summary>
    /// <param name="path">The file, or a link to it.</param>
    public static string? Warning(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        try
        {
            FileInfo named = new(path);
            UnixFileMode mode = (named.ResolveLinkTarget(returnFinalTarget: true) ?? named).UnixFileMode;
            return (mode & ~Narrow) == UnixFileMode.None
                ? null
                : $"{path} has mode 0{Convert.ToString((int)mode, 8)}: others than its owner may read or change the private key; chmod 0600, or 0640 for a group (a Secret that is mounted: defaultMode: 0400)";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What cannot be read is said when it is read.
            return null;
        }
    }
}
