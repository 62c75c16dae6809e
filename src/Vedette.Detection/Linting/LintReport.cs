using Vedette.Detection.Rules;
using Vedette.Documents;

namespace Vedette.Detection.Linting;

/// <summary>Gathers what is found, each thing once.</summary>
internal sealed class LintReport
{
    private readonly List<Diagnostic> _diagnostics = [];
    private readonly HashSet<Diagnostic> _seen = [];

    /// <summary>What was found, in the order of files and lines.</summary>
    public IEnumerable<Diagnostic> InOrder() => _diagnostics.OrderBy(found => found.File, StringComparer.Ordinal).ThenBy(found => found.Line).ThenBy(found => found.Column)
        .ThenBy(found => found.Code, StringComparer.Ordinal).ThenBy(found => found.Message, StringComparer.Ordinal);

    /// <summary>Adds something about a document as a whole.</summary>
    public void Add(string code, DetectionRule rule, string message, string help) => Add(code, rule.File, rule.Line, 1, message, help);

    /// <summary>Adds something about one test of a rule.</summary>
    public void Add(string code, DetectionRule rule, Condition test, string message, string help, bool atKey = false)
    {
        ConditionPlace? place = rule.Places.Of(test);
        Add(code, rule.File, (atKey ? place?.KeyLine : place?.Line) ?? rule.Line, (atKey ? place?.KeyColumn : place?.Column) ?? 1, message, help);
    }

    /// <summary>Adds something at a place.</summary>
    public void Add(string code, string file, int line, int column, string message, string help)
    {
        Diagnostic found = new(code, LintCode.Of(code).Severity, file, line, column, message, help);
        if (_seen.Add(found))
        {
            _diagnostics.Add(found);
        }
    }
}
