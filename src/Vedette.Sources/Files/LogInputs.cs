using Vedette.Sources.Tailing;

namespace Vedette.Sources.Files;

/// <summary>Finds the inputs behind what a person names: files, directories, <c>-</c>.</summary>
public static class LogInputs
{
    /// <summary>Deepest nesting of directories looked into; the provider's trees have about twelve levels.</summary>
    public const int MaxDepth = 32;

    /// <summary>
    /// The inputs in the order to read them. A directory gives all regular files in it and below, by name; of log files that are rotated (<see cref="RotatedName"/>)
    /// first the rotated ones in order of age and then the live one, and of a file that is there both plain and
    /// compressed, which is so while it is being compressed, the plain one.
    /// </summary>
    /// <exception cref="IOException">A path does not exist or cannot be listed; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">A directory may not be listed.</exception>
    public static IEnumerable<LogInput> Find(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            if (path == LogInput.StandardInput)
            {
                yield return new LogInput(path, null);
            }
            else if (Directory.Exists(path))
            {
                foreach (LogInput input in InDirectory(new DirectoryInfo(path), 0))
                {
                    yield return input;
                }
            }
            else if (File.Exists(path))
            {
                FileInfo file = new(path);
                yield return new LogInput(path, file.Attributes.HasFlag(FileAttributes.Device) ? null : file.Length);
            }
            else
            {
                throw new FileNotFoundException($"{path}: no such file or directory", path);
            }
        }
    }

    private static IEnumerable<LogInput> InDirectory(DirectoryInfo directory, int depth)
    {
        FileSystemInfo[] entries = [.. directory.EnumerateFileSystemInfos().OrderBy(entry => SortKey(entry.Name), StringComparer.Ordinal)];
        HashSet<string> names = entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        foreach (FileSystemInfo entry in entries)
        {
            // Links to directories are not followed, so that no link leads round in a circle; links to files are.
            if (entry is DirectoryInfo { LinkTarget: null } inner && depth < MaxDepth)
            {
                foreach (LogInput input in InDirectory(inner, depth + 1))
                {
                    yield return input;
                }
            }
            else if (entry is FileInfo { Exists: true } file && !IsBeingCompressed(file.Name, names))
            {
                yield return new LogInput(Path.Combine(directory.ToString(), file.Name), file.Length);
            }
        }
    }

    private static bool IsBeingCompressed(string name, HashSet<string> names) =>
        RotatedName.Of(name) is { IsRotated: true, IsPacked: true } && names.Contains(Path.GetFileNameWithoutExtension(name));

    /// <summary>Rotated files by age before the live one.</summary>
    private static string SortKey(string name)
    {
        RotatedName rotated = RotatedName.Of(name);
        return $"{rotated.Base}\u0000{rotated.Order}\u0000{name}";
    }
}
