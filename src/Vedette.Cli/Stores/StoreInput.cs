using System.Globalization;
using Vedette.Sources.Files;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Cli.Stores;

/// <summary>The events of a data directory as an input to read from. A server may be writing it.</summary>
internal sealed class StoreInput
{
    private readonly Terminal _terminal;
    private readonly StoreFiles _files;
    private readonly SortedSet<string> _others = new(StringComparer.Ordinal);

    private StoreInput(Terminal terminal, string directory, string? cluster)
    {
        _terminal = terminal;
        _files = new StoreFiles(directory);
        Cluster = cluster;
    }

    /// <summary>The cluster whose events are read; null for all.</summary>
    public string? Cluster { get; private init; }

    /// <summary>Clusters whose events were left aside although nobody asked for one cluster.</summary>
    public IReadOnlyCollection<string> Others => _others;

    /// <summary>The input.</summary>
    public LogInput Input => new(_files.Directory, null) { Content = () => new EventLineStream(OpenReader(), IsWanted) };

    private bool IsOneOfMany { get; init; }

    /// <summary>Events of one cluster, or of all.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no data directory of that name.</exception>
    public static StoreInput Of(Terminal terminal, string directory, string? cluster)
    {
        Require(directory);
        return new StoreInput(terminal, directory, cluster);
    }

    /// <summary>Events of one cluster: the one named, or else that of the first event.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no data directory of that name.</exception>
    public static StoreInput OfOne(Terminal terminal, string directory, string? cluster)
    {
        StoreInput all = Of(terminal, directory, cluster);
        if (cluster is not null)
        {
            return all;
        }

        using JournalReader reader = all.OpenReader();
        return new StoreInput(terminal, directory, reader.TryRead(out JournalRecord first) ? EventLabel.Read(first.Label)?.Cluster : null) { IsOneOfMany = true };
    }

    /// <summary>Complains where there is no data directory.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static StoreFiles Require(string directory)
    {
        StoreFiles files = new(directory);
        return Directory.Exists(files.Events) ? files : throw new DirectoryNotFoundException($"{directory}: no data directory of vedette with events in it; name the one that events are collected in (--data DIR)");
    }

    /// <summary>Says what is damaged.</summary>
    public static void Warn(Terminal terminal, JournalDamage damage) => terminal.Error.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"vedette: {damage.File}: bytes {damage.From} to {damage.To} are damaged; {damage.Records} records were there"));

    private JournalReader OpenReader() => JournalReader.Open(LinuxFileSystem.Instance, _files.Events, 0, damage => Warn(_terminal, damage));

    private bool IsWanted(ReadOnlySpan<byte> label)
    {
        string? cluster = EventLabel.Read(label)?.Cluster;
        bool isWanted = Cluster is null || cluster == Cluster;
        if (!isWanted && IsOneOfMany && cluster is not null)
        {
            _others.Add(cluster);
        }

        return isWanted;
    }
}
