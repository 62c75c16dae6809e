using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Sigma;

/// <summary>A value of a detection item on its way through the modifiers.</summary>
internal abstract record SigmaValue
{
    /// <summary>A text with wildcards.</summary>
    public sealed record Text(TextPattern Pattern, bool CaseSensitive = false) : SigmaValue;

    /// <summary>Bytes of an encoded text, for base64.</summary>
    public sealed record Encoded(byte[] Bytes) : SigmaValue
    {
        /// <summary>The bytes as a text, where nothing encodes them further.</summary>
        public Text ToText() => new(TextPattern.Literal(Encoding.UTF8.GetString(Bytes)));
    }

    /// <summary>A number.</summary>
    public sealed record Number(decimal Value) : SigmaValue;

    /// <summary>A boolean.</summary>
    public sealed record Truth(bool Value) : SigmaValue;

    /// <summary>null.</summary>
    public sealed record Null : SigmaValue;

    /// <summary>A regular expression as written.</summary>
    public sealed record Expression(string Pattern, RegexOptions Options) : SigmaValue;

    /// <summary>A network.</summary>
    public sealed record Network(IPNetwork Value) : SigmaValue;

    /// <summary>A comparison with a number.</summary>
    public sealed record Comparison(Rules.Comparison Operator, decimal Value) : SigmaValue;

    /// <summary>A part of a timestamp.</summary>
    public sealed record Time(TimeUnit Unit, Rules.Comparison Operator, int Value) : SigmaValue;

    /// <summary>Another field.</summary>
    public sealed record Reference(string Field, TextPosition Position, bool CaseSensitive) : SigmaValue;

    /// <summary>Is the field there?</summary>
    public sealed record Presence(bool Value) : SigmaValue;

    /// <summary>What it is, for messages.</summary>
    public string Kind => this switch
    {
        Text or Encoded => "a text",
        Number => "a number",
        Truth => "a boolean",
        Null => "null",
        Expression => "a regular expression",
        Network => "a network",
        Comparison => "a comparison",
        Time => "a part of a timestamp",
        Reference => "a field",
        _ => "a presence test",
    };
}
