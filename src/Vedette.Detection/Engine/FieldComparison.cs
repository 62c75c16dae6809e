using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Engine;

/// <summary>Compares the values of two fields of one event (<see cref="PredicateKind.Reference"/>).</summary>
internal static class FieldComparison
{
    /// <summary>Does some value of the other field stand in some value of the first one?</summary>
    public static bool Holds(Predicate predicate, Range values, Range others, FieldResolver fields, in EventView view)
    {
        for (int value = values.Start.Value; value < values.End.Value; value++)
        {
            for (int other = others.Start.Value; other < others.End.Value; other++)
            {
                if (fields.KindOf(value) != JsonKind.Null && fields.KindOf(other) != JsonKind.Null
                    && Stands(Comparable(other, predicate, fields, view), Comparable(value, predicate, fields, view), predicate.Position))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Comparable(int value, Predicate predicate, FieldResolver fields, in EventView view) =>
        predicate.CaseSensitive ? fields.TextOf(value, view) : fields.FoldedOf(value, view);

    private static bool Stands(ReadOnlySpan<byte> text, ReadOnlySpan<byte> inText, TextPosition position) => position switch
    {
        TextPosition.Whole => inText.SequenceEqual(text),
        TextPosition.Start => inText.StartsWith(text),
        TextPosition.End => inText.EndsWith(text),
        _ => inText.IndexOf(text) >= 0,
    };
}
