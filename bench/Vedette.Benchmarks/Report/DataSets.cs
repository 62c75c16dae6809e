using System.IO.Compression;
using Vedette.Benchmarks.Data;
using Vedette.Benchmarks.Rules;

namespace Vedette.Benchmarks.Report;

/// <summary>Makes the files that are measured, those that are not there yet.</summary>
internal sealed class DataSets(Places places, int megabytes)
{
    private const int Seed = 1;

    /// <summary>A generated log.</summary>
    public string Generated(Profile profile) => Generated(profile, megabytes);

    /// <summary>A generated log of this size.</summary>
    public string Generated(Profile profile, int size) =>
        Make($"{profile.ToString().ToLowerInvariant()}-{size}.log", path => Generator.Write(path, profile, size * 1_000_000L, Seed));

    /// <summary>The Metadata log with members in random order.</summary>
    public string Shuffled(Profile profile)
    {
        string from = Generated(profile);
        return Make($"{profile.ToString().ToLowerInvariant()}-{megabytes}-shuffled.log", path => Generator.WriteShuffled(path, from, Seed));
    }

    /// <summary>A real log repeated up to the size; null where it is not there.</summary>
    public string? Real(string name)
    {
        string from = Path.Combine(places.Shared, "apiserver", "bulk", $"{name}.log.gz");
        return File.Exists(from) ? Make($"{name}-{megabytes}.log", path => Generator.WriteRepeated(path, Unzip(from), megabytes * 1_000_000L)) : null;
    }

    /// <summary>A table of drawn rules.</summary>
    public string Drawn(int count) => Make($"rules-{count}.tsv", path => RuleTable.Write(path, RuleTable.Draw(count, Seed)));

    /// <summary>A table of drawn rules that concern no event.</summary>
    public string Unrelated(int count) => Make($"rules-unrelated-{count}.tsv", path => RuleTable.Write(path, RuleTable.DrawUnrelated(count, Seed)));

    private string Make(string name, Action<string> make)
    {
        string path = places.Data(name);
        if (!File.Exists(path))
        {
            Console.Error.WriteLine($"making {name} ...");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            make(path);
        }

        return path;
    }

    private static byte[] Unzip(string path)
    {
        using GZipStream file = new(File.OpenRead(path), CompressionMode.Decompress);
        using MemoryStream bytes = new();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
