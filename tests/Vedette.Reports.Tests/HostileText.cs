using CsCheck;
using Xunit;

namespace Vedette.Reports.Tests;

/// <summary>What attackers write where a log repeats it.</summary>
internal static class HostileText
{
    private static readonly string[] s_all =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</style></title><svg onload=alert(1)>", "<!-- --> ]]> <![CDATA[ &amp; &#x3c;",
        "\u001b[2J\u001b]0;owned\u0007", "admin\u202Enimda\u2066", "a\0b\r\nc\td\u0085\u2028e", "\ud800 lone \udc00", "\uffff\ufffe\ufeff", "=HYPERLINK(\"http://x\")", "+1+1", "-2", "@SUM(1)", "\t=1", "\"=1+1",
        "[click](javascript:alert(1))", "| a | b |\n|---|---|", "`code` ``two`` \\`three\\`", "@everyone please see #1 and GH-2 https://evil.example www.evil.example a@b.co", "{0} {{1}} [x](0)",
        "\\| \\\\| |", "# heading\n\n> quote\n\n- list\n\n    code", "﷽﷽﷽ Z̸̢̛a̶l̷g̵o̶", "",
    ];

    public static TheoryData<string> All => [.. s_all];

    /// <summary>Any string: hostile pieces, odd characters and any UTF-16 units, lone surrogates too.</summary>
    public static Gen<string> Any { get; } = Gen.OneOf(
        Gen.String[Gen.Char, 0, 40], Gen.String[Gen.Char["<>&\"'\\`|=+-@#[](){}\r\n\t\u001b\u202e\0 ;,aé"], 0, 40],
        Gen.Select(Gen.Int[0, s_all.Length - 1], Gen.String[Gen.Char, 0, 5], (index, rest) => s_all[index] + rest));
}
