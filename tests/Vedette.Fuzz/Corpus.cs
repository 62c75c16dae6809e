using System.IO.Compression;
using System.Security.Cryptography;

namespace Vedette.Fuzz;

/// <summary>
/// The inputs of a target, in one archive, named by their content: those that failed once (<see cref="Found"/>), and few others that reach all that is known to be reachable.
/// </summary>
internal static class Corpus
{
    /// <summary>Begins the name of an input that once failed. Such a one is always kept.</summary>
    private const string Found = "found-";

    /// <summary>Every input, in the order of its name.</summary>
    public static IReadOnlyList<(string Name, byte[] Input)> Read(FuzzTarget target)
    {
        if (!File.Exists(target.CorpusFile))
        {
            return [];
        }

        using ZipArchive archive = ZipFile.OpenRead(target.CorpusFile);
        List<(string, byte[])> inputs = [];
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using Stream stream = entry.Open();
            using MemoryStream bytes = new();
            stream.CopyTo(bytes);
            inputs.Add((entry.FullName, bytes.ToArray()));
        }

        return inputs;
    }

    /// <summary>Writes the corpus to a folder, one file for each input.</summary>
    public static int Unpack(FuzzTarget target, string folder)
    {
        foreach ((string name, byte[] input) in Read(target))
        {
            File.WriteAllBytes(Path.Combine(folder, name), input);
        }

        return 0;
    }

    /// <summary>Adds inputs that failed.</summary>
    public static int Keep(FuzzTarget target, IEnumerable<string> files)
    {
        Write(target, [.. Read(target), .. files.Select(file => NameOf(Found, File.ReadAllBytes(file)))]);
        return 0;
    }

    /// <summary>Replaces the corpus by the smallest inputs of itself and of a folder that reach all that these reach.</summary>
    public static int Minimise(FuzzTarget target, string folder)
    {
        IReadOnlyList<(string Name, byte[] Input)> known = Read(target);
        List<byte[]> candidates = [.. known.Select(entry => entry.Input), .. Directory.EnumerateFiles(folder, "*").Select(File.ReadAllBytes)];
        candidates.Sort((left, right) => left.Length != right.Length ? left.Length - right.Length : left.AsSpan().SequenceCompareTo(right));
        Coverage coverage = new(target);
        List<byte[]> kept = [.. candidates.Where(coverage.TryAdd)];
        Write(target, [.. known.Where(entry => entry.Name.StartsWith(Found, StringComparison.Ordinal)), .. kept.Select(input => NameOf("", input))]);
        Console.WriteLine($"{candidates.Count} inputs, {kept.Count} of them reach all {coverage.Count} places");
        return 0;
    }

    private static (string Name, byte[] Input) NameOf(string start, byte[] input) => (start + Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8)), input);

    /// <summary>The same inputs make the same archive.</summary>
    private static void Write(FuzzTarget target, IEnumerable<(string Name, byte[] Input)> inputs)
    {
        using FileStream file = File.Create(target.CorpusFile);
        using ZipArchive archive = new(file, ZipArchiveMode.Create);
        foreach ((string name, byte[] input) in inputs.DistinctBy(entry => entry.Name).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.SmallestSize);
            entry.LastWriteTime = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream stream = entry.Open();
            stream.Write(input);
        }
    }
}
