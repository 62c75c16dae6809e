using System.Text;

namespace Vedette.Platforms;

/// <summary>Reads the files that a user names; <c>-</c> is standard input. Bounded by <see cref="MaxLength"/>.</summary>
/// <param name="standardInput">Opens standard input.</param>
public sealed class InputFiles(Func<Stream> standardInput)
{
    /// <summary>Largest file taken as a whole, in bytes.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    /// <summary>The bytes of a file.</summary>
    /// <exception cref="IOException">There is no such file, it cannot be read, or it is larger than <see cref="MaxLength"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public byte[] Read(string path)
    {
        using Stream stream = path == "-" ? standardInput() : File.OpenRead(path);
        using MemoryStream all = new();
        byte[] buffer = new byte[64 * 1024];
        while (stream.Read(buffer) is > 0 and int read)
        {
            all.Write(buffer, 0, read);
            if (all.Length > MaxLength)
            {
                throw new IOException($"{path}: larger than {MaxLength} bytes");
            }
        }

        return all.ToArray();
    }

    /// <summary>The text of a file, taken as UTF-8 and kept as it is, a byte order mark included.</summary>
    /// <exception cref="IOException">As <see cref="Read"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">As <see cref="Read"/>.</exception>
    public string ReadText(string path) => Encoding.UTF8.GetString(Read(path));

    /// <summary>The last lines of a file; of standard input all of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">Bytes at most; the line that the cut goes through is left out.</param>
    /// <exception cref="IOException">As <see cref="Read"/>.</exception>
    /// <exception cref="UnauthorizedAccessException">As <see cref="Read"/>.</exception>
    public string ReadTail(string path, int length)
    {
        if (path == "-")
        {
            return ReadText(path);
        }

        using FileStream file = File.OpenRead(path);
        bool isCut = file.Length > length;
        file.Seek(isCut ? -length : 0, isCut ? SeekOrigin.End : SeekOrigin.Begin);
        byte[] tail = new byte[Math.Min(length, file.Length)];
        int read = file.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> lines = tail.AsSpan(0, read);
        return Encoding.UTF8.GetString(isCut ? lines[(lines.IndexOf((byte)'\n') + 1)..] : lines);
    }

    /// <summary>The text of a file, or why there is none.</summary>
    /// <returns>False when it cannot be read; <paramref name="textOrWhy"/> then says why.</returns>
    public bool TryReadText(string path, out string textOrWhy)
    {
        try
        {
            textOrWhy = ReadText(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            textOrWhy = exception is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : exception.Message;
            return false;
        }
    }
}
