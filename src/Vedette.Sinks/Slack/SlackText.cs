using System.Text.RegularExpressions;

namespace Vedette.Sinks.Slack;

/// <summary>
/// Text in Slack's mrkdwn: <c>&amp;</c>, <c>&lt;</c> and <c>&gt;</c> are escaped (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text"), so that nothing becomes a mention or a link, and
/// what cannot be seen is made visible. A mention of everybody is broken too, since services that take Slack's messages call everybody for the plain words.
/// </summary>
internal static partial class SlackText
{
    /// <summary>Text among other text.</summary>
    /// <param name="text">As it is in the finding.</param>
    /// <param name="maxLength">Most UTF-16 units before escaping, which makes at most five of one.</param>
    public static string Escape(string text, int maxLength) => Everybody().Replace(BoundedText.Of(text, maxLength), "\uFF20${who}")
        .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    /// <summary>Text set apart as code: in it only the escapes and the closing backtick count, which is replaced by one that looks like it.</summary>
    public static string Code(string text, int maxLength) => $"`{Escape(text, maxLength).Replace('`', '\u02CB')}`";

    [GeneratedRegex("@(?<who>channel|here|everyone|all)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Everybody();
}
