namespace Vedette.Sources.Files;

/// <summary>One input to read from: a file or standard input.</summary>
/// <param name="Name">Name for messages and origins; <c>-</c> for standard input.</param>
/// <param name="Length">Size in bytes as stored, where known.</param>
public sealed record LogInput(string Name, long? Length)
{
    /// <summary>Name of standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>Gives its bytes where it is neither a file nor standard input.</summary>
    public Func<Stream>? Content { get; init; }

    /// <summary>Opens it; what it yields is decompressed.</summary>
    /// <param name="standardInput">Gives standard input.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public LogStream Open(Func<Stream> standardInput) =>
        new(Content is not null ? Content()
            : Name == StandardInput ? standardInput()
            : new FileStream(Name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1, FileOptions.SequentialScan));
}
