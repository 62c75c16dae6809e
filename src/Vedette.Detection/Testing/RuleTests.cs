using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;
using Vedette.Detection.Yaml;

namespace Vedette.Detection.Testing;

/// <summary>One test of a rule: events, and whether the rule must match.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="MustMatch">True: each event must match; false: none may.</param>
/// <param name="Events">Events as JSON.</param>
/// <param name="Line">Line in its file.</param>
public sealed record RuleTest(string Name, bool MustMatch, ImmutableArray<ReadOnlyMemory<byte>> Events, int Line);

/// <summary>
/// The tests that stand beside a rule in <c>NAME.tests.yml</c>: lists <c>match</c> and <c>no_match</c> of maps with <c>name</c> and either <c>event</c> or <c>events</c>. Events may be partial;
/// their values have the types of YAML 1.1.
/// </summary>
public static class RuleTests
{
    /// <summary>Ending of the name of a file with tests.</summary>
    public const string Suffix = ".tests.yml";

    /// <summary>Reads a file of tests; what is wrong with it is added to the diagnostics.</summary>
    public static ImmutableArray<RuleTest> Read(string file, string text, ICollection<Diagnostic> diagnostics)
    {
        List<Diagnostic> found = [];
        ImmutableArray<RuleTest>.Builder tests = ImmutableArray.CreateBuilder<RuleTest>();
        foreach (YamlNode document in YamlReader.Read(file, text, found))
        {
            if (document is not YamlMapping map)
            {
                Error(document, "A file of tests is a map with match and no_match.");
                continue;
            }

            foreach (YamlMember member in map.Members)
            {
                if (member.Key.Text is not ("match" or "no_match") || member.Value is not YamlSequence list)
                {
                    Error(member.Key, $"'{member.Key.Text}' is not expected here; write lists match and no_match.");
                    continue;
                }

                foreach (YamlNode item in list.Items)
                {
                    if (ReadTest(item, member.Key.Text == "match") is { } test)
                    {
                        tests.Add(test);
                    }
                }
            }
        }

        foreach (Diagnostic diagnostic in found)
        {
            diagnostics.Add(diagnostic);
        }

        return tests.ToImmutable();

        RuleTest? ReadTest(YamlNode item, bool mustMatch)
        {
            if (item is not YamlMapping test || test["name"] is not YamlScalar name
                || test.Members.FirstOrDefault(member => member.Key.Text is not ("name" or "event" or "events")).Key is not null)
            {
                Error(item, "A test is a map with name and either event or events.");
                return null;
            }

            YamlNode[] events = test["event"] is { } one ? [one] : test["events"] is YamlSequence several ? [.. several.Items] : [];
            if (events.Length == 0 || events.Any(node => node is not YamlMapping))
            {
                Error(item, "A test needs 'event', a map, or 'events', a list of maps.");
                return null;
            }

            return new RuleTest(name.Text, mustMatch, [.. events.Select(ToJson)], item.Line);
        }

        void Error(YamlNode at, string message) => found.Add(new Diagnostic("VT1001", DiagnosticSeverity.Error, file, at.Line, at.Column, message));
    }

    /// <summary>Runs a test.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="test">The test.</param>
    /// <returns>Null when it holds; else what happened, for people.</returns>
    public static string? Run(DetectionRule rule, RuleTest test)
    {
        RuleEvaluator evaluator = new(CompiledRules.Compile([rule]));
        EventDecoder decoder = new();
        for (int i = 0; i < test.Events.Length; i++)
        {
            DecodeStatus status = decoder.Decode(test.Events[i].Span, out EventView view);
            if (status != DecodeStatus.Ok)
            {
                return $"event {i} cannot be read: {status}";
            }

            if (evaluator.Evaluate(view).Count > 0 != test.MustMatch)
            {
                return test.MustMatch ? $"event {i} should match and does not" : $"event {i} should not match and does";
            }
        }

        return null;
    }

    private static ReadOnlyMemory<byte> ToJson(YamlNode node)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            Write(node, writer);
        }

        return buffer.WrittenMemory;
    }

    private static void Write(YamlNode node, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case YamlMapping map:
                writer.WriteStartObject();
                foreach (YamlMember member in map.Members)
                {
                    writer.WritePropertyName(member.Key.Text);
                    Write(member.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case YamlSequence list:
                writer.WriteStartArray();
                foreach (YamlNode item in list.Items)
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case YamlScalar scalar:
                switch (YamlTyping.TypeOf(scalar, out bool truth, out decimal number, out _))
                {
                    case YamlType.Null:
                        writer.WriteNullValue();
                        break;
                    case YamlType.Boolean:
                        writer.WriteBooleanValue(truth);
                        break;
                    case YamlType.Number:
                        writer.WriteNumberValue(number);
                        break;
                    default:
                        writer.WriteStringValue(scalar.Text);
                        break;
                }

                break;
        }
    }
}
