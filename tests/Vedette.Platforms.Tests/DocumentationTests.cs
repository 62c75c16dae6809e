using System.Globalization;
using System.Text;
using Vedette.Platforms.Verification;
using Vedette.Tests;
using Xunit;

namespace Vedette.Platforms.Tests;

/// <summary>Pages that are made of the code, and those that must name all of it.</summary>
public class DocumentationTests
{
    private static readonly string s_docs = Path.Combine(SharedData.Root, "docs");

    /// <summary>VEDETTE_APPROVE=1 writes the page.</summary>
    [Fact]
    public void The_page_of_checks_has_every_check_and_who_makes_it()
    {
        StringBuilder page = new("# What verify looks at\n\nMade of the code: `VEDETTE_APPROVE=1 ./test` writes it. The id is also the rule's id in SARIF; the title says what holds when it is well.\n\n| id | holds when it is well | platforms |\n|---|---|---|\n");
        foreach (Check check in PlatformCatalogue.Checks)
        {
            Platform[] makers = [.. PlatformCatalogue.All.Where(platform => platform.Checks.Contains(check))];
            page.Append(CultureInfo.InvariantCulture, $"| {check.Id} | {check.Title} | {string.Join(", ", makers.Select(platform => platform.Name))} |\n");
        }

        string path = Path.Combine(s_docs, "verify.md");
        if (Environment.GetEnvironmentVariable("VEDETTE_APPROVE") == "1")
        {
            File.WriteAllText(path, page.ToString());
        }

        Assert.Equal(page.ToString(), File.ReadAllText(path));
    }

    [Fact]
    public void Every_platform_is_in_the_manual()
    {
        string manual = string.Concat(Directory.EnumerateFiles(s_docs, "setup*.md").Select(File.ReadAllText));
        Assert.All(PlatformCatalogue.All, platform => Assert.Matches($@"\b{platform.Name}\b", manual));
    }
}
