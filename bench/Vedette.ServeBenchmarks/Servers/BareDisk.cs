using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vedette.ServeBenchmarks.Servers;

/// <summary>What the disk takes for one write and one fdatasync, without anything else.</summary>
internal static partial class BareDisk
{
    private const long Reserved = 64 * 1024 * 1024;

    /// <summary>Writes blocks one after the other into a file whose room is reserved, as the journal does, and makes each durable.</summary>
    /// <param name="directory">On the disk to be measured.</param>
    /// <param name="length">Bytes of a block.</param>
    /// <param name="blocks">How many.</param>
    /// <returns>Milliseconds of each.</returns>
    public static async Task<double[]> MeasureAsync(string directory, int length, int blocks)
    {
        string path = Path.Combine(directory, "bare");
        byte[] block = new byte[(length + 4095) & ~4095];
        Random.Shared.NextBytes(block);
        double[] took = new double[blocks];
        long at = Reserved;
        FileStream? file = null;
        try
        {
            for (int i = 0; i < blocks; i++)
            {
                if (at + block.Length > Reserved)
                {
                    file?.Dispose();
                    file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
                    Check(Allocate((int)file.SafeFileHandle.DangerousGetHandle(), 0, 0, Reserved));
                    Check(SyncData((int)file.SafeFileHandle.DangerousGetHandle()));
                    at = 0;
                }

                long started = Stopwatch.GetTimestamp();
                RandomAccess.Write(file!.SafeFileHandle, block, at);
                Check(SyncData((int)file.SafeFileHandle.DangerousGetHandle()));
                took[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                at += block.Length;
                await Task.Delay(2);
            }
        }
        finally
        {
            file?.Dispose();
            File.Delete(path);
        }

        return took;
    }

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw new IOException($"the disk fails: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int SyncData(int descriptor);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(int descriptor, int mode, long offset, long length);
}
