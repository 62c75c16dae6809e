using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Compiles the <c>detection</c> of a rule, or the <c>filter</c> of a filter, to one condition over fields.</summary>
/// <param name="reader">The document.</param>
/// <param name="options">How to read it.</param>
/// <param name="isKnown">True when it was read before and there is nothing to say against it: then no regular expression is made only to see whether it can be.</param>
internal sealed class DetectionCompiler(DocumentReader reader, SigmaOptions options, bool isKnown)
{
    /// <summary>Where the tests of the condition stand.</summary>
    public ConditionPlaces Places { get; } = options.NotesPlaces ? new ConditionPlaces() : ConditionPlaces.None;

    /// <summary>Compiles a map of search identifiers and a condition.</summary>
    /// <param name="detection">The map.</param>
    /// <param name="reserved">Keys that are no search identifiers.</param>
    /// <returns>Null when there were errors.</returns>
    public Condition? Compile(YamlMapping detection, params ReadOnlySpan<string> reserved)
    {
        ValueCompiler values = new(reader, options.Mapping, isKnown);
        TestBudget budget = new(reader);
        SearchIdentifiers searches = new();
        foreach (YamlMember member in detection.Members)
        {
            string name = member.Key.Text;
            if (name == "condition" || reserved.Contains(name))
            {
                continue;
            }

            if (!IsIdentifier(name))
            {
                reader.Error("VS1021", member.Key, $"'{name}' is no name for a search identifier.", "Use letters, digits, '_' and '-'.");
                continue;
            }

            if (name == "timeframe")
            {
                reader.Warn("VS1028", member.Key, "'timeframe' is obsolete and here no more than one more search identifier, a keyword.", "Write a correlation rule with a timespan.");
            }

            if (new SearchCompiler(name, reader, options, values, budget, Places).Compile(member.Value) is { } condition)
            {
                searches.Add(name, condition);
                if (options.NotesPlaces)
                {
                    Places.AddSearch(name, condition);
                }
            }
        }

        if (searches.IsEmpty && !reader.HasErrors)
        {
            reader.Error("VS1020", detection, "There is nothing to search for.", "Add a search identifier, such as 'selection:'.");
        }

        return CompileCondition(detection, searches);
    }

    private static bool IsIdentifier(string name)
    {
        foreach (char character in name)
        {
            if (!char.IsLetterOrDigit(character) && character is not ('_' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private Condition? CompileCondition(YamlMapping detection, SearchIdentifiers searches)
    {
        YamlNode? node = detection["condition"];
        YamlScalar[] alternatives = node switch
        {
            YamlScalar scalar => [scalar],
            YamlSequence list when list.Items.All(item => item is YamlScalar) => [.. list.Items.Cast<YamlScalar>()],
            _ => [],
        };
        if (alternatives.Length == 0)
        {
            reader.Error("VS1022", node ?? detection, "There is no 'condition'.", "Say which search identifiers must match: condition: selection.");
            return null;
        }

        if (reader.HasErrors)
        {
            return null;
        }

        // What the condition names counts anew: an identifier that it names twice is tested twice.
        TestBudget budget = new(reader);
        ImmutableArray<string> names = searches.Names;
        List<Condition> conditions = new(alternatives.Length);
        foreach (YamlScalar alternative in alternatives)
        {
            if (!ConditionReader.TryRead(reader, alternative, names, out ConditionExpression? expression))
            {
                continue;
            }

            if (expression is null)
            {
                conditions.Add(new Condition.Constant(false));
            }
            else if (budget.TryTake(searches.TestsOf(expression), alternative))
            {
                conditions.Add(searches.Resolve(expression));
            }
            else
            {
                return null;
            }
        }

        if (options.NotesPlaces)
        {
            Places.Unused = [.. detection.Members.Where(member => searches.IsUnused(member.Key.Text))
                .Select(member => new ConditionPlace(member.Key.Text, "", member.Key.Line, member.Key.Column, member.Key.Line, member.Key.Column))];
        }

        return reader.HasErrors ? null : Condition.AnyOf(conditions);
    }
}
