using System.Text.Json;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests.Gke;

/// <summary>GKE: what is rendered, and what verification says of recipes and of what gcloud answers.</summary>
public class GkeTests
{
    private const string Policy =
        """{"auditConfigs":[{"service":"container.googleapis.com","auditLogConfigs":[{"logType":"ADMIN_READ"},{"logType":"DATA_READ"},{"logType":"DATA_WRITE"}]}],"bindings":[]}""";

    private const string Buckets =
        """[{"name":"projects/p/locations/us-central1/buckets/k8s","retentionDays":400},{"name":"projects/p/locations/global/buckets/_Required","retentionDays":400,"locked":true},{"name":"projects/p/locations/global/buckets/_Default","retentionDays":30}]""";

    private static readonly string s_sinks =
        $$"""
        [{"name":"k8s","destination":"logging.googleapis.com/projects/p/locations/us-central1/buckets/k8s","filter":{{Json(CloudAlerts.GkeScope)}}},
         {"name":"_Default","destination":"logging.googleapis.com/projects/p/locations/global/buckets/_Default","filter":"NOT LOG_ID(\"cloudaudit.googleapis.com/activity\")","exclusions":[{"name":"k8s","filter":{{Json(CloudAlerts.GkeScope)}}}]}]
        """;

    [Fact]
    public void A_project_set_up_as_rendered_is_well_but_for_what_Google_keeps_itself()
    {
        string metrics = string.Join(',', CloudAlerts.All.Select(alert => $$$"""{"name":"vedette-{{{alert.Name}}}","filter":{{{Json(alert.CloudLoggingLine)}}},"metricDescriptor":{}}"""));
        string policies = string.Join(',', CloudAlerts.All.Select(alert =>
            $$$"""{"name":"projects/p/alertPolicies/1","enabled":true,"notificationChannels":["c"],"conditions":[{"conditionThreshold":{"filter":"metric.type=\"logging.googleapis.com/user/vedette-{{{alert.Name}}}\""}}]}"""));
        IReadOnlyList<CheckResult> results = EvidenceOf.Text("gke", $"{Policy}\n{Buckets}\n{s_sinks}\n[{metrics}]\n[{policies}]", retention: 365, residency: "us");
        Assert.DoesNotContain(results, result => result.Outcome == Outcome.Wrong);
        CheckResult required = Assert.Single(results, result => result.Outcome == Outcome.CannotTell);
        Assert.Equal("VC4007", required.Check.Id);
        Assert.Contains("global, which does not say where", required.Why, StringComparison.Ordinal);
        Assert.Equal(["VC4002", "VC4003", "VC4004", "VC4005", "VC4006", "VC4007", "VC4008", "VC4009", "VC4010"], results.Select(result => result.Check.Id).Distinct().Order());
    }

    [Theory]
    [InlineData("""{"bindings":[]}""", "ADMIN_READ, DATA_READ, DATA_WRITE")]
    [InlineData("""{"auditConfigs":[{"service":"k8s.io","auditLogConfigs":[{"logType":"ADMIN_READ"},{"logType":"DATA_READ"},{"logType":"DATA_WRITE"}]}]}""", "ADMIN_READ, DATA_READ, DATA_WRITE")]
    [InlineData("""{"auditConfigs":[{"service":"allServices","auditLogConfigs":[{"logType":"DATA_READ"},{"logType":"DATA_WRITE"}]}]}""", "ADMIN_READ")]
    public void Data_Access_logs_that_are_off_are_found(string policy, string missing) =>
        Assert.StartsWith(missing, EvidenceOf.Wrong(EvidenceOf.Text("gke", policy), "VC4002", "auditConfigs").Why, StringComparison.Ordinal);

    [Fact]
    public void An_exempted_member_is_found() => Assert.Contains(
        "user:admin@example.com",
        EvidenceOf.Wrong(EvidenceOf.Text("gke", Policy.Replace("\"ADMIN_READ\"", "\"ADMIN_READ\",\"exemptedMembers\":[\"user:admin@example.com\"]", StringComparison.Ordinal)), "VC4003", "exemptedMembers").Why,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("global", "VC4005", "does not say")]
    [InlineData("europe-west1", "VC4005", "us only")]
    public void A_bucket_elsewhere_is_found(string location, string check, string why)
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text("gke", $"{Buckets.Replace("us-central1", location, StringComparison.Ordinal)}\n{s_sinks.Replace("us-central1", location, StringComparison.Ordinal)}", residency: "us");
        Assert.Contains(why, EvidenceOf.Wrong(results, check, "cannot be changed").Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bucket_that_keeps_too_short_is_found() => EvidenceOf.Wrong(
        EvidenceOf.Text("gke", $"{Buckets.Replace("\"retentionDays\":400}", "\"retentionDays\":90}", StringComparison.Ordinal)}\n{s_sinks}", retention: 365), "VC4006", "--retention-days 365");

    [Fact]
    public void A_project_without_a_sink_and_with_copies_in_Default_is_found()
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text(
            "gke", """[{"name":"_Default","destination":"logging.googleapis.com/projects/p/locations/global/buckets/_Default","filter":"NOT LOG_ID(\"cloudaudit.googleapis.com/activity\")"}]""", residency: "us");
        EvidenceOf.Wrong(results, "VC4004", "gcloud logging sinks create");
        EvidenceOf.Wrong(results, "VC4008", "--add-exclusion");
    }

    [Fact]
    public void Recipes_that_mix_up_things_are_found()
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text(
            "gke",
            """
            gcloud container clusters update prod --location us-central1 --logging=SYSTEM,API_SERVER
            gcloud logging buckets create k8s --project p --location global --retention-days 400
            bq --location=EU mk --dataset p:k8s
            """,
            residency: "us");
        Assert.Equal(1, EvidenceOf.Wrong(results, "VC4011", "auditConfigs").Place.Line);
        Assert.Equal([2, 3], results.Where(result => result is { Check.Id: "VC4012", Outcome: Outcome.Wrong }).Select(result => result.Place.Line).Order());
    }

    [Theory]
    [InlineData("global")]
    [InlineData("europe-west1")]
    public void A_location_elsewhere_is_refused(string location)
    {
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        using SetupFixture setup = SetupFixture.Render("gke", change: request => request with { Residency = us }, options: [("location", location)]);
        Assert.Single(setup.Output.Refusals);
    }

    [Fact]
    public void Every_alert_has_a_filter_on_the_Kubernetes_API_alone()
    {
        using SetupFixture setup = SetupFixture.Render("gke");
        string script = setup.Text("alerts.sh");
        Assert.All(CloudAlerts.All, alert =>
        {
            Assert.StartsWith("resource.type=\"k8s_cluster\" AND ", alert.CloudLoggingLine, StringComparison.Ordinal);
            Assert.Equal(alert.CloudLoggingLine.Count(character => character == '('), alert.CloudLoggingLine.Count(character => character == ')'));
            Assert.InRange(alert.CloudLoggingLine.Length, 1, 20_000);
            Assert.Contains($"'{alert.CloudLoggingLine}'", script, StringComparison.Ordinal);
        });
    }

    private static string Json(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";
}
