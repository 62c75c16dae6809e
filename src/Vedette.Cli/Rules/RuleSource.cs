using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;

namespace Vedette.Cli.Rules;

/// <summary>Where rules come from: the pack inside the program, or files and directories the user names.</summary>
internal static class RuleSource
{
    /// <summary>Ahead of the names of rules of the pack.</summary>
    public const string Pack = "builtin:";

    private const string Folder = "rules/";

    /// <summary>The rule files behind the paths; the pack when there are none.</summary>
    /// <exception cref="IOException">A path does not exist or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A path may not be read.</exception>
    public static IReadOnlyList<SigmaFile> Rules(IReadOnlyCollection<string> paths) =>
        paths.Count == 0 ? [.. PackNames().Where(name => !IsTests(name)).Select(ReadPack)] : [.. paths.SelectMany(path => Files(path)).Where(file => !IsTests(file))
            .Distinct(StringComparer.Ordinal).Select(file => new SigmaFile(file, File.ReadAllText(file)))];

    /// <summary>The tests beside a rule file; null when there are none.</summary>
    public static SigmaFile? TestsOf(SigmaFile rules)
    {
        string name = rules.Name[..(rules.Name.Length - Path.GetExtension(rules.Name).Length)] + RuleTests.Suffix;
        return rules.Name.StartsWith(Pack, StringComparison.Ordinal) ? PackNames().Where(file => file == name).Select(ReadPack).FirstOrDefault()
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

    private static IEnumerable<string> PackNames() =>
        typeof(RuleSource).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name => Pack + name[Folder.Length..]);

    private static SigmaFile ReadPack(string name)
    {
        using StreamReader reader = new(typeof(RuleSource).Assembly.GetManifestResourceStream(Folder + name[Pack.Length..])!);
        return new SigmaFile(name, reader.ReadToEnd());
    }
}
