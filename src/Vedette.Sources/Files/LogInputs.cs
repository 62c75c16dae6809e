using System.Text.RegularExpressions;

namespace Vedette.Sources.Files;

/// <summary>Finds the inputs behind what a person names: files, directories, <c>-</c>.</summary>
public static partial class LogInputs
{
    /// <summary>Deepest nesting of directories looked into; the provider's trees have about twelve levels.</summary>
    public const int MaxDepth = 32;

    /// <summary>
    /// The inputs in the order to read them. A directory gives all regular files in it and below, by name; of kube-apiserver's log files (lumberjack's
    /// <c>audit-2026-11-23T03-57-36.863.log</c>, perhaps <c>.gz</c>) first the rotated ones in order and then the live one, and of a file that is there both plain and
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
        Rotated().Match(name) is { Success: true } match && match.Groups["packed"].Success && names.Contains(name[..^match.Groups["packed"].Length]);

    /// <summary>Rotated files by time before the live one, which has the same name without a time.</summary>
    private static string SortKey(string name)
    {
        Match match = Rotated().Match(name);
        return match.Success
            ? $"{match.Groups["prefix"]}{match.Groups["extension"]}\u0000{match.Groups["time"]}"
            : name + "\u0001";
    }

    [GeneratedRegex(
        @"^(?<prefix>.*)-(?<time>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})(?<extension>\.(?!gz\b|zst\b)[^.]*)?(?<packed>\.gz|\.zst)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Rotated();
}
