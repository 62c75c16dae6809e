using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Vedette.Sources.Tailing;

/// <summary>The files of a Linux machine.</summary>
internal sealed class LinuxTailFiles : ITailFiles
{
    /// <summary>The only one there is.</summary>
    public static LinuxTailFiles Instance { get; } = new();

    private LinuxTailFiles()
    {
    }

    /// <inheritdoc />
    public IReadOnlyList<string> List(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path))];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <inheritdoc />
    public FileFacts? Look(string path)
    {
        if (NativeMethods.Statx(NativeMethods.WorkingDirectory, path, 0, NativeMethods.Wanted, out Facts facts) == 0)
        {
            return facts.ToFileFacts();
        }

        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NativeMethods.NoEntry or NativeMethods.NotADirectory => null,
            NativeMethods.AccessDenied => throw new UnauthorizedAccessException($"{path}: a directory on the way to it may not be entered"),
            _ => throw new IOException($"{path}: {new Win32Exception(error).Message}", error),
        };
    }

    /// <inheritdoc />
    public FileFacts Look(SafeFileHandle handle) =>
        NativeMethods.Statx((int)handle.DangerousGetHandle(), "", NativeMethods.EmptyPath, NativeMethods.Wanted, out Facts facts) == 0
            ? facts.ToFileFacts()
            : throw new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message, Marshal.GetLastPInvokeError());

    /// <inheritdoc />
    public SafeFileHandle Open(string path) => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc />
    public uint User => NativeMethods.EffectiveUser();

    private static class NativeMethods
    {
        /// <summary>AT_FDCWD.</summary>
        public const int WorkingDirectory = -100;

        /// <summary>AT_EMPTY_PATH.</summary>
        public const int EmptyPath = 0x1000;

        /// <summary>STATX_BASIC_STATS | STATX_BTIME.</summary>
        public const uint Wanted = 0xfff;

        public const int NoEntry = 2;
        public const int AccessDenied = 13;
        public const int NotADirectory = 20;

        [DllImport("libc", EntryPoint = "geteuid")]
        public static extern uint EffectiveUser();

        [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
        public static extern int Statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Facts facts);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        public readonly long Seconds;
        public readonly uint Nanoseconds;
        public readonly int Reserved;

        public long SinceEpoch => Seconds * 1_000_000_000 + Nanoseconds;
    }

    /// <summary>struct statx of linux/stat.h, the same on all architectures.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private readonly struct Facts
    {
        private const uint HasBirth = 0x800;
        private const int KindMask = 0xf000;
        private const int RegularFile = 0x8000;

        public readonly uint Mask;
        public readonly uint BlockSize;
        public readonly ulong Attributes;
        public readonly uint Links;
        public readonly uint User;
        public readonly uint Group;
        public readonly ushort Mode;
        public readonly ushort Spare;
        public readonly ulong Inode;
        public readonly ulong Size;
        public readonly ulong Blocks;
        public readonly ulong AttributesMask;
        public readonly Time Accessed;
        public readonly Time Born;
        public readonly Time Changed;
        public readonly Time Modified;
        public readonly uint RawDeviceMajor;
        public readonly uint RawDeviceMinor;
        public readonly uint DeviceMajor;
        public readonly uint DeviceMinor;

        public FileFacts ToFileFacts() => new(
            new FileId(((ulong)DeviceMajor << 32) | DeviceMinor, Inode, (Mask & HasBirth) != 0 ? Born.SinceEpoch : 0),
            (long)Size, Modified.SinceEpoch, (Mode & KindMask) == RegularFile, Mode & 0xfffu, User, Group);
    }
}
