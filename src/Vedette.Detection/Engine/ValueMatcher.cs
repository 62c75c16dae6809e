using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Engine;

/// <summary>A compiled <see cref="ValueTest"/>. Shared by all threads; what changes lies in the evaluator.</summary>
internal abstract class ValueMatcher
{
    /// <summary>True when it wants the case-folded text, false for the text itself.</summary>
    public virtual bool WantsFolded => false;

    /// <summary>Does this value pass?</summary>
    /// <param name="text">The value's text, case-folded if <see cref="WantsFolded"/>.</param>
    /// <param name="kind">What the value is; never null or missing.</param>
    /// <param name="scratch">Memory of the evaluator's thread.</param>
    public abstract bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch);

    /// <summary>Compiles a test.</summary>
    public static ValueMatcher Compile(ValueTest test) => test switch
    {
        ValueTest.Text text => TextMatcher.Compile(text.Pattern, text.CaseSensitive),
        ValueTest.Matches regex => new RegexMatcher(regex.Pattern, regex.Options),
        ValueTest.Compare compare => new CompareMatcher(compare.Operator, compare.Value),
        ValueTest.NumberIs number => new NumberMatcher(number.Value),
        ValueTest.BooleanIs truth => new BooleanMatcher(truth.Value),
        ValueTest.InNetwork network => new NetworkMatcher(network.Network),
        ValueTest.TimePart part => new TimeMatcher(part.Unit, part.Operator, part.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(test)),
    };
}

/// <summary>What matchers need that cannot be shared: one per evaluator.</summary>
internal sealed class MatchScratch
{
    private char[] _characters = new char[1024];

    /// <summary>How often a regular expression ran out of time; such a test counts as not passed.</summary>
    public long RegexTimeouts { get; set; }

    /// <summary>The text as UTF-16, good until the next call.</summary>
    public ReadOnlySpan<char> Decode(ReadOnlySpan<byte> text)
    {
        if (_characters.Length < text.Length)
        {
            _characters = new char[Math.Max(text.Length, _characters.Length * 2)];
        }

        return _characters.AsSpan(0, Encoding.UTF8.GetChars(text, _characters));
    }
}

/// <summary>
/// A regular expression. .NET's interpreter, which is there at once, is asked until all values together took it <see cref="Effort"/>, about what making an automaton takes that never backtracks: so what is
/// asked seldom never pays for one, and what is asked often pays twice at most. A value that alone takes <see cref="Patience"/> is asked of the automaton at once. Both give the same answer.
/// </summary>
internal sealed class RegexMatcher : ValueMatcher
{
    /// <summary>Time that an expression which can only backtrack (lookaround, references) may take on one value.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(100);

    /// <summary>Time that the interpreter may take on one value before the automaton is made.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(2);

    /// <summary>Time that the interpreter may take on all values before the automaton is made, which takes milliseconds and megabytes.</summary>
    public static readonly TimeSpan Effort = TimeSpan.FromMilliseconds(10);

    private static readonly long s_effort = (long)(Effort.TotalSeconds * Stopwatch.Frequency);

    private readonly Lazy<Regex> _interpreter;
    private readonly Lazy<Regex> _automaton;
    private long _spent;

    public RegexMatcher(string pattern, RegexOptions options)
    {
        options |= RegexOptions.CultureInvariant;
        _interpreter = new Lazy<Regex>(() => new Regex(pattern, options, Patience));
        _automaton = new Lazy<Regex>(() => Compile(pattern, options));
    }

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch)
    {
        ReadOnlySpan<char> decoded = scratch.Decode(text);
        if (_spent < s_effort)
        {
            Regex interpreter = _interpreter.Value;
            long started = Stopwatch.GetTimestamp();
            try
            {
                bool matches = interpreter.IsMatch(decoded);
                // Several threads may add at once and lose some: that only makes the automaton later.
                _spent += Stopwatch.GetTimestamp() - started;
                return matches;
            }
            catch (RegexMatchTimeoutException)
            {
                _spent = s_effort;
            }
        }

        try
        {
            return _automaton.Value.IsMatch(decoded);
        }
        catch (RegexMatchTimeoutException)
        {
            scratch.RegexTimeouts++;
            return false;
        }
    }

    private static Regex Compile(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, Regex.InfiniteMatchTimeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, options, Timeout);
        }
    }
}

/// <summary>A number against a number; text that reads as one counts as one.</summary>
internal sealed class CompareMatcher(Comparison comparison, decimal value) : ValueMatcher
{
    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch)
    {
        if (kind is not (JsonKind.Number or JsonKind.String) || text.Length > 128)
        {
            return false;
        }

        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number))
        {
            return Holds(comparison, number.CompareTo(value));
        }

        // Too large for a decimal, as 1e400 is; NaN and Infinity are no numbers of JSON.
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double large)
            && text.ContainsAnyInRange((byte)'0', (byte)'9')
            && Holds(comparison, large.CompareTo((double)value));
    }

    internal static bool Holds(Comparison comparison, int order) => comparison switch
    {
        Comparison.Equal => order == 0,
        Comparison.Greater => order > 0,
        Comparison.GreaterOrEqual => order >= 0,
        Comparison.Less => order < 0,
        _ => order <= 0,
    };
}

/// <summary>This number, or a text equal to its decimal text.</summary>
internal sealed class NumberMatcher(decimal value) : ValueMatcher
{
    private readonly byte[] _text = Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => kind switch
    {
        JsonKind.Number => text.SequenceEqual(_text)
            || (text.Length <= 128 && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number == value),
        JsonKind.String => text.SequenceEqual(_text),
        _ => false,
    };
}

/// <summary>This boolean, or its name in any case.</summary>
internal sealed class BooleanMatcher(bool value) : ValueMatcher
{
    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => kind switch
    {
        JsonKind.True => value,
        JsonKind.False => !value,
        JsonKind.String => Ascii.EqualsIgnoreCase(text, value ? "true"u8 : "false"u8),
        _ => false,
    };
}

/// <summary>An address inside a network.</summary>
internal sealed class NetworkMatcher(IPNetwork network) : ValueMatcher
{
    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) =>
        kind == JsonKind.String && SourceAddress.TryParse(text, out IPAddress? address) && network.Contains(address!);
}

/// <summary>A part of a timestamp, in UTC; weeks as strftime's <c>%W</c> counts them: the first Monday begins week 1, days before it are in week 0.</summary>
internal sealed class TimeMatcher(TimeUnit unit, Comparison comparison, int value) : ValueMatcher
{
    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) =>
        kind == JsonKind.String && EventTime.TryParse(text, out DateTimeOffset time) && CompareMatcher.Holds(comparison, PartOf(time).CompareTo(value));

    private int PartOf(DateTimeOffset time) => unit switch
    {
        TimeUnit.Minute => time.Minute,
        TimeUnit.Hour => time.Hour,
        TimeUnit.Day => time.Day,
        TimeUnit.Week => (time.DayOfYear + 6 - ((int)time.DayOfWeek + 6) % 7) / 7,
        TimeUnit.Month => time.Month,
        _ => time.Year,
    };
}
