using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Explaining;

/// <summary>Says of every part of a rule whether it held on an event, with the values it looked at.</summary>
public static class RuleExplainer
{
    /// <summary>Most values shown of a field.</summary>
    public const int MaxValues = 5;

    /// <summary>Most characters shown of a value.</summary>
    public const int MaxValueLength = 160;

    /// <summary>Explains a rule on an event.</summary>
    public static RuleExplanation Explain(DetectionRule rule, in EventView view)
    {
        Explanation condition = Explain(rule.Condition, rule.Places, view);
        ImmutableArray<(string, Explanation)>.Builder filters = ImmutableArray.CreateBuilder<(string, Explanation)>();
        Verdict verdict = condition.Verdict;
        foreach (RuleFilter filter in rule.Filters)
        {
            Explanation explained = Explain(filter.Condition, filter.Places, view);
            filters.Add((filter.Name, explained));
            verdict = Least(verdict, explained.Verdict);
        }

        string? beyond = rule.NewTerms is { } terms
            ? $"It fires only where the values of {string.Join(", ", terms.Fields)} together are new: not seen in matches of this rule within {Days(terms.Window)} before"
                + (terms.Learning > TimeSpan.Zero ? $", and not in the first {Days(terms.Learning)} of the log." : ".")
            : null;
        return new RuleExplanation(verdict, condition, filters.ToImmutable(), beyond);
    }

    private static Explanation Explain(Condition condition, ConditionPlaces places, in EventView view)
    {
        switch (condition)
        {
            case Condition.All all:
                return Group("all of", all.Of, Verdict.True, isAll: true, places, view);
            case Condition.Any any:
                return Group("any of", any.Of, Verdict.False, isAll: false, places, view);
            case Condition.Not not:
                Explanation of = Explain(not.Of, places, view);
                return new Explanation("not", of.Verdict switch { Verdict.True => Verdict.False, Verdict.False => Verdict.True, _ => Verdict.NotEvaluable }, [of]);
            case Condition.Constant constant:
                return new Explanation(constant.Value ? "always" : "never", constant.Value ? Verdict.True : Verdict.False, []);
            default:
                ConditionPlace? place = places.Of(condition);
                string? field = condition.TestedField;
                return new Explanation(Text(condition), Judge(condition, view), [])
                {
                    Search = place?.Search,
                    Field = field,
                    Values = field is null ? [] : ValuesOf(field, view),
                    Line = place?.Line ?? 0,
                };
        }
    }

    private static Explanation Group(string text, ImmutableArray<Condition> parts, Verdict start, bool isAll, ConditionPlaces places, in EventView view)
    {
        ImmutableArray<Explanation>.Builder explained = ImmutableArray.CreateBuilder<Explanation>(parts.Length);
        Verdict verdict = start;
        foreach (Condition part in parts)
        {
            Explanation one = Explain(part, places, view);
            explained.Add(one);
            verdict = isAll ? Least(verdict, one.Verdict) : (Verdict)Math.Max((int)verdict, (int)one.Verdict);
        }

        return new Explanation(text, verdict, explained.MoveToImmutable());
    }

    private static Verdict Least(Verdict one, Verdict other) => (Verdict)Math.Min((int)one, (int)other);

    /// <summary>Asks the engine itself, with a rule that is this test alone.</summary>
    private static Verdict Judge(Condition test, in EventView view) =>
        new RuleEvaluator(CompiledRules.Compile([new DetectionRule { Id = "test", Title = "test", Condition = test }])).Judge(0, view) switch
        {
            Truth.True => Verdict.True,
            Truth.False => Verdict.False,
            _ => Verdict.NotEvaluable,
        };

    private static ImmutableArray<string> ValuesOf(string path, in EventView view)
    {
        if (HoldsSecrets(view) && BodyNeedsOf.Path(path) != BodyNeeds.None)
        {
            return ["(not shown: the body holds secrets)"];
        }

        FieldResolver resolver = new([FieldPath.Parse(path)]);
        resolver.Begin();
        Range range = resolver.Resolve(0, view, out _);
        ImmutableArray<string>.Builder values = ImmutableArray.CreateBuilder<string>();
        for (int value = range.Start.Value; value < range.End.Value && values.Count < MaxValues; value++)
        {
            string text = resolver.KindOf(value) == JsonKind.Null ? "null" : Encoding.UTF8.GetString(resolver.TextOf(value, view));
            values.Add(text.Length <= MaxValueLength ? text : string.Concat(text.AsSpan(0, MaxValueLength), "…"));
        }

        int more = range.End.Value - range.Start.Value - values.Count;
        if (more > 0)
        {
            values.Add(string.Create(CultureInfo.InvariantCulture, $"… {more} more"));
        }

        return values.ToImmutable();
    }

    /// <summary>Bodies of secrets, and of requests and reviews of tokens.</summary>
    private static bool HoldsSecrets(in EventView view) =>
        view[AuditField.ObjectResource].StringEquals("secrets"u8) || view[AuditField.ObjectResource].StringEquals("tokenreviews"u8) || view[AuditField.ObjectSubresource].StringEquals("token"u8);

    private static string Text(Condition condition) => condition switch
    {
        Condition.Field field => $"{field.Path} {Text(field.Test)}",
        Condition.IsNull isNull => $"{isNull.Path} is null or missing",
        Condition.Exists exists => $"{exists.Path} is there",
        Condition.FieldReference reference => $"{reference.Path} compares with {reference.Other}",
        Condition.Keyword keyword => $"any value {Text(keyword.Test)}",
        _ => "",
    };

    private static string Text(ValueTest test) => test switch
    {
        ValueTest.Text text => $"{(text.Pattern.IsLiteral ? "is" : "matches")} '{text.Pattern}'",
        ValueTest.NumberIs number => string.Create(CultureInfo.InvariantCulture, $"is {number.Value}"),
        ValueTest.BooleanIs truth => truth.Value ? "is true" : "is false",
        ValueTest.Matches regex => $"matches /{regex.Pattern}/",
        ValueTest.InNetwork network => $"is in {network.Network}",
        ValueTest.Compare compare => string.Create(CultureInfo.InvariantCulture, $"{Text(compare.Operator)} {compare.Value}"),
        ValueTest.TimePart part => string.Create(CultureInfo.InvariantCulture, $"has {part.Unit} {Text(part.Operator)} {part.Value}"),
        _ => "passes",
    };

    private static string Text(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "=",
        Comparison.Greater => ">",
        Comparison.GreaterOrEqual => ">=",
        Comparison.Less => "<",
        _ => "<=",
    };

    private static string Days(TimeSpan time) => time.TotalDays >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0.#} days")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0.#} hours");
}
