using Vedette.Platforms.Residency;
using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests.Retention;

/// <summary>Retention plans: each framework on each platform, and what verification says of stores.</summary>
public class RetentionTests
{
    public static TheoryData<string, string> Plans
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string framework in new[] { "pci-dss", "hipaa", "soc2", "iso27001", "nist-800-53", "fedramp", "m-21-31", "m-26-14" })
            {
                foreach (string platform in new[] { "self-managed", "eks", "gke", "aks" })
                {
                    data.Add(framework, platform);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void What_a_plan_sets_meets_its_framework(string framework, string platform)
    {
        using SetupFixture setup = SetupFixture.Render("retention", options: [("framework", framework), ("platform", platform)]);
        IReadOnlyList<CheckResult> results = setup.Verify(("framework", framework));
        Assert.All(results, result => Assert.True(result.Outcome == Outcome.Ok, result.ToString()));
        Assert.Contains(results, result => result.Check.Id == "VC8002");
        Assert.Contains(results, result => result.Check.Id == "VC8004");
        Assert.Contains("## What cannot", setup.Text("PLAN.md"), StringComparison.Ordinal);
        Assert.Matches("as of 20[0-9]{2}-[0-9]{2}-[0-9]{2}", setup.Text("PLAN.md"));
    }

    [Theory]
    [InlineData("pci-dss", "eks", "logging.sh", "--retention-in-days 365\n")]
    [InlineData("hipaa", "eks", "logging.sh", "--retention-in-days 2192\n")]
    [InlineData("fedramp", "gke", "bucket.sh", "--retention-days 912 ")]
    [InlineData("hipaa", "aks", "logging.sh", "--total-retention-time 2191 ")]
    [InlineData("m-26-14", "self-managed", "settings/elasticsearch-ilm.json", "\"min_age\": \"365d\"")]
    public void The_clouds_own_setup_has_the_days_of_the_framework(string framework, string platform, string file, string setting)
    {
        using SetupFixture setup = SetupFixture.Render("retention", options: [("framework", framework), ("platform", platform)]);
        Assert.Contains(setting, setup.Text(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_framework_without_a_number_takes_the_users()
    {
        using SetupFixture setup = SetupFixture.Render("retention", options: [("framework", "iso27001")], change: request => request with { RetentionDays = 400 });
        Assert.Contains("\"Days\": 400 }", setup.Text("settings/s3-object-lock.json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("self-managed", "kube-apiserver's rotation alone cannot hold this")]
    [InlineData("eks", "policy of a managed cluster cannot be chosen")]
    [InlineData("gke", "| _Required (Admin Activity) | 400 days, fixed | no |")]
    public void What_cannot_meet_it_is_said(string platform, string cannot)
    {
        using SetupFixture setup = SetupFixture.Render("retention", options: [("framework", "hipaa"), ("platform", platform)]);
        Assert.Contains(cannot, setup.Text("PLAN.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_region_elsewhere_is_refused_for_the_whole_plan()
    {
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        using SetupFixture setup = SetupFixture.Render("retention", options: [("platform", "eks"), ("region", "eu-west-1")], change: request => request with { Residency = us });
        Assert.Single(setup.Output.Refusals);
    }

    [Theory]
    [InlineData("""{"logGroups":[{"logGroupName":"/aws/eks/prod/cluster","retentionInDays":90}]}""")]
    [InlineData("""[{"name":"projects/p/locations/us/buckets/k8s","retentionDays":90}]""")]
    [InlineData("""{"name":"AKSAudit","retentionInDays":90,"totalRetentionInDays":180}""")]
    [InlineData("""{"vedette":{"version":1,"policy":{"phases":{"hot":{},"delete":{"min_age":"90d"}}}}}""")]
    [InlineData("""{"policy":{"states":[{"name":"hot","transitions":[{"state_name":"delete","conditions":{"min_index_age":"30d"}}]}]}}""")]
    [InlineData("""{"Rules":[{"ID":"r","Status":"Enabled","Expiration":{"Days":30}}]}""")]
    [InlineData("""{"rule":[{"action":{"type":"Delete"},"condition":{"age":30}}]}""")]
    [InlineData("""{"rules":[{"enabled":true,"definition":{"actions":{"baseBlob":{"delete":{"daysAfterModificationGreaterThan":30}}}}}]}""")]
    public void A_store_that_keeps_too_short_is_found(string answer) => EvidenceOf.Wrong(EvidenceOf.Text("retention", answer), "VC8002", "keep 365 days");

    [Theory]
    [InlineData("""{"logGroups":[{"logGroupName":"/aws/eks/prod/cluster"}]}""")]
    [InlineData("""{"policy":{"phases":{"hot":{}}}}""")]
    public void A_store_without_an_end_keeps_long_enough(string answer) =>
        Assert.Contains("for ever", Assert.Single(EvidenceOf.Text("retention", answer), result => result.Outcome == Outcome.Ok).Why, StringComparison.Ordinal);

    [Fact]
    public void Events_that_are_not_at_hand_and_locks_that_end_early_are_found()
    {
        EvidenceOf.Wrong(EvidenceOf.Text("retention", """{"name":"AKSAudit","retentionInDays":30,"totalRetentionInDays":365}"""), "VC8003", "--retention-time 90");
        EvidenceOf.Wrong(EvidenceOf.Text("retention", """{"ObjectLockConfiguration":{"Rule":{"DefaultRetention":{"Mode":"COMPLIANCE","Days":90}}}}"""), "VC8004", "365");
    }
}
