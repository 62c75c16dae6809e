using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Tests;

namespace Vedette.Detection.Tests.Pack;

/// <summary>The rules that come with the program.</summary>
internal static class PackRules
{
    public static CompiledRules Compiled { get; } = CompiledRules.Compile(SigmaLoader.Load(
        [
            .. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules"), "*.yml", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal)).Select(file => new SigmaFile(file, File.ReadAllText(file))),
        ],
        new SigmaOptions()));
}
