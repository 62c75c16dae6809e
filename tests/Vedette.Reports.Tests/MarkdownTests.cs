using CsCheck;
using Vedette.Audit.Text;
using Vedette.Reports.Markdown;
using Vedette.Reports.Text;
using Xunit;

namespace Vedette.Reports.Tests;

public class MarkdownTests
{
    [Fact]
    public void The_text_is_the_approved_one() => Approved.Equal("story.md", Reports.Write("markdown", Reports.Story));

    [Theory]
    [InlineData("plain", "`plain`")]
    [InlineData("a`b", "``a`b``")]
    [InlineData("`x`", "`` `x` ``")]
    [InlineData(" x", "`  x `")]
    [InlineData(" ", "` `")]
    [InlineData("   ", "`   `")]
    [InlineData("a|b", "`a\\|b`")]
    [InlineData("a\\|b", "`a\\\\\\|b`")]
    [InlineData("@team #1", "`@team #1`")]
    [InlineData("a\nb", "`a\\u{a}b`")]
    [InlineData("", "–")]
    public void A_text_of_an_event_is_a_code_span(string text, string expected) => Assert.Equal(expected, MarkdownText.Code(text, 100));

    [Theory]
    [InlineData("[a](javascript:b)", "\\[a\\](javascript\\:b)")]
    [InlineData("1. one - two. Done: yes", "1\\. one - two. Done: yes")]
    [InlineData("- item", "\\- item")]
    [InlineData("www.x.example", "www\\.x.example")]
    [InlineData("<b>&", "&lt;b\\>&amp;")]
    [InlineData("ask @team", "ask @&#8203;team")]
    [InlineData("https://x.example", "https\\://x.example")]
    public void A_text_of_a_rule_is_escaped_prose(string text, string expected) => Assert.Equal(expected, MarkdownText.Prose(text));

    [Theory]
    [MemberData(nameof(HostileText.All), MemberType = typeof(HostileText))]
    public void A_hostile_text_stays_within_its_place(string text) => Check(text);

    [Fact]
    public void Whatever_the_texts_they_add_no_line_and_no_cell() => HostileText.Any.Sample(Check, iter: 1000);

    /// <summary>The shape of the document (lines and cells) is that of the same report with a harmless text, and a code span ends where it should.</summary>
    private static void Check(string text)
    {
        string code = MarkdownText.Code(text, 100);
        if (text.Length > 0)
        {
            int fence = code.TakeWhile(character => character == '`').Count();
            string content = code[fence..^fence];
            Assert.Equal(new string('`', fence), code[^fence..]);
            Assert.DoesNotContain(new string('`', fence), content.Trim(' '), StringComparison.Ordinal);
            content = content.Replace("\\|", "|", StringComparison.Ordinal);
            content = content is [' ', _, .., ' '] && content.AsSpan().Trim(' ').Length > 0 ? content[1..^1] : content;
            Assert.Equal(VisibleText.Of(VisibleText.Cut(text, 100)), content);
        }

        string[] expected = Shape(Reports.Write("markdown", Reports.Everywhere("harmless")));
        string[] actual = Shape(Reports.Write("markdown", Reports.Everywhere(text)));
        if (Wording.Paragraphs(text).Count() == 1 && !text.Contains("attack", StringComparison.Ordinal))
        {
            Assert.Equal(expected.Length, actual.Length);
            Assert.Equal(expected.Where(line => line.StartsWith('|')).Select(line => line.Length), actual.Where(line => line.StartsWith('|')).Select(line => line.Length));
        }

        Assert.DoesNotContain(string.Concat(actual), char.IsControl);
    }

    /// <summary>Of table rows the bars that part cells; of other lines the beginning.</summary>
    private static string[] Shape(string markdown) => [.. markdown.TrimEnd('\n').Split('\n').Select(line => line.StartsWith('|')
        ? string.Concat(line.Replace("\\\\", "", StringComparison.Ordinal).Replace("\\|", "", StringComparison.Ordinal).Where(character => character == '|')) : line[..Math.Min(2, line.Length)])];
}
