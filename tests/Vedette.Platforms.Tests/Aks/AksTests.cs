using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests.Aks;

/// <summary>AKS: what is rendered, and what verification says of recipes and of what Azure answers.</summary>
public class AksTests
{
    private const string Group = "/subscriptions/s/resourceGroups/g/providers";

    private const string Cluster = $$"""{"id":"{{Group}}/Microsoft.ContainerService/managedClusters/prod","name":"prod","location":"eastus"}""";

    private const string Setting =
        $$"""[{"id":"{{Group}}/Microsoft.ContainerService/managedClusters/prod/providers/microsoft.insights/diagnosticSettings/vedette","name":"vedette","workspaceId":"w","logAnalyticsDestinationType":"Dedicated","logs":[{"category":"kube-audit","enabled":true},{"category":"guard","enabled":true},{"category":"kube-audit-admin","enabled":false}]}]""";

    [Fact]
    public void A_cluster_set_up_as_rendered_is_well()
    {
        using SetupFixture setup = SetupFixture.Render("aks");
        string rules = string.Join(',', CloudAlerts.All.Select(alert =>
            $$$"""{"id":"{{{Group}}}/Microsoft.Insights/scheduledQueryRules/{{{alert.Name}}}","name":"{{{alert.Name}}}","enabled":true,"criteria":{"allOf":[{"query":{{{Json(setup.Text($"kql/{alert.Name}.kql"))}}}}]},"actions":{"actionGroups":["a"]}}"""));
        IReadOnlyList<CheckResult> results = EvidenceOf.Text(
            "aks",
            $$"""
            {{Cluster}}
            {{Setting}}
            {"id":"{{Group}}/Microsoft.OperationalInsights/workspaces/w","name":"w","location":"eastus","customerId":"c","retentionInDays":365}
            {"id":"{{Group}}/Microsoft.OperationalInsights/workspaces/w/tables/AKSAudit","name":"AKSAudit","retentionInDays":365,"totalRetentionInDays":365}
            {"id":"{{Group}}/Microsoft.Storage/storageAccounts/a","name":"a","location":"eastus","secondaryLocation":null,"sku":{"name":"Standard_LRS"} }
            [{{rules}}]
            {"id":"/subscriptions/s/providers/Microsoft.Security/pricings/Containers","name":"Containers","pricingTier":"Standard"}
            """,
            retention: 365, residency: "us");
        Assert.All(results, result => Assert.True(result.Outcome == Outcome.Ok, result.ToString()));
        Assert.Equal(["VC5002", "VC5003", "VC5004", "VC5005", "VC5006", "VC5007", "VC5008", "VC5010", "VC5011"], results.Select(result => result.Check.Id).Distinct().Order());
    }

    [Fact]
    public void A_cluster_without_a_setting_is_found() => EvidenceOf.Wrong(EvidenceOf.Text("aks", "[]"), "VC5002", "--logs '[{\"category\":\"kube-audit\"");

    [Fact]
    public void The_admin_category_alone_shows_no_reads()
    {
        string setting = Setting.Replace("\"kube-audit\"", "\"x\"", StringComparison.Ordinal).Replace("\"kube-audit-admin\",\"enabled\":false", "\"kube-audit-admin\",\"enabled\":true", StringComparison.Ordinal);
        IReadOnlyList<CheckResult> results = EvidenceOf.Text("aks", setting);
        Assert.Contains(results, result => result is { Check.Id: "VC5002", Outcome: Outcome.Ok });
        Assert.Contains("no read of a secret", EvidenceOf.Wrong(results, "VC5003", "kube-audit").Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"kube-audit-admin\",\"enabled\":false", "\"kube-audit-admin\",\"enabled\":true", "VC5005")]
    [InlineData("\"guard\",\"enabled\":true", "\"guard\",\"enabled\":false", "VC5004")]
    [InlineData("\"Dedicated\"", "null", "VC5006")]
    [InlineData("\"guard\",\"enabled\":true", "\"guard\",\"enabled\":true,\"retentionPolicy\":{\"enabled\":true,\"days\":365}", "VC5009")]
    public void A_setting_that_falls_short_is_found(string well, string wrong, string check) => EvidenceOf.Wrong(EvidenceOf.Text("aks", Setting.Replace(well, wrong, StringComparison.Ordinal)), check, "");

