using System.Text;
using System.Text.RegularExpressions;

namespace Vedette.Audit.Redaction;

/// <summary>
/// Masks what looks secret in text that cannot be parsed: the values of Secrets (data, stringData), members named like credentials, bearer tokens, JWTs and any long run of base64. It masks
/// rather too much than too little.
/// </summary>
public static partial class SecretMask
{
    private const string Mask = "***";

    /// <summary>The text with secrets masked; bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Apply(ReadOnlySpan<byte> content)
    {
        string text = Encoding.UTF8.GetString(content);
        text = SecretObject().Replace(text, "${key}{" + Mask + "}");
        text = SecretMember().Replace(text, "${key}" + Mask);
        text = Bearer().Replace(text, "${key}" + Mask);
        return LongToken().Replace(text, Mask);
    }

    // Quotes may be escaped any number of times where JSON stands inside JSON. A cut object ends with the text.
    [GeneratedRegex(@"(?<key>\\*""(?:data|stringData|binaryData)\\*""\s*:\s*)\{[^{}]*\}?", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretObject();

    [GeneratedRegex(@"(?<key>\\*""[^""\\:]*(?:token|password|passwd|secret|api-?key|credential|private-?key|client-key-data)[^""\\:]*\\*""\s*:\s*\\*"")[^""\\]*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SecretMember();

    [GeneratedRegex(@"(?<key>(?<![A-Za-z])(?:bearer|basic)(?:\s+|%20|\+))[^\s""\\&]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Bearer();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)*|[A-Za-z0-9+/_=-]{40,}", RegexOptions.CultureInvariant)]
    private static partial Regex LongToken();
}
