using System.IO.Enumeration;

namespace Vedette.Sources.Tailing;

/// <summary>
/// A path that may stand for many files: <c>*</c> and <c>?</c> within a name, <c>**</c> for any number of directories, a directory for all files in it and below. Hidden files and directories are left out
/// unless named; links to directories are not followed by <c>**</c> and below directories, so that none leads round in a circle.
/// </summary>
internal static class PathPattern
{
    /// <summary>Deepest nesting of directories looked into.</summary>
    public const int MaxDepth = 16;

    /// <summary>Has it wildcards?</summary>
    public static bool IsPattern(string path) => path.AsSpan().IndexOfAny('*', '?') >= 0;

    /// <summary>The files it stands for, which need not be there where it has no wildcards; at most this many.</summary>
    /// <exception cref="IOException">A directory cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">A directory may not be listed.</exception>
    public static IEnumerable<string> Expand(string pattern, int most)
    {
        if (!IsPattern(pattern))
        {
            return Directory.Exists(pattern) ? Below(pattern, 0).Take(most) : [pattern];
        }

        string root = Path.GetPathRoot(pattern) ?? "/";
        string[] segments = pattern[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        return Match(root, segments, 0).Take(most);
    }

    private static IEnumerable<string> Match(string directory, ReadOnlyMemory<string> segments, int depth)
    {
        string segment = segments.Span[0];
        ReadOnlyMemory<string> rest = segments[1..];
        if (!IsPattern(segment))
        {
            string next = Path.Combine(directory, segment);
            return rest.IsEmpty ? (File.Exists(next) ? [next] : []) : Match(next, rest, depth);
        }

        if (segment == "**")
        {
            return (rest.IsEmpty ? Below(directory, depth) : Match(directory, rest, depth))
                .Concat(rest.IsEmpty || depth >= MaxDepth ? [] : Entries(directory).OfType<DirectoryInfo>().Where(IsPlain).SelectMany(inner => Match(inner.FullName, segments, depth + 1)));
        }

        IEnumerable<FileSystemInfo> matching = Entries(directory)
            .Where(entry => FileSystemName.MatchesSimpleExpression(segment, entry.Name, ignoreCase: false) && (!entry.Name.StartsWith('.') || segment.StartsWith('.')));
        return rest.IsEmpty
            ? matching.OfType<FileInfo>().Select(file => file.FullName)
            : matching.OfType<DirectoryInfo>().SelectMany(inner => Match(inner.FullName, rest, depth));
    }

    private static IEnumerable<string> Below(string directory, int depth)
    {
        foreach (FileSystemInfo entry in Entries(directory))
        {
            if (entry is FileInfo && !entry.Name.StartsWith('.'))
            {
                yield return entry.FullName;
            }
            else if (entry is DirectoryInfo inner && IsPlain(inner) && depth < MaxDepth)
            {
                foreach (string path in Below(inner.FullName, depth + 1))
                {
                    yield return path;
                }
            }
        }
    }

    private static bool IsPlain(DirectoryInfo directory) => directory.LinkTarget is null && !directory.Name.StartsWith('.');

    private static FileSystemInfo[] Entries(string directory)
    {
        DirectoryInfo info = new(directory);
        return info.Exists ? [.. info.EnumerateFileSystemInfos().OrderBy(entry => entry.Name, StringComparer.Ordinal)] : [];
    }
}
