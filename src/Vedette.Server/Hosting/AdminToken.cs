using System.Security.Cryptography;
using System.Text;

namespace Vedette.Server.Hosting;

/// <summary>The token of a server that nobody has set up: made at the first start, in a file beside the data directory that only its owner reads, and never shown.</summary>
public static class AdminToken
{
    /// <summary>Where it is.</summary>
    public static string PathOf(string data) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)) + ".token";

    /// <summary>Reads it, or makes one.</summary>
    /// <exception cref="IOException">It cannot be read or made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or made.</exception>
    public static string LoadOrCreate(string data)
    {
        string path = PathOf(data);
        if (File.Exists(path))
        {
            string known = File.ReadAllText(path).Trim();
            return known.Length > 0 ? known : throw new IOException($"{path} is empty; remove it, and another token is made at the next start");
        }

        using FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        file.Write(Encoding.ASCII.GetBytes(token + "\n"));
        file.Flush(flushToDisk: true);
        return token;
    }
}
