using Vedette.Pipeline.Watching;

namespace Vedette.Server.Hosting;

/// <summary>How much is in the data directory, and how much could come.</summary>
internal static class DirectorySize
{
    /// <summary>Tells the metrics; where the disk does not say, they stay as they were.</summary>
    public static void Tell(string data, ServerMetrics metrics)
    {
        try
        {
            long bytes = new DirectoryInfo(data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(LengthOf);
            metrics.DataDirectory(bytes, new DriveInfo(Path.GetFullPath(data)).AvailableFreeSpace);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The disk that fails is told of elsewhere: here it only cannot be measured.
        }
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            // Removed meanwhile, by retention.
            return 0;
        }
    }
}
