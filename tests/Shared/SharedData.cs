using System.IO.Compression;
using System.Runtime.CompilerServices;
using Xunit;

namespace Vedette.Tests;

/// <summary>
/// Finds test data: cases/ in this repository, and the folder "shared" beside the repository with third-party data, which need not be there.
/// </summary>
internal static class SharedData
{
    /// <summary>The root of this repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>tests/cases/PATH.</summary>
    public static string Case(string path) => Path.Combine(Root, "tests", "cases", path);

    /// <summary>The bytes of tests/cases/PATH, unpacked when its name ends in .gz.</summary>
    public static byte[] ReadCase(string path) => Read(Case(path));

    /// <summary>A file of the folder "shared"; skips the running test where that is absent.</summary>
    public static string Third(string path)
    {
        string full = Path.Combine(Root, "..", "shared", path);
        Assert.SkipUnless(File.Exists(full) || Directory.Exists(full), $"third-party data not here: shared/{path}");
        return full;
    }

    /// <summary>The bytes of a file, unpacked when its name ends in .gz.</summary>
    public static byte[] Read(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using MemoryStream bytes = new();
        plain.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Vedette.slnx")))
            {
                return folder;
            }
        }

        return Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
    }
}
