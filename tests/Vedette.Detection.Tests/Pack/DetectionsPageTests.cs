using Xunit;

namespace Vedette.Detection.Tests.Pack;

public class DetectionsPageTests
{
    [Fact]
    public void The_page_of_detections_is_what_the_pack_says()
    {
        string page = File.ReadAllText(DetectionsPage.Path);
        string expected = DetectionsPage.Generate(page);
        if (Environment.GetEnvironmentVariable("VEDETTE_APPROVE") == "1")
        {
            File.WriteAllText(DetectionsPage.Path, expected);
            return;
        }

        Assert.True(expected == page, "docs/detections.md is not what rules/ and docs/behaviours.yml say: run this test with VEDETTE_APPROVE=1 and look at the difference");
    }

    [Fact]
    public void Every_behaviour_has_a_rule_or_says_what_is_lacking_and_rules_name_known_ones_only()
    {
        string[] named = [.. PackFile.Paths.SelectMany(path => PackFile.Read(path).Main!.Behaviours).Distinct(StringComparer.Ordinal)];
        string[] known = [.. DetectionsPage.Behaviours.Select(behaviour => behaviour.Id)];
        Assert.Equal([], named.Except(known, StringComparer.Ordinal));
        Assert.Equal([], DetectionsPage.Behaviours.Where(behaviour => behaviour.Lacks is null).Select(behaviour => behaviour.Id).Except(named, StringComparer.Ordinal));
        Assert.Equal(known.Distinct(StringComparer.Ordinal).Count(), known.Length);
    }
}
