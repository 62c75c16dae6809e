using System.Buffers;
using System.Buffers.Binary;
using Vedette.Storage.Files;

namespace Vedette.Storage.Stores;

/// <summary>What a part of the program knew when it had dealt with a journal up to a place; it goes on from there after a restart. State and place are stored as one.</summary>
public sealed class Snapshots
{
    private readonly IFileSystem _files;
    private readonly string _directory;

    internal Snapshots(IFileSystem files, string directory)
    {
        _files = files;
        _directory = directory;
    }

    /// <summary>Replaces a snapshot. Durable when it returns; until then the one before counts.</summary>
    /// <param name="name">Whose state; at most <see cref="SmallFile.MaxNameLength"/> bytes.</param>
    /// <param name="position">Sequence of the first record that is not in the state.</param>
    /// <param name="state">The state.</param>
    /// <exception cref="IOException">It cannot be stored.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be stored.</exception>
    public void Save(string name, long position, ReadOnlySpan<byte> state)
    {
        byte[] content = new byte[sizeof(long) + state.Length];
        BinaryPrimitives.WriteInt64LittleEndian(content, position);
        state.CopyTo(content.AsSpan(sizeof(long)));
        SmallFile.Replace(_files, _directory, SmallFile.NameOf(name), content);
    }

    /// <summary>Writes a state that may be large, piece by piece. The snapshot before counts until this one is committed, and no other of this name may be begun before.</summary>
    /// <param name="name">Whose state; at most <see cref="SmallFile.MaxNameLength"/> bytes.</param>
    /// <param name="position">Sequence of the first record that is not in the state.</param>
    /// <param name="write">Writes the state.</param>
    /// <exception cref="IOException">It cannot be stored.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be stored.</exception>
    public StagedFile Stage(string name, long position, Action<IBufferWriter<byte>> write) => SmallFile.Stage(_files, _directory, SmallFile.NameOf(name), content =>
    {
        BinaryPrimitives.WriteInt64LittleEndian(content.GetSpan(sizeof(long)), position);
        content.Advance(sizeof(long));
        write(content);
    });

    /// <summary>The newest snapshot; null when there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged: the state must be made anew from the journal's beginning.</exception>
    public Snapshot? Load(string name) => SmallFile.Read(_files, _directory, SmallFile.NameOf(name)) is { } content
        ? new Snapshot(BinaryPrimitives.ReadInt64LittleEndian(content), content.AsMemory(sizeof(long)))
        : null;
}

/// <summary>A state, and how much of the journal is in it.</summary>
/// <param name="Position">Sequence of the first record that is not in the state.</param>
/// <param name="State">The state, byte for byte as it was saved.</param>
public sealed record Snapshot(long Position, ReadOnlyMemory<byte> State);
