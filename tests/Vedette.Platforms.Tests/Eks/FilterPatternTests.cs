using CsCheck;
using Vedette.Platforms.Eks.FilterPatterns;
using Xunit;

namespace Vedette.Platforms.Tests.Eks;

/// <summary>The grammar and its examples from the CloudWatch Logs User Guide, "Filter pattern syntax".</summary>
public class FilterPatternTests
{
    private const string First = """{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another value"],"objectList":[{"name":"a","id":1},{"name":"b","id":2}],"SomeObject":null,"flag":true}""";

    private const string Second = """{"user":{"id":1,"email":"John.Stiles@example.com"},"users":[{"id":2,"email":"John.Doe@example.com"},{"id":3,"email":"Jane.Doe@example.com"}],"actions":["GET","PUT","DELETE"],"coordinates":[[0,1,2],[4,5,6],[7,8,9]]}""";

    private static readonly string[] s_pieces =
        ["{", "}", "(", ")", "$.a", "[0]", " = ", "!=", "\"x\"", "%y%", "&&", "||", "IS ", "NULL", "NOT ", "EXISTS", "1e9", "*", "?", "-", "word", "\\", "é"];

    [Theory]
    [InlineData("""{ $.eventType = "UpdateTrail" }""", true)]
    [InlineData("""{$.eventType="UpdateTrail"}""", true)]
    [InlineData("{ $.eventType = UpdateTrail }", true)]
    [InlineData("""{ $.eventType = "updatetrail" }""", false)]
    [InlineData("""{ $.eventType = "Update*" }""", true)]
    [InlineData("""{ $.eventType = "*Trail" }""", true)]
    [InlineData("""{ $.eventType = "U*d*T*l" }""", true)]
    [InlineData("""{ $.eventType = "UpdateTrail*UpdateTrail" }""", false)]
    [InlineData("{ $.sourceIPAddress != 123.123.* }", true)]
    [InlineData("{ $.sourceIPAddress = 111.111.* }", true)]
    [InlineData("""{ $.arrayKey[0] = "value" }""", true)]
    [InlineData("""{ $.arrayKey[2] = "value" }""", false)]
    [InlineData("""{ $.arrayKey = "value" }""", false)]
    [InlineData("""{ $.arrayKey != "value" }""", false)]
    [InlineData("{ $.objectList[1].id = 2 }", true)]
    [InlineData("{ $.objectList[1].id = 2.0 }", true)]
    [InlineData("{ $.objectList[1].id > 1e0 }", true)]
    [InlineData("{ $.objectList[1].id <= 1 }", false)]
    [InlineData("{ $.eventType > 1 }", false)]
    [InlineData("{ $.SomeObject IS NULL }", true)]
    [InlineData("{ $.flag IS TRUE }", true)]
    [InlineData("{ $.flag IS FALSE }", false)]
    [InlineData("{ $.SomeOtherObject NOT EXISTS }", true)]
    [InlineData("{ $.SomeObject NOT EXISTS }", false)]
    [InlineData("{ $.eventType = %Update[A-Z]% }", true)]
    [InlineData("{ $.eventType = %^Trail% }", false)]
    [InlineData("""{ $.missing != "x" }""", false)]
    public void A_condition_holds_as_the_guide_says(string pattern, bool holds) => Assert.Equal(holds, Parse(pattern).Matches(First));

    [Theory]
    [InlineData("""{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }""", true)]
    [InlineData("""{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }""", true)]
    [InlineData("""{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }""", false)]
    [InlineData("""{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }""", false)]
    public void And_binds_closer_than_or_and_parentheses_before_both(string pattern, bool holds) => Assert.Equal(holds, Parse(pattern).Matches(Second));

