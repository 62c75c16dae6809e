using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Sigma;
using Vedette.Documents;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Testing;

/// <summary>Reads the tests that stand beside a rule; docs/rules.md describes the format.</summary>
internal sealed class RuleTestReader(string file, ICollection<Diagnostic> diagnostics)
{
    /// <summary>Most events of one test, repetitions counted.</summary>
    public const int MaxEvents = 10_000;

    private YamlMapping? _base;

    /// <summary>Reads one document.</summary>
    public IEnumerable<RuleTest> Read(YamlNode document)
    {
        if (document is not YamlMapping map)
        {
            Error(document, "A file of tests is a map with match and no_match.");
            yield break;
        }

        _base = null;
        if (map["base"] is { } common)
        {
            _base = common as YamlMapping;
            if (_base is null)
            {
                Error(common, "'base' must be a map: what the events of this file have in common.");
            }
        }

        foreach (YamlMember member in map.Members.Where(member => member.Key.Text != "base"))
        {
            if (member.Key.Text is not ("match" or "no_match" or "passes" or "suppresses") || member.Value is not YamlSequence list)
            {
                Error(member.Key, $"'{member.Key.Text}' is not expected here; write lists match and no_match (beside a filter: passes and suppresses), and a map base.");
                continue;
            }

            foreach (YamlNode item in list.Items)
            {
                if (ReadTest(item, member.Key.Text is "match" or "passes") is { } test)
                {
                    yield return test;
                }
            }
        }
    }

    private RuleTest? ReadTest(YamlNode item, bool mustMatch)
    {
        if (item is not YamlMapping test || test["name"] is not YamlScalar name || !test.HasOnly("name", "rule", "event", "events", "sequence", "findings"))
        {
            Error(item, "A test is a map with name and one of event, events, sequence.");
            return null;
        }

        string? rule = (test["rule"] as YamlScalar)?.Text;
        if (test["sequence"] is { } sequence)
        {
            ImmutableArray<ReadOnlyMemory<byte>> timed = ReadSequence(sequence);
            int? findings = Number(test["findings"], 1);
            return timed.IsEmpty ? null : new RuleTest(name.Text, mustMatch, timed, IsSequence: true, findings, item.Line, rule);
        }

        YamlNode[] events = test["event"] is { } one ? [one] : test["events"] is YamlSequence several ? [.. several.Items] : [];
        if (events.Length == 0 || events.Any(node => node is not YamlMapping))
        {
            Error(item, "A test needs 'event', a map, or 'events', a list of maps, or 'sequence'.");
            return null;
        }

        return new RuleTest(
            name.Text, mustMatch, [.. events.Select(node => TestEvent.ToJson(TestEvent.Over(_base, (YamlMapping)node)))], IsSequence: false, Findings: null, item.Line, rule);
    }

    private ImmutableArray<ReadOnlyMemory<byte>> ReadSequence(YamlNode sequence)
    {
        ImmutableArray<ReadOnlyMemory<byte>>.Builder events = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        if (sequence is not YamlSequence list)
        {
            Error(sequence, "'sequence' must be a list of maps with at, event, and where wanted repeat and every.");
            return [];
        }

        foreach (YamlNode item in list.Items)
        {
            if (item is not YamlMapping step || step["event"] is not YamlMapping own || !step.HasOnly("at", "event", "repeat", "every"))
            {
                Error(item, "A step of a sequence is a map with at, event, and where wanted repeat and every.");
                return [];
            }

            TimeSpan at = Offset(step["at"]);
            TimeSpan every = Offset(step["every"]);
            int repeat = Number(step["repeat"], 1) ?? 1;
            if (events.Count + repeat > MaxEvents)
            {
                Error(item, $"A test has at most {MaxEvents} events.");
                return [];
            }

            YamlMapping whole = TestEvent.Over(_base, own);
            for (int number = 0; number < repeat; number++)
            {
                events.Add(TestEvent.ToJson(whole, number, events.Count, at + (every * number)));
            }
        }

        return events.ToImmutable();
    }

    /// <summary>Such as <c>90s</c>, <c>-8d</c> or <c>0</c>; nothing means 0.</summary>
    private TimeSpan Offset(YamlNode? node)
    {
        switch (node)
        {
            case null or YamlScalar { Text: "0" or "0s" }:
                return TimeSpan.Zero;
            case YamlScalar { Text: var text }:
                bool isBefore = text.StartsWith('-');
                if (SigmaTimespan.TryParse(text.AsSpan(isBefore ? 1 : 0), out TimeSpan offset))
                {
                    return isBefore ? -offset : offset;
                }

                break;
        }

        Error(node, "This must be a number and one of s, m, h, d, w, such as 90s or -8d.");
        return TimeSpan.Zero;
    }

    private int? Number(YamlNode? node, int least)
    {
        if (node is null)
        {
            return null;
        }

        if (node is YamlScalar scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= MaxEvents)
        {
            return number;
        }

        Error(node, $"This must be a number from {least} to {MaxEvents}.");
        return null;
    }

    private void Error(YamlNode at, string message) => diagnostics.Add(new Diagnostic("VT1001", DiagnosticSeverity.Error, file, at.Line, at.Column, message));
}
