using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Documents.Yaml;

namespace Vedette.Cli.Rules;

/// <summary>Where rules come from: the pack inside the program, or files and directories the user names.</summary>
internal static class RuleSource
{
    /// <summary>Ahead of the names of rules of the pack.</summary>
    public const string Pack = "builtin:";

    private const string Folder = "rules/";

    // All rules of the pack, read when the program was built: reading their YAML was a third of what a small scan took.
    private const string Archive = "rules.archive";

    /// <summary>The rule files behind the paths; the pack when there are none.</summary>
    /// <exception cref="IOException">A path does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A path may not be read.</exception>
    public static IReadOnlyList<SigmaFile> Rules(IReadOnlyCollection<string> paths) =>
        paths.Count == 0 ? ReadPack() : [.. paths.SelectMany(path => Files(path)).Where(file => !IsTests(file))
            .Distinct(StringComparer.Ordinal).Select(file => new SigmaFile(file, File.ReadAllText(file)))];

    /// <summary>The tests beside a rule file; null when there are none.</summary>
    public static SigmaFile? TestsOf(SigmaFile rules)
    {
        string name = rules.Name[..(rules.Name.Length - Path.GetExtension(rules.Name).Length)] + RuleTests.Suffix;
        return rules.Name.StartsWith(Pack, StringComparison.Ordinal) ? Resource(name) is { } text ? new SigmaFile(name, text) : null
            : File.Exists(name) ? new SigmaFile(name, File.ReadAllText(name))
            : null;
    }

    private static bool IsTests(string name) => name.EndsWith(RuleTests.Suffix, StringComparison.Ordinal);

    private static IEnumerable<string> Files(string path)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        if (!Directory.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file or directory", path);
        }

        return Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".yml" or ".yaml").Order(StringComparer.Ordinal);
    }

    private static SigmaFile[] ReadPack()
    {
        using Stream archive = typeof(RuleSource).Assembly.GetManifestResourceStream(Archive)!;
        return [.. YamlArchive.Read(archive).Select(file => new SigmaFile(Pack + file.Key, file.Value, () => Resource(Pack + file.Key)!))];
    }

    private static string? Resource(string name)
    {
        if (typeof(RuleSource).Assembly.GetManifestResourceStream(Folder + name[Pack.Length..]) is not { } stream)
        {
            return null;
        }

        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
