using System.Collections.Immutable;
using System.CommandLine;
using Vedette.Detection;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Cli.Commands;

/// <summary>What commands that use rules have in common.</summary>
internal static class RuleOptions
{
    /// <summary>Values of placeholders.</summary>
    public static Option<string[]> Placeholders() => new("--placeholder")
    {
        Description = "Values of a %NAME% placeholder in rules: NAME=VALUE,VALUE. May be given again.",
        HelpName = "NAME=VALUE,…",
    };

    /// <summary>The levels that <c>--fail-on</c> takes.</summary>
    public static ImmutableArray<string> Levels { get; } = ["never", "informational", "low", "medium", "high", "critical"];

    /// <summary>Reads rules and says what is wrong with them.</summary>
    /// <param name="terminal">For the messages.</param>
    /// <param name="files">The files.</param>
    /// <param name="options">How to read them.</param>
    /// <returns>Null when one cannot be used.</returns>
    public static SigmaRuleSet? Load(Terminal terminal, IEnumerable<SigmaFile> files, SigmaOptions options)
    {
        SigmaRuleSet set = SigmaLoader.Load(files, options);
        foreach (Diagnostic diagnostic in set.Diagnostics)
        {
            terminal.Error.WriteLine(diagnostic.ToString());
        }

        if (set.Correlations.Length > 0)
        {
            terminal.Error.WriteLine($"note: {set.Correlations.Length} correlation rules are read and checked, but this version does not run them yet.");
        }

        return set.HasErrors ? null : set;
    }

    /// <summary>The placeholders given; null after saying what is wrong with one.</summary>
    public static ImmutableDictionary<string, ImmutableArray<string>>? ParsePlaceholders(Terminal terminal, string[]? given)
    {
        ImmutableDictionary<string, ImmutableArray<string>>.Builder placeholders = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        foreach (string placeholder in given ?? [])
        {
            string[] parts = placeholder.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0)
            {
                terminal.Error.WriteLine($"vedette: --placeholder {placeholder}: write NAME=VALUE,VALUE");
                return null;
            }

            placeholders[parts[0]] = [.. parts[1].Split(',')];
        }

        return placeholders.ToImmutable();
    }

    /// <summary>The rules that a scan of Kubernetes audit events uses: for this log, and not taken back by their author.</summary>
    public static ImmutableArray<DetectionRule> ForScan(Terminal terminal, SigmaRuleSet set)
    {
        ImmutableArray<DetectionRule> used = [.. set.Rules.Where(rule => rule.LogSource.IsKubernetesAudit && rule.Status is not ("deprecated" or "unsupported"))];
        if (used.Length < set.Rules.Length)
        {
            terminal.Error.WriteLine($"note: {set.Rules.Length - used.Length} of {set.Rules.Length} rules are for other logs, deprecated or unsupported, and are not used.");
        }

        return used;
    }
}
