using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Tests;

namespace Vedette.Detection.Tests.Pack;

/// <summary>One file of the rule pack: a rule, or a correlation with the rules it counts ahead of it.</summary>
/// <param name="Path">Its path below rules/, with slashes.</param>
/// <param name="Set">What is in it.</param>
/// <param name="Main">The rule the file is named for: its correlation where it has one.</param>
internal sealed record PackFile(string Path, SigmaRuleSet Set, DetectionRule? Main)
{
    private static readonly string s_folder = System.IO.Path.Combine(SharedData.Root, "rules");

    /// <summary>Paths of all files, in order.</summary>
    public static ImmutableArray<string> Paths { get; } =
    [
        .. Directory.EnumerateFiles(System.IO.Path.Combine(s_folder, "kubernetes"), "*.yml", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal))
            .Select(file => System.IO.Path.GetRelativePath(s_folder, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The file's own name without its ending.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The file's text.</summary>
    public string Text => File.ReadAllText(System.IO.Path.Combine(s_folder, Path));

    /// <summary>The text of the tests beside it.</summary>
    public string TestsText => File.ReadAllText(System.IO.Path.Combine(s_folder, System.IO.Path.ChangeExtension(Path, null) + RuleTests.Suffix));

    /// <summary>Reads a file.</summary>
    public static PackFile Read(string path)
    {
        SigmaRuleSet set = SigmaLoader.Load([new SigmaFile(path, File.ReadAllText(System.IO.Path.Combine(s_folder, path)))], new SigmaOptions());
        return new PackFile(path, set, set.Correlations.LastOrDefault()?.Attributes ?? (set.Rules.Length == 1 ? set.Rules[0] : null));
    }
}
