using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Vedette.Documents.Settings;

namespace Vedette.Sources.Settings;

/// <summary>Reads the section <c>sources</c> of the settings.</summary>
public static partial class SourcesReader
{
    /// <summary>Most file sources.</summary>
    public const int MaxSources = 256;

    /// <summary>Most paths of a source.</summary>
    public const int MaxPaths = 1024;

    /// <summary>How often files are looked at unless said otherwise.</summary>
    public static readonly TimeSpan DefaultPoll = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan s_leastPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_mostPoll = TimeSpan.FromMinutes(1);

    /// <summary>Reads it; what is wrong is told to the reader's context.</summary>
    /// <param name="root">The whole file.</param>
    public static SourcesSettings Read(SettingsReader root)
    {
        SettingsReader section = root.Section("sources");
        HashSet<string> names = new(StringComparer.Ordinal);
        ImmutableArray<SettingsReader> files = section.Sections("files");
        if (files.Length > MaxSources)
        {
            section.Wrong("files", $"at most {MaxSources} sources; a source can have many paths");
        }

        ImmutableArray<FileSource> sources = [.. files.Take(MaxSources).Select(file => ReadFiles(file, names))];
        StandardInputSource? standardInput = null;
        SettingsReader input = section.Section("stdin");
        if (input.Exists)
        {
            standardInput = new StandardInputSource(ReadName(input, "stdin", names), ReadCluster(input));
            input.Complete();
        }

        section.Complete();
        return new SourcesSettings(sources, standardInput);
    }

    private static FileSource ReadFiles(SettingsReader reader, HashSet<string> names)
    {
        string name = ReadName(reader, null, names);
        string cluster = ReadCluster(reader);
        ImmutableArray<string> paths = [.. reader.Texts("paths").Select(path => FullPath(reader, path))];
        if (paths.Length is 0 or > MaxPaths)
        {
            reader.Wrong("paths", paths.Length == 0 ? "name at least one file, directory or pattern, such as /var/log/kubernetes/audit/audit.log" : $"at most {MaxPaths}");
            paths = [.. paths.Take(MaxPaths)];
        }

        TailStart from = reader.Choice("from", "start", "start", "end") == "end" ? TailStart.End : TailStart.Start;
        TimeSpan poll = reader.Duration("poll", DefaultPoll, s_leastPoll, s_mostPoll);
        reader.Complete();
        return new FileSource(name, cluster, paths, from, poll);
    }

    private static string ReadName(SettingsReader reader, string? otherwise, HashSet<string> names)
    {
        string name = otherwise is not null && reader["name"] is null ? otherwise : reader.Required("name");
        if (name.Length > 0 && !SourceName().IsMatch(name))
        {
            reader.Wrong("name", "a name has 1 to 80 letters, digits, dots, dashes and underscores");
        }
        else if (name.Length > 0 && !names.Add(name))
        {
            reader.Wrong("name", $"there is another source {name}; how far it was read is kept by its name");
        }

        return name;
    }

    private static string ReadCluster(SettingsReader reader)
    {
        string cluster = reader.Required("cluster");
        if (cluster.Length > 0 && !ClusterName.IsValid(cluster))
        {
            reader.Wrong("cluster", $"'{cluster}' is no name of a cluster: {ClusterName.Rule}");
        }

        return cluster;
    }

    private static string FullPath(SettingsReader reader, string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            reader.Wrong("paths", "a path is empty or holds a zero");
            return "/";
        }

        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(reader.Context.File))!));
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,80}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SourceName();
}
