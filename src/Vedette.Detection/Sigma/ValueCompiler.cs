using System.Globalization;
using Vedette.Detection.Rules;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Reads values of detection items as YAML types them, and compiles them to tests.</summary>
/// <param name="reader">The document.</param>
/// <param name="mapping">What is done to field names.</param>
/// <param name="isKnown">True when there is nothing to say against the document: then no regular expression is made only to see whether it can be.</param>
internal sealed class ValueCompiler(DocumentReader reader, FieldMapping mapping, bool isKnown)
{
    /// <summary>Reads a value as written.</summary>
    /// <returns>Null when there was an error.</returns>
    public SigmaValue? Read(YamlScalar scalar)
    {
        YamlType type = YamlTyping.TypeOf(scalar, out bool truth, out decimal number, out bool isSurprising);
        if (isSurprising)
        {
            string read = type == YamlType.Boolean ? (truth ? "true" : "false") : number.ToString(CultureInfo.InvariantCulture);
            reader.Warn("VS1027", scalar, $"YAML 1.1 reads {scalar.Text} without quotes as {read}.", $"Write '{scalar.Text}' for the text, or {read}.");
        }

        switch (type)
        {
            case YamlType.Null:
                return new SigmaValue.Null();
            case YamlType.Boolean:
                return new SigmaValue.Truth(truth);
            case YamlType.Number:
                return new SigmaValue.Number(number);
            case YamlType.Timestamp:
                reader.Error("VS1026", scalar, $"YAML reads {scalar.Text} as a date, which is no value in Sigma.", $"Write '{scalar.Text}' in quotes.");
                return null;
            default:
                return new SigmaValue.Text(SigmaText.Parse(scalar.Text));
        }
    }

    /// <summary>Compiles a value, after its modifiers, to a condition.</summary>
    /// <param name="field">The field as written; empty for a keyword.</param>
    /// <param name="value">The value.</param>
    /// <param name="at">Where it stands.</param>
    /// <returns>Null when there was an error.</returns>
    public Condition? Compile(string field, SigmaValue value, YamlScalar at) => field.Length == 0 ? Keyword(value, at) : FieldTest(mapping.Map(field), value, at);

    private Condition? FieldTest(string field, SigmaValue value, YamlScalar at) => value switch
    {
        SigmaValue.Null => new Condition.IsNull(field),
        SigmaValue.Presence presence => presence.Value ? new Condition.Exists(field) : new Condition.Not(new Condition.Exists(field)),
        SigmaValue.Reference other => new Condition.FieldReference(field, other.Field, other.Position, other.CaseSensitive),
        _ => Test(value, at) is { } test ? new Condition.Field(field, test) : null,
    };

    private Condition.Keyword? Keyword(SigmaValue value, YamlScalar at)
    {
        switch (value)
        {
            case SigmaValue.Text text:
                return new Condition.Keyword(new ValueTest.Text(SigmaText.Place(text.Pattern, TextPosition.Anywhere), text.CaseSensitive));
            case SigmaValue.Number:
                return new Condition.Keyword(new ValueTest.Text(SigmaText.Place(TextPattern.Literal(at.Text), TextPosition.Anywhere), CaseSensitive: false));
            case SigmaValue.Encoded or SigmaValue.Expression or SigmaValue.Network:
                return Test(value, at) is { } test ? new Condition.Keyword(test) : null;
            default:
                reader.Error("VS1029", at, $"A keyword cannot be {value.Kind}.", "Keywords are texts, looked for everywhere in the event.");
                return null;
        }
    }

    private ValueTest? Test(SigmaValue value, YamlScalar at) => value switch
    {
        SigmaValue.Text text => new ValueTest.Text(text.Pattern, text.CaseSensitive),
        SigmaValue.Encoded encoded => new ValueTest.Text(encoded.ToText().Pattern, CaseSensitive: false),
        SigmaValue.Number number => new ValueTest.NumberIs(number.Value),
        SigmaValue.Truth truth => new ValueTest.BooleanIs(truth.Value),
        SigmaValue.Network network => new ValueTest.InNetwork(network.Value),
        SigmaValue.Comparison comparison => new ValueTest.Compare(comparison.Operator, comparison.Value),
        SigmaValue.Time time => new ValueTest.TimePart(time.Unit, time.Operator, time.Value),
        SigmaValue.Expression expression => isKnown || IsSound(expression, at) ? new ValueTest.Matches(expression.Pattern, expression.Options) : null,
        _ => throw new InvalidOperationException($"no test for {value.Kind}"),
    };

    private bool IsSound(SigmaValue.Expression expression, YamlScalar at)
    {
        if (RegexTranslation.Check(expression.Pattern, expression.Options, out bool backtracks) is { } error)
        {
            reader.Error("VS1034", at, $"The regular expression does not compile: {error}.", "Sigma's expressions are PCRE; see docs/sigma.md for what differs.");
            return false;
        }

        if (backtracks)
        {
            reader.Note("VS1035", at, "This regular expression needs backtracking (lookaround, backreference, atomic group).", "It runs with a time limit; an expression without these is safer and faster.");
        }

        return true;
    }
}
