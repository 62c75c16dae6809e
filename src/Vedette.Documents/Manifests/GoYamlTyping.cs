using System.Globalization;
using System.Text.RegularExpressions;

namespace Vedette.Documents.Manifests;

/// <summary>
/// What a plain scalar of YAML is to Kubernetes: the resolver of go-yaml v2 (sigs.k8s.io/yaml, goyaml.v2/resolve.go). It is neither YAML 1.1 nor 1.2: <c>y</c>, <c>yes</c>, <c>on</c> are true,
/// <c>010</c> is 8, <c>0o10</c> is 8, <c>1_000</c> and <c>1e3</c> are numbers, <c>12:30:45</c> and dates are texts.
/// </summary>
internal static partial class GoYamlTyping
{
    /// <summary>Types a plain scalar.</summary>
    public static ManifestNode Resolve(string text, int line, int column)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return new ManifestNull(line, column);
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return new ManifestBoolean(true, line, column);
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return new ManifestBoolean(false, line, column);
            default:
                return IsNumber(text) ? new ManifestNumber(text, line, column) : new ManifestText(text, line, column);
        }
    }

    /// <summary>Is this not-a-number or infinity, which YAML has and JSON has not?</summary>
    public static bool IsBeyondJson(string text) => text is ".nan" or ".NaN" or ".NAN"
        or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF";

    private static bool IsNumber(string text)
    {
        if (!(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
        {
            return false;
        }

        string plain = text[0] == '.' ? text : text.Replace("_", "", StringComparison.Ordinal);
        return Whole().IsMatch(plain)
            || Fraction().IsMatch(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number);
    }

    [GeneratedRegex(@"^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Fraction();
}
