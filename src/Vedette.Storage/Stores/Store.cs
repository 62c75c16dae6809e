using System.Security.Cryptography;
using Vedette.Audit.Redaction;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;

namespace Vedette.Storage.Stores;

/// <summary>
/// A data directory: the journal of events, what was quarantined, findings, cursors of consumers, snapshots of state. One process has it open; others may read its files (<see cref="StoreFiles"/>).
/// </summary>
public sealed class Store : IAsyncDisposable
{
    private readonly IDisposable _lock;
    private readonly byte[] _redactionKey;
    private readonly RedactionOptions? _redaction;
    private readonly byte[] _identityKey;

    private Store(IFileSystem files, StoreFiles paths, StoreKey key, StoreOptions options, TimeProvider time, IDisposable exclusive)
    {
        _lock = exclusive;
        _redactionKey = key.Derive("redaction");
        _redaction = options.Redaction;
        _identityKey = key.Derive("identity");
        Events = Journal.Open(files, paths.Events, options.Journal with { RecentBytes = options.RecentBytes }, time);
        Quarantine = Journal.Open(files, paths.Quarantine, options.Journal with { IdentityWindow = options.QuarantineWindow }, time);
        Findings = Journal.Open(files, paths.Findings, options.Journal with { IdentityWindow = options.FindingWindow }, time);
        Cursors = new Cursors(files, paths.Cursors);
        Snapshots = new Snapshots(files, paths.Snapshots);
    }

    /// <summary>Events, redacted; labels are <see cref="EventLabel"/>.</summary>
    public Journal Events { get; }

    /// <summary>Input that was no event, masked; labels are <see cref="QuarantineLabel"/>.</summary>
    public Journal Quarantine { get; }

    /// <summary>Findings: records that the store does not look into, each id once.</summary>
    public Journal Findings { get; }

    /// <summary>How far consumers have come.</summary>
    public Cursors Cursors { get; }

    /// <summary>Saved states.</summary>
    public Snapshots Snapshots { get; }

    /// <summary>Opens a data directory, or begins one.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="directory">The data directory.</param>
    /// <param name="key">Its key.</param>
    /// <param name="options">Options.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="IOException">The disk fails, or another process has the directory open.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be read or written.</exception>
    /// <exception cref="InvalidDataException">The key is not that of the directory, or what is in it is of a newer version.</exception>
    public static Store Open(IFileSystem files, string directory, StoreKey key, StoreOptions options, TimeProvider time)
    {
        StoreFiles paths = new(directory);
        files.CreateDirectory(directory);
        IDisposable exclusive = files.Lock(paths.Lock);
        try
        {
            CheckKey(files, directory, key);

            // What a process that ended early left in it may be in the kernel's memory only: what is built on it must not outlive it.
            files.SyncDirectory(directory);
            return new Store(files, paths, key, options, time, exclusive);
        }
        catch
        {
            exclusive.Dispose();
            throw;
        }
    }

    /// <summary>What a source's deliveries are gathered in. One for each thread that receives.</summary>
    public EventRecords CreateRecords() => new(new Redactor(_redactionKey, _redaction), new EventIdentity(_identityKey));

    /// <summary>Does on this thread what can be done before a delivery, or a part of one, is appended.</summary>
    /// <param name="records">What it brought; to be appended, or forgotten.</param>
    public void Prepare(EventRecords records)
    {
        records.Identify();
        Events.Prepare(records.Events);
    }

    /// <summary>Makes a delivery durable: its events, and what was none.</summary>
    /// <param name="parts">The delivery, in parts that follow each other; untouched until this returns.</param>
    /// <param name="cancellation">Heeded before anything of it is queued; from then on it cannot be called back.</param>
    /// <returns>What became of its events. Only when all is durable may the source be told so.</returns>
    public async ValueTask<AppendResult> AppendAsync(EventRecords[] parts, CancellationToken cancellation)
    {
        // Once for both: one of them alone would be half a delivery.
        cancellation.ThrowIfCancellationRequested();
        foreach (EventRecords part in parts)
        {
            part.Identify();
        }

        ValueTask<AppendResult> quarantine = Quarantine.AppendAsync(Array.ConvertAll(parts, part => part.Quarantined), CancellationToken.None);
        AppendResult events = await Events.AppendAsync(Array.ConvertAll(parts, part => part.Events), CancellationToken.None);
        AppendResult quarantined = await quarantine;
        return events.IsDurable ? events with { Problem = quarantined.Problem } : events;
    }

    /// <summary>Makes a delivery of one part durable.</summary>
    /// <inheritdoc cref="AppendAsync(EventRecords[], CancellationToken)"/>
    /// <param name="records">The delivery; untouched until this returns.</param>
    /// <param name="cancellation">Heeded before anything of it is queued; from then on it cannot be called back.</param>
    public ValueTask<AppendResult> AppendAsync(EventRecords records, CancellationToken cancellation) => AppendAsync([records], cancellation);

    /// <summary>Stores what waits, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await Events.DisposeAsync();
        await Quarantine.DisposeAsync();
        await Findings.DisposeAsync();
        _lock.Dispose();
    }

    /// <summary>Under another key equal values would look different and the same event would be stored twice, unnoticed.</summary>
    private static void CheckKey(IFileSystem files, string directory, StoreKey key)
    {
        byte[] check = key.Derive("check");
        byte[]? known = SmallFile.Read(files, directory, StoreFiles.KeyCheck);
        if (known is null)
        {
            SmallFile.Replace(files, directory, StoreFiles.KeyCheck, check);
        }
        else if (!CryptographicOperations.FixedTimeEquals(known, check))
        {
            throw new InvalidDataException($"{directory} was written with another key; give the one it was begun with, or begin another data directory");
        }
    }
}

/// <summary>How a store is kept.</summary>
public sealed record StoreOptions
{
    /// <summary>How its journals store. The window of identities is that of events.</summary>
    public JournalOptions Journal { get; init; } = new();

    /// <summary>Most memory for events that are stored and were not evaluated yet (<see cref="JournalOptions.RecentBytes"/>).</summary>
    public long RecentBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How many of the newest quarantined pieces are known again.</summary>
    public int QuarantineWindow { get; init; } = 50_000;

    /// <summary>
    /// How many of the newest findings are known again by their ids, 24 bytes of memory each. After a crash detection tells again what it told since its state was last saved, some seconds before; after an update that cannot read
    /// the saved state, all that the journal's events give. An ordinary cluster has so many findings in months.
    /// </summary>
    public int FindingWindow { get; init; } = 1 << 18;

    /// <summary>Redaction; null for the defaults.</summary>
    public RedactionOptions? Redaction { get; init; }
}

/// <summary>Where things are in a data directory.</summary>
/// <param name="Directory">The data directory.</param>
public sealed record StoreFiles(string Directory)
{
    /// <summary>Name of the file by which a key is recognised.</summary>
    internal const string KeyCheck = "key-check";

    /// <summary>The journal of events.</summary>
    public string Events => Path.Combine(Directory, "events");

    /// <summary>What was no event.</summary>
    public string Quarantine => Path.Combine(Directory, "quarantine");

    /// <summary>Findings.</summary>
    public string Findings => Path.Combine(Directory, "findings");

    /// <summary>Cursors.</summary>
    public string Cursors => Path.Combine(Directory, "cursors");

    /// <summary>Snapshots.</summary>
    public string Snapshots => Path.Combine(Directory, "snapshots");

    /// <summary>Held by the process that has the store open.</summary>
    public string Lock => Path.Combine(Directory, "lock");
}
