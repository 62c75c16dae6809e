using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Vedette.Storage.Journals;

namespace Vedette.Storage.Files;

/// <summary>
/// A small file of the store, replaced as a whole (<see cref="WholeFile"/>), with its content under a checksum.
/// </summary>
internal static class SmallFile
{
    /// <summary>Longest name that <see cref="NameOf"/> takes, in bytes of UTF-8.</summary>
    public const int MaxNameLength = 100;

    private const int HeaderLength = 16;

    private static ReadOnlySpan<byte> Magic => "VEDFILE1"u8;

    /// <summary>The name of the file for something that may be named as one likes: hexadecimal, so that no name leads anywhere.</summary>
    /// <exception cref="ArgumentException">The name is empty or too long.</exception>
    public static string NameOf(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length is > 0 and <= MaxNameLength ? Convert.ToHexStringLower(bytes) : throw new ArgumentException($"a name has 1 to {MaxNameLength} bytes", nameof(name));
    }

    /// <summary>What the file of this name is for.</summary>
    public static string MeaningOf(string file) => Encoding.UTF8.GetString(Convert.FromHexString(file));

    /// <summary>Replaces the content; durable when it returns.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="directory">Its directory, which is made if need be.</param>
    /// <param name="name">Its name.</param>
    /// <param name="content">The content.</param>
    public static void Replace(IFileSystem files, string directory, string name, ReadOnlySpan<byte> content)
    {
        byte[] bytes = new byte[HeaderLength + content.Length];
        WriteHeader(bytes, content.Length, Crc32C.Of(content));
        content.CopyTo(bytes.AsSpan(HeaderLength));
        WholeFile.Replace(files, Path.Combine(directory, name), bytes);
    }

    /// <summary>Writes other content piece by piece, however long: it is never in memory as a whole. What is there counts until the other is committed.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="directory">Its directory, which is made if need be.</param>
    /// <param name="name">Its name.</param>
    /// <param name="write">Writes the content.</param>
    public static StagedFile Stage(IFileSystem files, string directory, string name, Action<IBufferWriter<byte>> write)
    {
        string path = Path.Combine(directory, name);
        StagedFile staged = new(files, path);
        try
        {
            using FileWriter content = new(staged.File, HeaderLength);
            write(content);
            content.Flush();
            Span<byte> header = stackalloc byte[HeaderLength];
            WriteHeader(header, checked((int)content.Written), content.Checksum);
            staged.File.Write(header, 0);
            return staged;
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    /// <summary>The content; null when there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static byte[]? Read(IFileSystem files, string directory, string name)
    {
        string path = Path.Combine(directory, name);
        if (WholeFile.Read(files, path) is not { } bytes)
        {
            return null;
        }

        ReadOnlySpan<byte> content = bytes.AsSpan(Math.Min(HeaderLength, bytes.Length));
        return bytes.AsSpan().StartsWith(Magic) && bytes.Length >= HeaderLength
            && BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)) == content.Length && BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12)) == Crc32C.Of(content)
                ? content.ToArray()
                : throw new InvalidDataException($"{path} is damaged: its checksum is wrong");
    }

    private static void WriteHeader(Span<byte> into, int length, uint checksum)
    {
        Magic.CopyTo(into);
        BinaryPrimitives.WriteInt32LittleEndian(into[8..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(into[12..], checksum);
    }

    /// <summary>Names of the files of a directory that are whole.</summary>
    public static IEnumerable<string> Names(IFileSystem files, string directory) => files.List(directory).Where(name => !name.EndsWith(WholeFile.Unfinished, StringComparison.Ordinal));
}