    [Theory]
    [InlineData("workspaces/w\",\"customerId\":\"c", "West Europe", null)]
    [InlineData("storageAccounts/a", "eastus", "westeurope")]
    public void A_workspace_or_copy_elsewhere_is_found(string id, string location, string? secondary) => EvidenceOf.Wrong(
        EvidenceOf.Text("aks", $$"""{"id":"/subscriptions/s/{{id}}","name":"n","location":"{{location}}","secondaryLocation":{{(secondary is null ? "null" : Json(secondary))}}}""", residency: "us"), "VC5007", "");

    [Fact]
    public void A_workspace_that_keeps_too_short_is_found() => EvidenceOf.Wrong(
        EvidenceOf.Text("aks", """{"id":"/subscriptions/s/workspaces/w","name":"w","customerId":"c","retentionInDays":30}""", retention: 2190), "VC5008", "--retention-time 730 --total-retention-time 2191");

    [Fact]
    public void Recipes_that_mix_up_things_are_found()
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text(
            "aks",
            """
            az aks diagnostic-settings create -g g -n prod
            az monitor diagnostic-settings create --name a --resource r --workspace w --export-to-resource-specific true --logs '[{"category":"kube-audit-admin","enabled":true}]'
            az monitor diagnostic-settings create --name a --resource r --workspace w --logs '[{"category":"kube-audit","enabled":true}]'
            az storage account create --name a --sku Standard_GRS
            az monitor log-analytics workspace create --location westeurope
            """,
            residency: "us");
        Assert.Equal(
            [("VC5012", 1), ("VC5003", 2), ("VC5006", 3), ("VC5007", 4), ("VC5007", 5)],
            results.Where(result => result.Outcome == Outcome.Wrong).Select(result => (result.Check.Id, result.Place.Line)));
    }

    [Fact]
    public void The_admin_category_renders_only_alerts_that_it_can_raise_and_says_which_are_missing()
    {
        using SetupFixture setup = SetupFixture.Render("aks", options: [("category", "kube-audit-admin")]);
        Assert.Equal(["kql/rbac-changed.kql", "kql/rbac-escalation.kql"], setup.Files.Select(file => file.Path).Where(path => path.EndsWith(".kql", StringComparison.Ordinal)).Order());
        Assert.StartsWith("AKSAuditAdmin\n", setup.Text("kql/rbac-changed.kql"), StringComparison.Ordinal);
        Assert.Contains("it shows no read of a secret", setup.Text(SetupOutput.StepsFile), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, 30, 7, 7)]
    [InlineData(365, 365, 365, 365)]
    [InlineData(731, 730, 730, 1095)]
    [InlineData(2190, 730, 730, 2191)]
    public void Retention_is_rounded_to_what_Log_Analytics_takes(int asked, int workspace, int hot, int total)
    {
        using SetupFixture setup = SetupFixture.Render("aks", change: request => request with { RetentionDays = asked });
        Assert.Contains($"--retention-time {workspace} --output", setup.Text("logging.sh"), StringComparison.Ordinal);
        Assert.Contains($"--retention-time {hot} --total-retention-time {total} ", setup.Text("logging.sh"), StringComparison.Ordinal);
        Assert.Contains($"totalRetentionInDays: {total}\n", setup.Text("main.bicep"), StringComparison.Ordinal);
        Assert.Contains($"total_retention_in_days = {total}\n", setup.Text("terraform/logging.tf"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_location_elsewhere_is_refused()
    {
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        using SetupFixture setup = SetupFixture.Render("aks", change: request => request with { Residency = us }, options: [("location", "westeurope")]);
        Assert.Contains("eastus", Assert.Single(setup.Output.Refusals).Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("any")]
    [InlineData("us")]
    public void Braces_brackets_and_quotes_of_Bicep_are_balanced_and_every_file_it_loads_is_there(string residency)
    {
        Assert.True(ResidencyRule.TryParse(residency, out ResidencyRule rule));
        using SetupFixture setup = SetupFixture.Render("aks", change: request => request with { Residency = rule });
        string bicep = Regex.Replace(setup.Text("main.bicep"), "//.*", "");
        foreach ((char open, char close) in new[] { ('{', '}'), ('[', ']'), ('(', ')') })
        {
            Assert.Equal(bicep.Count(character => character == open), bicep.Count(character => character == close));
        }

        Assert.Equal(0, bicep.Count(character => character == '\'') % 2);
        string[] loaded = [.. Regex.Matches(bicep, @"load\w+Content\('(?<path>[^']+)'\)", RegexOptions.ExplicitCapture).Select(match => match.Groups["path"].Value)];
        Assert.Equal(CloudAlerts.All.Length + 1, loaded.Length);
        Assert.All(loaded, path => Assert.Contains(setup.Files, file => file.Path == path));
    }

    private static string Json(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";
}
