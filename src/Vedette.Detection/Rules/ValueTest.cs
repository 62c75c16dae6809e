using System.Net;
using System.Text.RegularExpressions;

namespace Vedette.Detection.Rules;

/// <summary>
/// A test of one value. Values are strings, numbers (compared as their decimal text with text tests), booleans (as <c>true</c> and <c>false</c>) or objects
/// (as their compact JSON text). Null passes no test.
/// </summary>
public abstract record ValueTest
{
    private ValueTest()
    {
    }

    /// <summary>The text matches a pattern of literal pieces and wildcards.</summary>
    /// <param name="Pattern">The pattern; always the whole text is meant, so "contains" has wildcards at both ends.</param>
    /// <param name="CaseSensitive">Sigma <c>cased</c>; otherwise Unicode simple case folding.</param>
    public sealed record Text(TextPattern Pattern, bool CaseSensitive) : ValueTest;

    /// <summary>The regular expression is found somewhere in the text.</summary>
    /// <param name="Pattern">As written in the rule; known to compile.</param>
    /// <param name="Options">IgnoreCase, Multiline, Singleline.</param>
    public sealed record Matches(string Pattern, RegexOptions Options) : ValueTest;

    /// <summary>The value is a number, or text that reads as one, and compares so.</summary>
    public sealed record Compare(Comparison Operator, decimal Value) : ValueTest;

    /// <summary>The value is a number equal to this one, or text equal to its decimal text.</summary>
    public sealed record NumberIs(decimal Value) : ValueTest;

    /// <summary>The value is this boolean, or its name in any case as a string.</summary>
    public sealed record BooleanIs(bool Value) : ValueTest;

    /// <summary>The text is an IP address inside the network.</summary>
    public sealed record InNetwork(IPNetwork Network) : ValueTest;

    /// <summary>The text is a timestamp (RFC 3339) and this part of it, in UTC, compares so.</summary>
    public sealed record TimePart(TimeUnit Unit, Comparison Operator, int Value) : ValueTest;
}

/// <summary>How numbers compare.</summary>
public enum Comparison
{
    /// <summary>Equal.</summary>
    Equal,

    /// <summary>Greater.</summary>
    Greater,

    /// <summary>Greater or equal.</summary>
    GreaterOrEqual,

    /// <summary>Less.</summary>
    Less,

    /// <summary>Less or equal.</summary>
    LessOrEqual,
}

/// <summary>Parts of a timestamp that Sigma's time modifiers name.</summary>
public enum TimeUnit
{
    /// <summary>Minute of the hour, 0–59.</summary>
    Minute,

    /// <summary>Hour of the day, 0–23.</summary>
    Hour,

    /// <summary>Day of the month, 1–31.</summary>
    Day,

    /// <summary>Week of the year, 0–53: the first Monday begins week 1 (strftime %W).</summary>
    Week,

    /// <summary>Month, 1–12.</summary>
    Month,

    /// <summary>Year.</summary>
    Year,
}
