namespace Vedette.Sources.Tailing;

/// <summary>What makes a file the same file whatever its name is. When it was born tells a number that is given again apart; 0 where the file system does not know.</summary>
/// <param name="Device">The device.</param>
/// <param name="Inode">The number on it.</param>
/// <param name="Born">Nanoseconds since 1970.</param>
internal readonly record struct FileId(ulong Device, ulong Inode, long Born);

/// <summary>What is known of a file without opening it.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Length">Bytes in it.</param>
/// <param name="Modified">When it was last written, in nanoseconds since 1970.</param>
/// <param name="IsRegular">Is it a file, and no directory, pipe or device?</param>
/// <param name="Mode">Permissions.</param>
/// <param name="User">Number of its owner.</param>
/// <param name="Group">Number of its group.</param>
internal readonly record struct FileFacts(FileId Id, long Length, long Modified, bool IsRegular, uint Mode, uint User, uint Group);
