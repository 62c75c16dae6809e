using System.Collections.Immutable;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Sigma;

/// <summary>What was read from a set of Sigma files. Documents with errors are left out of the rules and named in the diagnostics.</summary>
/// <param name="Rules">Rules, filters applied.</param>
/// <param name="Correlations">Correlation rules, read and checked.</param>
/// <param name="Diagnostics">Errors, warnings and notes in the order of files and documents.</param>
public sealed record SigmaRuleSet(
    ImmutableArray<DetectionRule> Rules,
    ImmutableArray<CorrelationRule> Correlations,
    ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>True when some document could not be used.</summary>
    public bool HasErrors => Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
}
