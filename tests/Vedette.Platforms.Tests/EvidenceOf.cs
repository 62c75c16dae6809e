using Vedette.Platforms.Residency;
using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests;

/// <summary>Verification of texts: what a cloud's command line said, or a script.</summary>
internal static class EvidenceOf
{
    /// <summary>Verifies a text given as evidence on standard input.</summary>
    public static IReadOnlyList<CheckResult> Text(string platform, string text, int? retention = null, string residency = "any")
    {
        Assert.True(ResidencyRule.TryParse(residency, out ResidencyRule rule));
        return SetupFixture.Verify(platform, new VerifyRequest
        {
            Files = new InputFiles(() => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))),
            Options = SetupFixture.Options(("evidence", "-")),
            RetentionDays = retention,
            Residency = rule,
        });
    }

    /// <summary>The one answer of a check, which must be wrong; its mend has a text.</summary>
    public static CheckResult Wrong(IReadOnlyList<CheckResult> results, string check, string mend)
    {
        CheckResult result = Assert.Single(results, result => result.Check.Id == check && result.Outcome == Outcome.Wrong);
        Assert.Contains(mend, result.Mend, StringComparison.Ordinal);
        return result;
    }
}
