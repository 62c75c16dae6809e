using System.Text;
using Vedette.Audit.Json;

namespace Vedette.Audit.Redaction;

/// <summary>Compares names as cautiously as redaction has to: escapes resolved, letters of either case.</summary>
internal static class Names
{
    /// <summary>Longest name, still escaped, that can be one we look for.</summary>
    private const int MaxRawLength = 512;

    /// <summary>Is the member so named?</summary>
    public static bool Equal(in JsonMember member, ReadOnlySpan<byte> name) => Equal(new JsonValue(member.RawName, JsonKind.String), name);

    /// <summary>Is the string this?</summary>
    public static bool Equal(JsonValue text, ReadOnlySpan<byte> name)
    {
        if (!text.IsEscaped)
        {
            return Ascii.EqualsIgnoreCase(text.Raw, name);
        }

        if (text.Raw.Length > MaxRawLength)
        {
            return false;
        }

        Span<byte> plain = stackalloc byte[MaxRawLength];
        return Ascii.EqualsIgnoreCase(plain[..JsonText.Unescape(text.Raw, plain)], name);
    }
}
