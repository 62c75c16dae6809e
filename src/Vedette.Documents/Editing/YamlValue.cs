using System.Collections.Immutable;
using System.Text;
using Vedette.Documents.Yaml;

namespace Vedette.Documents.Editing;

/// <summary>A value to write into a YAML text.</summary>
public abstract record YamlValue
{
    /// <summary>A text.</summary>
    public static YamlValue Of(string text) => new YamlTextValue(text);

    /// <summary>true or false.</summary>
    public static YamlValue Of(bool truth) => new YamlTruthValue(truth);

    /// <summary>A map.</summary>
    public static YamlValue Map(params ReadOnlySpan<(string Name, YamlValue Value)> members) => new YamlMapValue([.. members]);

    /// <summary>A list.</summary>
    public static YamlValue List(params ReadOnlySpan<YamlValue> items) => new YamlListValue([.. items]);

    /// <summary>On one line, in brackets and braces.</summary>
    /// <param name="quoting">How scalars are quoted; with double quotes, keys are too, which makes it JSON.</param>
    public abstract string ToFlow(YamlQuoting quoting);

    /// <summary>As a block: its first line without indentation, the others with it.</summary>
    /// <param name="indentation">Columns that the block stands in.</param>
    /// <param name="lineEnd">Ends its lines, save the last.</param>
    /// <param name="quoting">How scalars are quoted.</param>
    public abstract string ToBlock(int indentation, string lineEnd, YamlQuoting quoting);

    /// <summary>A text in a way of quoting; plain text that would not be read back as it is gets double quotes.</summary>
    public static string Quote(string text, YamlQuoting quoting) => quoting switch
    {
        YamlQuoting.Single => YamlScalars.SingleQuote(text),
        YamlQuoting.Double => YamlScalars.DoubleQuote(text),
        _ => YamlScalars.Quote(text),
    };
}

internal sealed record YamlTextValue(string Text) : YamlValue
{
    public override string ToFlow(YamlQuoting quoting) => Quote(Text, quoting);

    public override string ToBlock(int indentation, string lineEnd, YamlQuoting quoting) => Quote(Text, quoting);
}

internal sealed record YamlTruthValue(bool Truth) : YamlValue
{
    public override string ToFlow(YamlQuoting quoting) => Truth ? "true" : "false";

    public override string ToBlock(int indentation, string lineEnd, YamlQuoting quoting) => ToFlow(quoting);
}

internal sealed record YamlMapValue(ImmutableArray<(string Name, YamlValue Value)> Members) : YamlValue
{
    public override string ToFlow(YamlQuoting quoting) =>
        "{" + string.Join(", ", Members.Select(member => $"{Quote(member.Name, quoting == YamlQuoting.Double ? quoting : YamlQuoting.Plain)}: {member.Value.ToFlow(quoting)}")) + "}";

    public override string ToBlock(int indentation, string lineEnd, YamlQuoting quoting)
    {
        StringBuilder text = new();
        foreach ((string name, YamlValue value) in Members)
        {
            text.Append(text.Length == 0 ? "" : lineEnd + new string(' ', indentation)).Append(YamlScalars.Quote(name)).Append(':');
            text.Append(value switch
            {
                YamlMapValue map => lineEnd + new string(' ', indentation + 2) + map.ToBlock(indentation + 2, lineEnd, quoting),
                YamlListValue list => lineEnd + new string(' ', indentation) + list.ToBlock(indentation, lineEnd, quoting),
                _ => " " + value.ToBlock(indentation, lineEnd, quoting),
            });
        }

        return text.ToString();
    }
}

internal sealed record YamlListValue(ImmutableArray<YamlValue> Items) : YamlValue
{
    public override string ToFlow(YamlQuoting quoting) => "[" + string.Join(", ", Items.Select(item => item.ToFlow(quoting))) + "]";

    public override string ToBlock(int indentation, string lineEnd, YamlQuoting quoting) =>
        string.Join(lineEnd + new string(' ', indentation), Items.Select(item => "- " + item.ToBlock(indentation + 2, lineEnd, quoting)));
}
