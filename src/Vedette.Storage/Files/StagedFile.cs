namespace Vedette.Storage.Files;

/// <summary>A file's new content, written, but not durable and not in its place yet. Another thread may wait for the disk while who wrote it goes on. Dispose it.</summary>
public sealed class StagedFile : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _path;

    internal StagedFile(IFileSystem files, string path) => (_files, _path, File) = (files, path, WholeFile.Begin(files, path));

    /// <summary>Where it is written.</summary>
    internal IFile File { get; }

    /// <summary>Makes it durable and puts it in its place. Until it returns what is there counts.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be put there.</exception>
    public void Commit() => WholeFile.End(_files, _path, File);

    /// <inheritdoc />
    public void Dispose() => File.Dispose();
}
