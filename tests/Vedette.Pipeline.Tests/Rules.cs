using System.Collections.Immutable;
using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Tests;

namespace Vedette.Pipeline.Tests;

/// <summary>Rules for tests of scans.</summary>
internal static class Rules
{
    /// <summary>The rule pack of this repository.</summary>
    public static SigmaRuleSet PackSet { get; } = SigmaLoader.Load(
        [.. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules"), "*.yml", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(file => new SigmaFile(file, File.ReadAllText(file)))],
        new SigmaOptions());

    /// <summary>The rule pack, compiled.</summary>
    public static CompiledRules Pack { get; } = CompiledRules.Compile(PackSet);

    /// <summary>Compiles rules written in a test.</summary>
    public static CompiledRules Of(params ReadOnlySpan<string> rules)
    {
        ImmutableArray<SigmaFile> files = [.. rules.ToArray().Select((rule, index) => new SigmaFile($"rule{index}.yml", rule))];
        return CompiledRules.Compile(SigmaLoader.Load(files, new SigmaOptions()));
    }
}
