using System.Security.Cryptography;
using System.Text;
using Vedette.Storage.Files;

namespace Vedette.Storage.Stores;

/// <summary>
/// The secret of a store, from which the keys of redaction and of identities are derived. It is kept outside the data directory: who has only that can try out neither what a redacted value was nor
/// make events collide. Without it a store can be read, but nothing added; it is never changed while its events live.
/// </summary>
public sealed class StoreKey
{
    private readonly byte[] _secret;

    private StoreKey(byte[] secret) => _secret = secret;

    /// <summary>Where the key of a data directory is when nothing else is said: beside it.</summary>
    public static string DefaultPath(string directory) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) + ".key";

    /// <summary>Reads the key, or makes one, for its owner alone.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="path">The file.</param>
    /// <param name="dataDirectory">The data directory, in which it must not be.</param>
    /// <exception cref="InvalidDataException">The file is inside the data directory, or is no key.</exception>
    /// <exception cref="IOException">It cannot be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or made.</exception>
    public static StoreKey LoadOrCreate(IFileSystem files, string path, string dataDirectory)
    {
        string full = Path.GetFullPath(path);
        if (full.StartsWith(Path.GetFullPath(dataDirectory) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: the key must not be inside the data directory {dataDirectory}; put it elsewhere, so that a copy of the data does not hold it");
        }

        string directory = Path.GetDirectoryName(full)!;
        string name = Path.GetFileName(full);
        byte[]? secret = SmallFile.Read(files, directory, name);
        if (secret is null)
        {
            secret = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);
            SmallFile.Replace(files, directory, name, secret);
        }
        else
        {
            WholeFile.Keep(files, full);
        }

        return secret.Length == SHA256.HashSizeInBytes ? new StoreKey(secret) : throw new InvalidDataException($"{path} is no key of a store");
    }

    /// <summary>A key of this store for one purpose (HKDF, RFC 5869).</summary>
    internal byte[] Derive(string purpose) => HKDF.Expand(HashAlgorithmName.SHA256, _secret, SHA256.HashSizeInBytes, Encoding.UTF8.GetBytes(purpose));
}
