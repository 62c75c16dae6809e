namespace Vedette.Storage.Files;

/// <summary>A file that is replaced as a whole: after a failure or a loss of power at any moment it holds what was there before or all of the new.</summary>
public static class WholeFile
{
    /// <summary>What the name of a file that is being written ends with. One that is left over means nothing.</summary>
    internal const string Unfinished = ".new";

    /// <summary>EINVAL: what fsync answers for files that have no disk below them.</summary>
    private const int NotSynchronisable = 22;

    /// <summary>Replaces the content; durable when it returns.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">Where it is. Its directory is made if need be.</param>
    /// <param name="content">The content.</param>
    /// <exception cref="IOException">It cannot be stored.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be stored.</exception>
    public static void Replace(IFileSystem files, string path, ReadOnlySpan<byte> content)
    {
        using IFile file = Begin(files, path);
        file.Write(content, 0);
        End(files, path, file);
    }

    /// <summary>Begins to write the new content; <see cref="End"/> puts it in place.</summary>
    internal static IFile Begin(IFileSystem files, string path)
    {
        string directory = Path.GetDirectoryName(path)!;
        files.CreateDirectory(directory);
        string unfinished = path + Unfinished;
        if (files.Exists(unfinished))
        {
            files.Delete(unfinished);
        }

        return files.Create(unfinished, 0);
    }

    /// <summary>Makes what was written durable and puts it in place. Closes the file.</summary>
    internal static void End(IFileSystem files, string path, IFile file)
    {
        file.Sync();
        file.Dispose();
        files.Move(path + Unfinished, path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The content; null when there is no such file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[]? Read(IFileSystem files, string path)
    {
        if (!files.Exists(path))
        {
            return null;
        }

        using IFile file = files.Open(path, forWriting: false);
        byte[] bytes = new byte[file.Length];
        return bytes[..file.Read(bytes, 0)];
    }

    /// <summary>
    /// Makes durable that a file which was found is there: a process that ended before it had done so may have left its name in the kernel's memory only. For files that what comes later depends on.
    /// A directory that may not be looked into, that nobody can write to, or that cannot be synchronised is not ours, and left as it is.
    /// </summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">Where the file is.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public static void Keep(IFileSystem files, string path)
    {
        try
        {
            files.SyncDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception exception) when (StoreProblem.IsOfDisk(exception) && (exception.HResult == NotSynchronisable || StoreProblem.Of(exception).Kind is StoreProblemKind.NoPermission or StoreProblemKind.ReadOnly))
        {
            // Somebody else put it there.
        }
    }
}
