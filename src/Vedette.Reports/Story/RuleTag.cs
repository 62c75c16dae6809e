using System.Collections.Frozen;

namespace Vedette.Reports.Story;

/// <summary>A tag of a rule as people know it, with the page that explains it.</summary>
/// <param name="Label">Such as T1552.007 or Defense Evasion; for other tags the tag itself.</param>
/// <param name="Url">Page on attack.mitre.org; null for tags that are not of ATT&amp;CK.</param>
internal sealed record RuleTag(string Label, string? Url)
{
    private const string Site = "https://attack.mitre.org";

    /// <summary>Tactics by the name Sigma gives them; ids of ATT&amp;CK for Enterprise.</summary>
    private static readonly FrozenDictionary<string, string> s_tactics = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["reconnaissance"] = "TA0043",
        ["resource-development"] = "TA0042",
        ["initial-access"] = "TA0001",
        ["execution"] = "TA0002",
        ["persistence"] = "TA0003",
        ["privilege-escalation"] = "TA0004",
        ["defense-evasion"] = "TA0005",
        ["credential-access"] = "TA0006",
        ["discovery"] = "TA0007",
        ["lateral-movement"] = "TA0008",
        ["collection"] = "TA0009",
        ["command-and-control"] = "TA0011",
        ["exfiltration"] = "TA0010",
        ["impact"] = "TA0040",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reads a tag such as <c>attack.t1552.007</c>.</summary>
    public static RuleTag Of(string tag)
    {
        if (!tag.StartsWith("attack.", StringComparison.OrdinalIgnoreCase))
        {
            return new RuleTag(tag, null);
        }

        string name = tag["attack.".Length..].ToLowerInvariant().Replace('_', '-');
        string[] parts = name.Split('.');
        if (IsId(parts[0], 't', 4) && (parts.Length == 1 || (parts.Length == 2 && parts[1].Length == 3 && parts[1].All(char.IsAsciiDigit))))
        {
            return new RuleTag(name.ToUpperInvariant(), $"{Site}/techniques/{string.Join('/', parts).ToUpperInvariant()}/");
        }

        if (parts.Length == 1 && (IsId(name, 'g', 4) || IsId(name, 's', 4)))
        {
            return new RuleTag(name.ToUpperInvariant(), $"{Site}/{(name[0] == 'g' ? "groups" : "software")}/{name.ToUpperInvariant()}/");
        }

        string words = string.Join(' ', name.Split('-', StringSplitOptions.RemoveEmptyEntries).Select(word => word is "and" ? word : char.ToUpperInvariant(word[0]) + word[1..]));
        return s_tactics.TryGetValue(name, out string? id) ? new RuleTag($"{id} {words}", $"{Site}/tactics/{id}/") : new RuleTag(tag, null);
    }

    private static bool IsId(string text, char kind, int digits) => text.Length == digits + 1 && text[0] == kind && text.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
}
