using System.Buffers.Binary;
using System.Collections.Immutable;
using Vedette.Storage.Files;

namespace Vedette.Storage.Stores;

/// <summary>
/// How far consumers of a journal have come, kept on disk: the sequence of the first record that a consumer has not dealt with. What it did after the last time it said so it does again after a
/// restart. Different consumers may be set by different threads.
/// </summary>
public sealed class Cursors
{
    private readonly IFileSystem _files;
    private readonly string _directory;

    internal Cursors(IFileSystem files, string directory)
    {
        _files = files;
        _directory = directory;
    }

    /// <summary>The cursors of a data directory, to look at.</summary>
    public static Cursors Of(IFileSystem files, StoreFiles store) => new(files, store.Cursors);

    /// <summary>Where a consumer is; null for one that was never set.</summary>
    /// <param name="consumer">Its name, of at most <see cref="SmallFile.MaxNameLength"/> bytes.</param>
    /// <exception cref="InvalidDataException">What is kept is damaged.</exception>
    public long? Get(string consumer) => SmallFile.Read(_files, _directory, SmallFile.NameOf(consumer)) is { } content ? BinaryPrimitives.ReadInt64LittleEndian(content) : null;

    /// <summary>Says that a consumer has dealt with all records before this one. Durable when it returns.</summary>
    /// <exception cref="IOException">It cannot be stored.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be stored.</exception>
    public void Set(string consumer, long sequence)
    {
        byte[] content = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(content, sequence);
        SmallFile.Replace(_files, _directory, SmallFile.NameOf(consumer), content);
    }

    /// <summary>Forgets a consumer, which then no longer keeps anything from being removed.</summary>
    public void Remove(string consumer)
    {
        string path = Path.Combine(_directory, SmallFile.NameOf(consumer));
        if (_files.Exists(path))
        {
            _files.Delete(path);
            _files.SyncDirectory(_directory);
        }
    }

    /// <summary>All consumers.</summary>
    public ImmutableSortedDictionary<string, long> All() => SmallFile.Names(_files, _directory)
        .Select(name => KeyValuePair.Create(SmallFile.MeaningOf(name), BinaryPrimitives.ReadInt64LittleEndian(SmallFile.Read(_files, _directory, name))))
        .ToImmutableSortedDictionary(StringComparer.Ordinal);
}
