using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Vedette.Storage.Files;

/// <summary>The disk of a Linux machine.</summary>
public sealed class LinuxFileSystem : IFileSystem
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The only one there is.</summary>
    public static LinuxFileSystem Instance { get; } = new();

    private LinuxFileSystem()
    {
    }

    /// <inheritdoc />
    public void CreateDirectory(string path)
    {
        string full = Path.GetFullPath(path);
        if (!Directory.Exists(full))
        {
            string parent = Path.GetDirectoryName(full)!;
            CreateDirectory(parent);
            Directory.CreateDirectory(full, OwnerFile | UnixFileMode.UserExecute);
            try
            {
                SyncDirectory(parent);
            }
            catch
            {
                // The next time it must not be taken for durable because it is there.
                Directory.Delete(full);
                throw;
            }
        }
    }

    /// <inheritdoc />
    public IReadOnlyList<string> List(string directory) =>
        Directory.Exists(directory) ? [.. Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path))] : [];

    /// <inheritdoc />
    public bool Exists(string path) => File.Exists(path);

    /// <inheritdoc />
    public IFile Create(string path, long length)
    {
        OpenFile file = new(path, FileMode.CreateNew, FileAccess.ReadWrite);
        try
        {
            file.Reserve(length);
            return file;
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <inheritdoc />
    public IFile Open(string path, bool forWriting) => new OpenFile(path, FileMode.Open, forWriting ? FileAccess.ReadWrite : FileAccess.Read);

    /// <inheritdoc />
    public void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc />
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc />
    public void SyncDirectory(string path)
    {
        int descriptor = NativeMethods.Open(path, NativeMethods.ReadOnlyDirectory);
        int result = descriptor < 0 ? -1 : NativeMethods.Sync(descriptor);
        int error = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
        {
            _ = NativeMethods.Close(descriptor);
        }

        ThrowIfFailed(result, error, path);
    }

    /// <inheritdoc />
    public IDisposable Lock(string path) =>
        new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerFile });

    private static void ThrowIfFailed(int result, int error, string path)
    {
        if (result < 0)
        {
            throw new IOException($"{path}: {new Win32Exception(error).Message}", error);
        }
    }

    private sealed class OpenFile(string path, FileMode mode, FileAccess access) : IFile
    {
        private readonly FileStream _file = new(path, new FileStreamOptions
        {
            Mode = mode,
            Access = access,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = mode == FileMode.CreateNew ? OwnerFile : null,
        });

        public long Length => RandomAccess.GetLength(_file.SafeFileHandle);

        public int Read(Span<byte> buffer, long offset)
        {
            int total = 0;
            while (total < buffer.Length && RandomAccess.Read(_file.SafeFileHandle, buffer[total..], offset + total) is > 0 and int read)
            {
                total += read;
            }

            return total;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(_file.SafeFileHandle, bytes, offset);

        public void SetLength(long length) => RandomAccess.SetLength(_file.SafeFileHandle, length);

        public void Sync() => Check(NativeMethods.SyncData(Descriptor));

        /// <summary>Takes the room now, so that a full disk shows here and not in the middle of a write.</summary>
        public void Reserve(long length)
        {
            if (length > 0 && NativeMethods.Allocate(Descriptor, 0, 0, length) < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != NativeMethods.NotSupported)
                {
                    ThrowIfFailed(-1, error, path);
                }

                SetLength(length);
            }
        }

        public void Dispose() => _file.Dispose();

        private int Descriptor => (int)_file.SafeFileHandle.DangerousGetHandle();

        private void Check(int result) => ThrowIfFailed(result, Marshal.GetLastPInvokeError(), path);
    }

    /// <summary>What .NET does not offer: fdatasync, fallocate, and fsync of a directory.</summary>
    private static class NativeMethods
    {
        /// <summary>O_RDONLY | O_CLOEXEC, the same on x86-64 and arm64; that it is a directory is known.</summary>
        public const int ReadOnlyDirectory = 0x80000;

        /// <summary>EOPNOTSUPP: a file system that cannot reserve.</summary>
        public const int NotSupported = 95;

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        public static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "close", SetLastError = true)]
        public static extern int Close(int descriptor);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        public static extern int Sync(int descriptor);

        [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
        public static extern int SyncData(int descriptor);

        [DllImport("libc", EntryPoint = "fallocate", SetLastError = true)]
        public static extern int Allocate(int descriptor, int mode, long offset, long length);
    }
}
