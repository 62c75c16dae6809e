namespace Vedette.Storage.Files;

/// <summary>
/// The one way to the disk: everything that this room stores goes through it, so that tests can put a disk that fails or loses power under it.
/// What is written is durable only after <see cref="IFile.Sync"/>, and a file that was created, moved or deleted stays so only after <see cref="SyncDirectory"/>.
/// Every call may throw <see cref="IOException"/> (with errno as its HResult) or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public interface IFileSystem
{
    /// <summary>Makes a directory for its owner alone, and those above it; durable when it returns. Nothing happens when it is there.</summary>
    void CreateDirectory(string path);

    /// <summary>Names of the files in a directory, in no order; none when there is no such directory.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Is there such a file?</summary>
    bool Exists(string path);

    /// <summary>Creates a file for its owner alone; fails when it is there.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="length">Bytes to reserve; they read as zero.</param>
    IFile Create(string path, long length);

    /// <summary>Opens a file.</summary>
    IFile Open(string path, bool forWriting);

    /// <summary>Gives a file another name in its directory; a file of that name is replaced at once.</summary>
    void Move(string from, string to);

    /// <summary>Deletes a file.</summary>
    void Delete(string path);

    /// <summary>Makes the entries of a directory durable.</summary>
    void SyncDirectory(string path);

    /// <summary>Takes a file for this process alone until it is disposed; fails when another has it.</summary>
    IDisposable Lock(string path);
}

/// <summary>An open file.</summary>
public interface IFile : IDisposable
{
    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads as much as there is from an offset, at most what fits.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes all of it at an offset.</summary>
    void Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Makes the file this long.</summary>
    void SetLength(long length);

    /// <summary>
    /// Makes what was written durable, as fdatasync does, length included. When it fails, what was written since the last time may or may not be there, and asking again proves nothing: the
    /// kernel forgets which pages it could not write.
    /// </summary>
    void Sync();
}
