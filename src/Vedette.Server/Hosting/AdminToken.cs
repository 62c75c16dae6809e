using System.Security.Cryptography;
using System.Text;
using Vedette.Storage.Files;

namespace Vedette.Server.Hosting;

/// <summary>The token of a server that nobody has set up: made at the first start, in a file beside the data directory that only its owner reads, and never shown.</summary>
public static class AdminToken
{
    /// <summary>Where it is.</summary>
    public static string PathOf(string data) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)) + ".token";

    /// <summary>Reads it, or makes one, which is on disk before anybody can use it.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="data">The data directory.</param>
    /// <exception cref="IOException">It cannot be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or made.</exception>
    /// <exception cref="InvalidDataException">The file is empty.</exception>
    public static string LoadOrCreate(IFileSystem files, string data)
    {
        string path = PathOf(data);
        if (WholeFile.Read(files, path) is { } known)
        {
            WholeFile.Keep(files, path);
            string kept = Encoding.UTF8.GetString(known).Trim();
            return kept.Length > 0 ? kept : throw new InvalidDataException($"{path} is empty; remove it, and another token is made at the next start");
        }

        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        WholeFile.Replace(files, path, Encoding.ASCII.GetBytes(token + "\n"));
        return token;
    }
}