    [Theory]
    [InlineData("UpdateTrail", true)]
    [InlineData("UpdateTrail missing", false)]
    [InlineData("UpdateTrail -missing", true)]
    [InlineData("?missing ?UpdateTrail", true)]
    [InlineData("?missing ?gone", false)]
    [InlineData("""
        "another value"
        """, true)]
    [InlineData("""-"another value" """, false)]
    [InlineData("%111[.]111%", true)]
    [InlineData("", true)]
    public void Words_are_looked_for_in_the_whole_line(string pattern, bool holds)
    {
        FilterPattern parsed = Parse(pattern);
        Assert.False(parsed.IsJson);
        Assert.Equal(holds, parsed.Matches(First));
    }

    [Theory]
    [InlineData("\"userAgent\":\"kubectl\" AND \"responseStatus.code\":403", 12, "in quotes comes a blank")]
    [InlineData("userAgent:kubectl", 10, "must be in quotes")]
    [InlineData("{ $.a = \"b\" AND $.c = 1 }", 13, "write && or ||")]
    [InlineData("{ $.annotations.authorization.k8s.io/decision = \"forbid\" }", 37, "cannot be selected")]
    [InlineData("{ a = 1 }", 3, "expected a field")]
    [InlineData("{ $.a == 1 }", 8, "expected a text in quotes")]
    [InlineData("{ $.a = b&&$.c = d", 19, "closing }")]
    [InlineData("{ ($.a = b }", 12, "closing )")]
    [InlineData("{ $.a = \"b }", 9, "closing \"")]
    [InlineData("{ $.a > \"b\" }", 8, "compares with a number")]
    [InlineData("{ $.a IS NOT NULL }", 10, "no IS NOT")]
    [InlineData("{ $.a EXISTS }", 7, "no EXISTS")]
    [InlineData("{ $.a = %(b)% }", 9, "no parentheses")]
    [InlineData("{ $.a = %b% || $.a = %c% || $.a = %d% }", 38, "at most 2")]
    [InlineData("{ $.a[x] = 1 }", 7, "number of an element")]
    [InlineData("{ $.a = 1 } x", 13, "follows")]
    [InlineData("[ip, user, request = *.html*]", 1, "columns")]
    [InlineData("{ }", 3, "expected a field")]
    public void What_is_outside_the_grammar_is_refused_with_its_place(string pattern, int character, string message)
    {
        Assert.False(FilterPattern.TryParse(pattern, out _, out FilterProblem? problem));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(character, problem.Position + 1);
    }

    [Fact]
    public void A_pattern_is_at_most_1024_characters_long_and_not_nested_without_end()
    {
        Assert.False(FilterPattern.TryParse("{ $.a = \"" + new string('b', FilterPattern.MaxLength) + "\" }", out _, out _));
        Assert.False(FilterPattern.TryParse("{" + new string('(', 200) + "$.a = 1", out _, out FilterProblem? problem));
        Assert.Contains("nested", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_makes_the_reader_throw() =>
        Gen.Int[0, s_pieces.Length - 1].Select(index => s_pieces[index]).Array[0, 12]
            .Sample(pieces =>
            {
                if (FilterPattern.TryParse(string.Concat(pieces), out FilterPattern? pattern, out FilterProblem? problem))
                {
                    pattern.Matches(First);
                    pattern.Matches("no JSON");
                }
                else
                {
                    Assert.InRange(problem.Position, 0, string.Concat(pieces).Length);
                }
            });

    [Fact]
    public void A_star_stands_for_any_text() =>
        Gen.Select(Gen.String[Gen.Char["ab"], 0, 8], Gen.String[Gen.Char["ab*"], 0, 6]).Sample((text, glob) =>
            Assert.Equal(
                System.Text.RegularExpressions.Regex.IsMatch(text, "^" + glob.Replace("*", ".*", StringComparison.Ordinal) + "$", System.Text.RegularExpressions.RegexOptions.ExplicitCapture),
                Parse($$"""{ $.x = "{{glob}}" }""").Matches($$"""{"x":"{{text}}"}""")));

    private static FilterPattern Parse(string text)
    {
        Assert.True(FilterPattern.TryParse(text, out FilterPattern? pattern, out FilterProblem? problem), problem?.ToString());
        return pattern;
    }
}
