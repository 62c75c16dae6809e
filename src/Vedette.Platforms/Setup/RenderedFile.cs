namespace Vedette.Platforms.Setup;

/// <summary>A file that setup writes.</summary>
/// <param name="Path">Below the output directory, with slashes.</param>
/// <param name="Content">Its text.</param>
/// <param name="Purpose">What it is, in a few words.</param>
/// <param name="Mode">Its permissions.</param>
public sealed record RenderedFile(string Path, string Content, string Purpose, UnixFileMode Mode = RenderedFile.Readable)
{
    /// <summary>The permissions as chmod takes them: <c>0644</c>.</summary>
    public string OctalMode => Octal(Mode);

    /// <summary>Permissions as chmod takes them.</summary>
    public static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');

    /// <summary>0644.</summary>
    public const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>0600: credentials.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>0755: scripts.</summary>
    public const UnixFileMode Executable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
}
