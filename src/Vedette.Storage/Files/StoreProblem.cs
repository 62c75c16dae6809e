namespace Vedette.Storage.Files;

/// <summary>Why something cannot be stored.</summary>
public enum StoreProblemKind
{
    /// <summary>No room on the disk, or a quota is used up.</summary>
    DiskFull,

    /// <summary>The file system is mounted read-only.</summary>
    ReadOnly,

    /// <summary>The process may not write there.</summary>
    NoPermission,

    /// <summary>The device or file system failed in another way.</summary>
    Device,

    /// <summary>More waits to be stored than may wait (<see cref="Journals.JournalOptions.MaxPendingBytes"/>).</summary>
    Overloaded,

    /// <summary>The store is being closed.</summary>
    Closed,
}

/// <summary>That something cannot be stored now, and why. Nothing of it was acknowledged; the same may succeed later without a restart.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Message">For people.</param>
public sealed record StoreProblem(StoreProblemKind Kind, string Message)
{
    // asm-generic/errno-base.h and errno.h of Linux.
    private const int NoEntry = 2;
    private const int NotPermitted = 1;
    private const int AccessDenied = 13;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;

    /// <summary>Can this exception come from a disk that does not take what it is given?</summary>
    public static bool IsOfDisk(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>What an exception of the file system means.</summary>
    public static StoreProblem Of(Exception exception)
    {
        int error = (exception is UnauthorizedAccessException && exception.InnerException is IOException inner ? inner : exception).HResult;
        return error switch
        {
            NoSpace or QuotaExceeded => new(StoreProblemKind.DiskFull, $"the disk is full: {exception.Message}"),
            ReadOnlyFileSystem => new(StoreProblemKind.ReadOnly, $"the disk is read-only: {exception.Message}"),
            AccessDenied or NotPermitted => new(StoreProblemKind.NoPermission, $"no permission: {exception.Message}"),
            NoEntry => new(StoreProblemKind.Device, $"the data directory is gone: {exception.Message}"),
            _ when exception is UnauthorizedAccessException => new(StoreProblemKind.NoPermission, $"no permission: {exception.Message}"),
            _ => new(StoreProblemKind.Device, $"the disk failed: {exception.Message}"),
        };
    }
}
