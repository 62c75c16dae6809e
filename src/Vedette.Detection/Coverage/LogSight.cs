using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Coverage;

/// <summary>What a log shows at all: which levels, stages and verbs are in it, and so which rules it could never have fired. Not for several threads.</summary>
public sealed class LogSight
{
    /// <summary>Most different values kept of a field; what is beyond is no value that rules know.</summary>
    public const int MaxValues = 64;

    private static readonly ImmutableArray<(AuditField Field, string Path, string Plural)> s_fields =
        [(AuditField.Level, "level", "levels"), (AuditField.Stage, "stage", "stages"), (AuditField.Verb, "verb", "verbs")];

    private readonly HashSet<string>[] _seen = [.. s_fields.Select(_ => new HashSet<string>(StringComparer.Ordinal))];
    private readonly bool[] _isMissing = new bool[s_fields.Length];
    private readonly EventLogic _logic = new();

    /// <summary>Events looked at.</summary>
    public long Events { get; private set; }

    /// <summary>The levels in the log, in order of their names.</summary>
    public IEnumerable<string> Levels => _seen[0].Order(StringComparer.Ordinal);

    /// <summary>The stages in the log.</summary>
    public IEnumerable<string> Stages => _seen[1].Order(StringComparer.Ordinal);

    /// <summary>The verbs in the log.</summary>
    public IEnumerable<string> Verbs => _seen[2].Order(StringComparer.Ordinal);

    /// <summary>Takes an event.</summary>
    public void Add(in EventView view)
    {
        Events++;
        for (int i = 0; i < s_fields.Length; i++)
        {
            if (view[s_fields[i].Field].AsString() is not { } value)
            {
                _isMissing[i] = true;
            }
            else if (_seen[i].Count < MaxValues)
            {
                _seen[i].Add(value);
            }
        }
    }

    /// <summary>Why no event like those of the log could have matched a rule; null when one could.</summary>
    public string? WhyUnseen(DetectionRule rule)
    {
        if (Events == 0)
        {
            return null;
        }

        List<Condition> all = [rule.Condition];
        for (int i = 0; i < s_fields.Length; i++)
        {
            if (OneOf(i) is not { } one)
            {
                continue;
            }

            if (!_logic.IsPossible(rule.Condition, one))
            {
                return $"the log has no events of the {s_fields[i].Plural} it needs (only {string.Join(", ", _seen[i].Order(StringComparer.Ordinal))})";
            }

            all.Add(one);
        }

        return _logic.IsPossible([.. all]) ? null : "no combination of level, stage and verb in the log can show it";
    }

    /// <summary>The field has one of the values seen; null where events lack it, for then nothing follows.</summary>
    private Condition.Any? OneOf(int field) => _isMissing[field] || _seen[field].Count is 0 or MaxValues
        ? null
        : new Condition.Any([.. _seen[field].Order(StringComparer.Ordinal).Select(value => (Condition)new Condition.Field(s_fields[field].Path, new ValueTest.Text(TextPattern.Literal(value), CaseSensitive: false)))]);
}
