using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Documents;

namespace Vedette.Detection.Sigma;

/// <summary>What was read from a set of Sigma files. Documents with errors are left out of the rules and named in the diagnostics.</summary>
/// <param name="Rules">Rules, each with the filters that apply to it.</param>
/// <param name="Correlations">Correlation rules, read and checked.</param>
/// <param name="Diagnostics">Errors, warnings and notes in the order of files and documents.</param>
public sealed record SigmaRuleSet(
    ImmutableArray<DetectionRule> Rules,
    ImmutableArray<CorrelationRule> Correlations,
    ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>Filters, whether they apply to one of the rules or not.</summary>
    public ImmutableArray<RuleFilter> Filters { get; init; } = [];

    /// <summary>True when some document could not be used.</summary>
    public bool HasErrors => Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    /// <summary>The rules, and the attributes of the correlations.</summary>
    public IEnumerable<DetectionRule> All => Rules.Concat(Correlations.Select(correlation => correlation.Attributes));

    /// <summary>The rule or correlation that tests beside a file are for.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="name">Name, id or title of a rule of the file; null for its last document.</param>
    /// <returns>Null when there is none.</returns>
    public DetectionRule? SubjectOf(string file, string? name) =>
        All.Where(rule => rule.File == file && (name is null || name == rule.Name || name == rule.Id || name == rule.Title)).MaxBy(rule => rule.Line);

    /// <summary>A rule or correlation with all that it refers to and nothing else, so that it makes findings of its own.</summary>
    /// <param name="subject">One of the rules, or the attributes of one of the correlations.</param>
    public SigmaRuleSet Only(DetectionRule subject)
    {
        HashSet<string> wanted = new(StringComparer.Ordinal) { subject.Id };
        List<CorrelationRule> correlations = [];
        // A correlation stands after what it refers to, so backwards each is known to be wanted before it is reached.
        foreach (CorrelationRule correlation in Correlations.Reverse())
        {
            if (wanted.Contains(correlation.Attributes.Id) || (correlation.Attributes.Name is { } name && wanted.Contains(name)))
            {
                correlations.Insert(0, correlation);
                wanted.UnionWith(correlation.Rules);
            }
        }

        return this with { Rules = [.. Rules.Where(rule => wanted.Contains(rule.Id) || (rule.Name is { } name && wanted.Contains(name)))], Correlations = [.. correlations] };
    }
}
