using System.Collections.Immutable;
using System.CommandLine;
using Vedette.Cli.Output;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Documents;

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

    /// <summary>Switches filters off.</summary>
    public static Option<string[]> WithoutFilters() => new("--without-filter")
    {
        Description = "Leave this filter out (name, id or title; see 'vedette rules filters'), or all of them. May be given again.",
        HelpName = "NAME|all",
    };

    /// <summary>The rules without the filters named; null after saying that there is no such filter.</summary>
    public static SigmaRuleSet? Without(Terminal terminal, SigmaRuleSet set, string[]? filters)
    {
        if (filters is not { Length: > 0 })
        {
            return set;
        }

        foreach (string name in filters)
        {
            if (name != "all" && !set.Filters.Any(filter => filter.IsCalled(name)))
            {
                terminal.Error.WriteLine($"vedette: --without-filter {TerminalText.Escape(name)}: there is no such filter; 'vedette rules filters' names them");
                return null;
            }
        }

        return set with { Rules = [.. set.Rules.Select(rule => rule with { Filters = rule.Filters.RemoveAll(filter => filters.Any(name => name == "all" || filter.IsCalled(name))) })] };
    }

    /// <summary>
    /// What a scan of Kubernetes audit events uses: rules for this log that were not taken back by their author, and the correlations over them.
    /// </summary>
    public static SigmaRuleSet ForScan(Terminal terminal, SigmaRuleSet set)
    {
        SigmaRuleSet used = ForScan(set);
        int all = set.Rules.Length + set.Correlations.Length;
        int left = all - used.Rules.Length - used.Correlations.Length;
        if (left > 0)
        {
            terminal.Error.WriteLine($"note: {left} of {all} rules are for other logs, deprecated or unsupported, and are not used.");
        }

        return used;
    }

    /// <summary>The same without a word.</summary>
    public static SigmaRuleSet ForScan(SigmaRuleSet set)
    {
        ImmutableArray<DetectionRule> used = [.. set.Rules.Where(rule => rule.LogSource.IsKubernetesAudit && IsInForce(rule))];
        HashSet<string> known = new(used.SelectMany(rule => new[] { rule.Id, rule.Name ?? rule.Id }), StringComparer.Ordinal);
        List<CorrelationRule> correlations = [];
        foreach (CorrelationRule correlation in set.Correlations.Where(correlation => IsInForce(correlation.Attributes) && correlation.Rules.All(known.Contains)))
        {
            correlations.Add(correlation);
            known.Add(correlation.Attributes.Id);
            known.Add(correlation.Attributes.Name ?? correlation.Attributes.Id);
        }

        return set with { Rules = used, Correlations = [.. correlations] };
    }

    private static bool IsInForce(DetectionRule rule) => rule.Status is not ("deprecated" or "unsupported");
}
