using Microsoft.Win32.SafeHandles;

namespace Vedette.Sources.Tailing;

/// <summary>The files that are followed: the seam under which tests take permissions away. Every call may throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
internal interface ITailFiles
{
    /// <summary>Names of what is in a directory, in no order; none when there is no such directory.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Facts about a file, links followed; null when there is none.</summary>
    FileFacts? Look(string path);

    /// <summary>Facts about an open file.</summary>
    FileFacts Look(SafeFileHandle handle);

    /// <summary>Opens a file for reading, whoever else writes, renames or deletes it.</summary>
    SafeFileHandle Open(string path);

    /// <summary>Number of the user this process acts as.</summary>
    uint User { get; }
}
