using System.Collections.Immutable;
using System.Text;
using Vedette.Audit.Json;
using Vedette.Audit.Needs;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Needs;

/// <summary>The texts that facts leave to a field.</summary>
internal static class FactSets
{
    /// <summary>What stands for a star and for a question mark in an example.</summary>
    private const string Filler = "vedette-x";

    /// <summary>Most answers remembered of a set.</summary>
    private const int MaxRemembered = 100_000;

    /// <summary>The values a field can have, the empty text for none.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="path">A field that has at most one value.</param>
    public static TextSet Of(Facts facts, string path) => Of(facts, path, text => text);

    /// <summary>The texts from which a field follows.</summary>
    /// <param name="facts">The facts.</param>
    /// <param name="path">A field that has at most one value.</param>
    /// <param name="read">What the field's value is for a text; the empty text for none.</param>
    public static TextSet Of(Facts facts, string path, Func<string, string> read)
    {
        if (!facts.Paths.Contains(path, StringComparer.Ordinal))
        {
            return TextSet.Any;
        }

        bool canBeAbsent = facts.CanBeAbsent(path);
        bool mustBeAbsent = facts.MustBeAbsent(path);
        IReadOnlyList<ImmutableArray<ValueTest>> wanted = facts.WantedOf(path);
        return new TextSet(
            Remembering(text => read(text) is { Length: > 0 } value ? !mustBeAbsent && facts.Allows(path, new PossibleValue(value, JsonKind.String)) : canBeAbsent),
            [.. wanted.SelectMany(group => group).Select(Example).OfType<string>().Distinct(StringComparer.Ordinal)],
            wanted.Any(group => group.All(EventLogic.IsLiteral)));
    }

    /// <summary>For a field of several values: of each set returned some value must be.</summary>
    public static ImmutableArray<TextSet> Wanted(Facts facts, EventLogic logic, string path) =>
    [
        .. facts.WantedOf(path).Select(group => new TextSet(
            Remembering(text => group.Any(test => logic.Passes(test, new PossibleValue(text, JsonKind.String)))), [.. group.Select(Example).OfType<string>()], group.All(EventLogic.IsLiteral))),
    ];

    /// <summary>For a field of several values: of no set returned any value may be.</summary>
    public static ImmutableArray<TextSet> Unwanted(Facts facts, EventLogic logic, string path) =>
        [.. facts.UnwantedOf(path).Select(test => new TextSet(Remembering(text => logic.Passes(test, new PossibleValue(text, JsonKind.String))), Example(test) is { } example ? [example] : [], isFinite: false))];

    /// <summary>The same few texts are asked about again and again.</summary>
    private static Func<string, bool> Remembering(Func<string, bool> contains)
    {
        Dictionary<string, bool> answers = new(StringComparer.Ordinal);
        return text =>
        {
            if (answers.TryGetValue(text, out bool answer))
            {
                return answer;
            }

            answer = contains(text);
            if (answers.Count < MaxRemembered)
            {
                answers[text] = answer;
            }

            return answer;
        };
    }

    /// <summary>A text that passes a test, as far as it can be made from it; null for tests that only try.</summary>
    private static string? Example(ValueTest test)
    {
        if (EventLogic.IsLiteral(test))
        {
            return EventLogic.ValueOf(test).Text;
        }

        if (test is not ValueTest.Text text)
        {
            return null;
        }

        StringBuilder example = new();
        foreach (PatternPart part in text.Pattern.Parts)
        {
            example.Append(part.Kind switch
            {
                PatternPartKind.AnyCharacters => Filler,
                PatternPartKind.OneCharacter => "x",
                _ => part.Text,
            });
        }

        return example.ToString();
    }
}
