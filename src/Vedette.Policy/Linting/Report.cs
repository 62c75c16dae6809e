using Vedette.Documents;
using Vedette.Policy.Model;

namespace Vedette.Policy.Linting;

/// <summary>Gathers what the checks find in one policy.</summary>
internal sealed class Report(AuditPolicy policy)
{
    private readonly List<Diagnostic> _found = [];

    /// <summary>What was found, in order of the text.</summary>
    public IEnumerable<Diagnostic> Found => _found.OrderBy(found => found.Line).ThenBy(found => found.Column).ThenBy(found => found.Code, StringComparer.Ordinal);

    /// <summary>Has anything been said of the rule or of a text in it?</summary>
    public bool IsAnythingSaidOf(PolicyRule rule)
    {
        int end = rule.Index + 1 < policy.Rules.Length ? policy.Rules[rule.Index + 1].Line : int.MaxValue;
        return _found.Exists(found => found.Line >= rule.Line && found.Line < end);
    }

    /// <summary>Adds something about a text of the policy.</summary>
    public void Add(PolicyCheck check, PolicyText at, string message, string help) => Add(check, at.Line, at.Column, message, help);

    /// <summary>Adds something about a rule.</summary>
    public void Add(PolicyCheck check, PolicyRule rule, string message, string help) => Add(check, rule.Line, rule.Column, message, help);

    /// <summary>Adds something about the policy as a whole.</summary>
    public void Add(PolicyCheck check, string message, string help) => Add(check, 1, 1, message, help);

    /// <summary>Adds something about a rule, or about the policy as a whole where no rule decides.</summary>
    /// <param name="check">What was looked for.</param>
    /// <param name="rule">Place of the rule, from 0; -1 when there is none.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="help">What to do.</param>
    public void AddAt(PolicyCheck check, int rule, string message, string help)
    {
        if (rule < 0)
        {
            Add(check, message, help);
        }
        else
        {
            Add(check, policy.Rules[rule], message, help);
        }
    }

    private void Add(PolicyCheck check, int line, int column, string message, string help)
    {
        Diagnostic diagnostic = new(check.Id, check.Severity, policy.File, line, column, message, help);
        if (!_found.Contains(diagnostic))
        {
            _found.Add(diagnostic);
        }
    }
}
