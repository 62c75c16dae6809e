using System.Globalization;
using System.Text.RegularExpressions;

namespace Vedette.Documents.Yaml;

/// <summary>What an unquoted scalar is.</summary>
public enum YamlType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary><c>~</c>, <c>null</c> or nothing.</summary>
    Null,

    /// <summary>A boolean, <c>yes</c> and <c>off</c> included.</summary>
    Boolean,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A date or time.</summary>
    Timestamp,
}

/// <summary>
/// The types of YAML 1.1 as PyYAML resolves them, since that is what Sigma's authors test with: <c>no</c> is false, <c>010</c> is 8, <c>12:30:45</c> is 45045, <c>1e3</c> is
/// text (PyYAML 6, yaml/resolver.py).
/// </summary>
public static partial class YamlTyping
{
    /// <summary>Types a scalar.</summary>
    /// <param name="scalar">The scalar; quoted ones are text.</param>
    /// <param name="truth">The boolean.</param>
    /// <param name="number">The number; numbers beyond decimal's range are text.</param>
    /// <param name="isSurprising">True when a reader would have thought of text or of another number.</param>
    public static YamlType TypeOf(YamlScalar scalar, out bool truth, out decimal number, out bool isSurprising)
    {
        truth = false;
        number = 0;
        isSurprising = false;
        string text = scalar.Text;
        if (!scalar.IsPlain)
        {
            return YamlType.Text;
        }

        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return YamlType.Null;
            case "true" or "True" or "TRUE":
                truth = true;
                return YamlType.Boolean;
            case "false" or "False" or "FALSE":
                return YamlType.Boolean;
            case "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                truth = true;
                isSurprising = true;
                return YamlType.Boolean;
            case "no" or "No" or "NO" or "off" or "Off" or "OFF":
                isSurprising = true;
                return YamlType.Boolean;
        }

        if (text.Length > 64 || !(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
        {
            return YamlType.Text;
        }

        if (Timestamp().IsMatch(text))
        {
            return YamlType.Timestamp;
        }

        if (TryNumber(text, out number, out isSurprising))
        {
            return YamlType.Number;
        }

        // A number beyond what is read here stays text, and looks like it.
        isSurprising = false;
        return YamlType.Text;
    }

    private static bool TryNumber(string text, out decimal number, out bool isSurprising)
    {
        isSurprising = false;
        number = 0;
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        decimal sign = digits[0] == '-' ? -1 : 1;
        string unsigned = digits.TrimStart('-', '+');
        if (Whole().IsMatch(text) || Fraction().IsMatch(text))
        {
            return decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        }

        isSurprising = true;
        if (Octal().IsMatch(text))
        {
            return TryRadix(unsigned[1..], 8, sign, out number);
        }

        if (Binary().IsMatch(text))
        {
            return TryRadix(unsigned[2..], 2, sign, out number);
        }

        if (Hexadecimal().IsMatch(text))
        {
            return TryRadix(unsigned[2..], 16, sign, out number);
        }

        if (Sexagesimal().IsMatch(text))
        {
            foreach (string part in unsigned.Split(':'))
            {
                if (number > long.MaxValue || !decimal.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal digit) || digit > long.MaxValue)
                {
                    return false;
                }

                number = number * 60 + digit;
            }

            number *= sign;
            return true;
        }

        isSurprising = false;
        return false;
    }

    private static bool TryRadix(string digits, int radix, decimal sign, out decimal number)
    {
        number = 0;
        foreach (char digit in digits)
        {
            if (number > long.MaxValue)
            {
                return false;
            }

            number = number * radix + (char.IsAsciiDigit(digit) ? digit - '0' : char.ToLowerInvariant(digit) - 'a' + 10);
        }

        number *= sign;
        return true;
    }

    [GeneratedRegex(@"^[-+]?(?:0|[1-9][0-9_]*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Fraction();

    [GeneratedRegex(@"^[-+]?0[0-7_]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();

    [GeneratedRegex(@"^[-+]?0b[01_]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Binary();

    [GeneratedRegex(@"^[-+]?0x[0-9a-fA-F_]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hexadecimal();

    [GeneratedRegex(@"^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sexagesimal();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Timestamp();
}
