using System.IO.Compression;
using Vedette.Detection.Sigma;

namespace Vedette.MicroBenchmarks;

/// <summary>Logs and rules of this repository.</summary>
internal static class Repository
{
    private static string Root { get; } = FindRoot();

    /// <summary>The lines of a log.</summary>
    public static byte[][] Lines(string path)
    {
        using Stream file = File.OpenRead(Path.Combine(Root, path));
        using StreamReader reader = new(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
        List<byte[]> lines = [];
        while (reader.ReadLine() is { } line)
        {
            lines.Add(System.Text.Encoding.UTF8.GetBytes(line));
        }

        return [.. lines];
    }

    /// <summary>The rules that come with the program.</summary>
    public static SigmaFile[] Pack() =>
    [
        .. Directory.GetFiles(Path.Combine(Root, "rules"), "*.yml", SearchOption.AllDirectories).Where(file => !file.EndsWith(".tests.yml", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(file => new SigmaFile(file, File.ReadAllText(file))),
    ];

    private static string FindRoot()
    {
        string? directory = AppContext.BaseDirectory;
        while (directory is not null && !File.Exists(Path.Combine(directory, "Vedette.slnx")))
        {
            directory = Path.GetDirectoryName(directory);
        }

        return directory ?? throw new DirectoryNotFoundException("run it from within the repository");
    }
}
