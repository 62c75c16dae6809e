using Vedette.Storage.Files;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>The disk, which fails when it is told to: every write as if the disk were full, or not before it may.</summary>
internal sealed class FailingFiles : IFileSystem
{
    private const int NoSpace = 28;

    private readonly LinuxFileSystem _files = LinuxFileSystem.Instance;

    public volatile bool IsFull;

    /// <summary>Told of each file that is about to be put in its place.</summary>
    public Action<string>? OnMove { get; set; }

    /// <summary>Unset, writes wait for it.</summary>
    public ManualResetEventSlim MayWrite { get; } = new(true);

    public void CreateDirectory(string path) => _files.CreateDirectory(path);

    public IReadOnlyList<string> List(string directory) => _files.List(directory);

    public bool Exists(string path) => _files.Exists(path);

    public IFile Create(string path, long length)
    {
        Write();
        return new File(this, _files.Create(path, length));
    }

    public IFile Open(string path, bool forWriting) => new File(this, _files.Open(path, forWriting));

    public void Move(string from, string to)
    {
        Write();
        OnMove?.Invoke(to);
        _files.Move(from, to);
    }

    public void Delete(string path) => _files.Delete(path);

    public void SyncDirectory(string path) => _files.SyncDirectory(path);

    public IDisposable Lock(string path) => _files.Lock(path);

    private void Write()
    {
        MayWrite.Wait();
        if (IsFull)
        {
            throw new IOException("No space left on device", NoSpace);
        }
    }

    private sealed class File(FailingFiles disk, IFile file) : IFile
    {
        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset) => file.Read(buffer, offset);

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            disk.Write();
            file.Write(bytes, offset);
        }

        public void SetLength(long length) => file.SetLength(length);

        public void Sync()
        {
            disk.Write();
            file.Sync();
        }

        public void Dispose() => file.Dispose();
    }
}
