using System.Collections.Immutable;

namespace Vedette.Sources.Settings;

/// <summary>Files to follow.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Cluster">Name of the cluster that writes them.</param>
/// <param name="Paths">Files, directories, or patterns with <c>*</c>, <c>?</c> and <c>**</c>; absolute.</param>
/// <param name="From">Where to begin what is there when the source is read for the first time.</param>
/// <param name="Poll">How often to look for more.</param>
public sealed record FileSource(string Name, string Cluster, ImmutableArray<string> Paths, TailStart From, TimeSpan Poll);

/// <summary>Where to begin files that are there when their source is read for the first time. What comes later is read from its beginning.</summary>
public enum TailStart
{
    /// <summary>At the beginning of the oldest rotated file.</summary>
    Start,

    /// <summary>At the end.</summary>
    End,
}

/// <summary>Standard input as a source.</summary>
/// <param name="Name">Name of the source.</param>
/// <param name="Cluster">Name of the cluster whose events come.</param>
public sealed record StandardInputSource(string Name, string Cluster);

/// <summary>The section <c>sources</c> of the settings.</summary>
/// <param name="Files">Files to follow.</param>
/// <param name="StandardInput">Standard input; null when it is no source.</param>
public sealed record SourcesSettings(ImmutableArray<FileSource> Files, StandardInputSource? StandardInput)
{
    /// <summary>Do these say the same?</summary>
    public bool IsSame(SourcesSettings other) => StandardInput == other.StandardInput && Files.Length == other.Files.Length
        && Files.Zip(other.Files).All(pair => pair.First with { Paths = pair.Second.Paths } == pair.Second && pair.First.Paths.SequenceEqual(pair.Second.Paths, StringComparer.Ordinal));
}
