using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Eks.FilterPatterns;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests.Eks;

/// <summary>EKS: what is rendered, and what verification says of recipes and of what AWS answers.</summary>
public class EksTests
{
    private const string Cluster =
        """{"cluster":{"name":"prod","arn":"arn:aws:eks:us-east-1:123456789012:cluster/prod","logging":{"clusterLogging":[{"types":["audit","authenticator"],"enabled":true},{"types":["api"],"enabled":false}]}}}""";

    private const string Group =
        """{"logGroups":[{"logGroupName":"/aws/eks/prod/cluster","retentionInDays":365,"kmsKeyId":"arn:aws:kms:us-east-1:123456789012:key/k","arn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/eks/prod/cluster:*","logGroupClass":"STANDARD"}]}""";

    [Fact]
    public void A_cluster_set_up_as_rendered_is_well()
    {
        string filters = string.Join(',', CloudAlerts.All.Select(alert =>
            $$"""{"filterName":"vedette-{{alert.Name}}","filterPattern":{{Json(alert.CloudWatchLine)}},"metricTransformations":[{"metricName":"prod-{{alert.MetricName}}","metricNamespace":"Vedette"}]}"""));
        string alarms = string.Join(',', CloudAlerts.All.Select(alert =>
            $$"""{"AlarmName":"vedette-prod-{{alert.Name}}","MetricName":"prod-{{alert.MetricName}}","Namespace":"Vedette","ActionsEnabled":true,"AlarmActions":["arn:aws:sns:us-east-1:123456789012:vedette-prod"]}"""));
        IReadOnlyList<CheckResult> results = EvidenceOf.Text(
            "eks",
            $$"""
            {{Cluster}}
            {{Group}}
            {"metricFilters":[{{filters}}]}
            {"subscriptionFilters":[{"filterName":"vedette","filterPattern":"{ $.kind = \"Event\" }","destinationArn":"arn:aws:firehose:us-east-1:123456789012:deliverystream/vedette-prod"}]}
            {"MetricAlarms":[{{alarms}}]}
            {"Status":"ENABLED","Features":[{"Name":"EKS_AUDIT_LOGS","Status":"ENABLED"},{"Name":"RUNTIME_MONITORING","Status":"ENABLED"}]}
            """,
            retention: 365, residency: "us");
        Assert.All(results, result => Assert.True(result.Outcome == Outcome.Ok, result.ToString()));
        Assert.Equal(
            ["VC3002", "VC3003", "VC3004", "VC3005", "VC3006", "VC3007", "VC3008", "VC3009", "VC3010", "VC3011", "VC3012", "VC3013"], results.Select(result => result.Check.Id).Distinct().Order());
    }

    [Fact]
    public void Logs_that_are_off_are_found_with_the_command_that_turns_them_on() => EvidenceOf.Wrong(
        EvidenceOf.Text("eks", Cluster.Replace("\"audit\",", "", StringComparison.Ordinal)), "VC3002",
        """aws eks update-cluster-config --region us-east-1 --name prod --logging '{"clusterLogging":[{"types":["audit"],"enabled":true}]}'""");

    [Theory]
    [InlineData("{ $.userAgent = \"kubectl*\" && $.responseStatus.code = 403 }", true)]
    [InlineData("\"userAgent\":\"kubectl\" AND \"responseStatus.code\":403", false)]
    [InlineData("{ $.userAgent = \"kubectl\" AND $.responseStatus.code = 403 }", false)]
    [InlineData("kubectl 403", false)]
    [InlineData("[ip, user, code = 403]", false)]
    public void A_filter_outside_the_grammar_or_beside_the_fields_is_found(string pattern, bool isWell)
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text("eks", $$"""{"metricFilters":[{"filterName":"mine","filterPattern":{{Json(pattern)}}}]}""");
        Assert.Equal(isWell ? Outcome.Ok : Outcome.Wrong, Assert.Single(results, result => result.Check.Id == "VC3008").Outcome);
    }

    [Fact]
    public void A_filter_of_the_users_own_counts_when_it_would_fire()
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text("eks", """{"metricFilters":[{"filterName":"mine","filterPattern":"{ $.objectRef.subresource = \"exec\" }"}]}""");
        Assert.Contains(results, result => result is { Check.Id: "VC3009", Outcome: Outcome.Ok } && result.Why == "mine counts: command run in a container");
        Assert.Equal(CloudAlerts.All.Length - 1, results.Count(result => result is { Check.Id: "VC3009", Outcome: Outcome.Wrong }));
    }

    [Fact]
    public void An_alarm_that_tells_nobody_is_found() => EvidenceOf.Wrong(
        EvidenceOf.Text(
            "eks",
            """
            {"metricFilters":[{"filterName":"mine","filterPattern":"{ $.objectRef.subresource = \"exec\" }","metricTransformations":[{"metricName":"Exec","metricNamespace":"K8s"}]}]}
            {"MetricAlarms":[{"AlarmName":"exec","MetricName":"Exec","Namespace":"K8s","ActionsEnabled":true,"AlarmActions":[]}]}
            """),
        "VC3010", "--alarm-actions");

    [Theory]
    [InlineData("\"retentionInDays\":30,", "VC3005", "--retention-in-days 365")]
    [InlineData("\"retentionInDays\":365,\"kmsKeyId\":null,", "VC3006", "associate-kms-key")]
    public void A_log_group_that_falls_short_is_found(string settings, string check, string mend) => EvidenceOf.Wrong(
        EvidenceOf.Text("eks", $$"""{"logGroups":[{"logGroupName":"/aws/eks/prod/cluster",{{settings}}"arn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/eks/prod/cluster:*"}]}""", retention: 365), check, mend);

    [Fact]
    public void A_detector_alone_does_not_read_audit_logs()
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text("eks", """{"Status":"ENABLED","Features":[{"Name":"CLOUD_TRAIL","Status":"ENABLED"},{"Name":"EKS_AUDIT_LOGS","Status":"DISABLED"}]}""");
        EvidenceOf.Wrong(results, "VC3012", "EKS_AUDIT_LOGS");
        EvidenceOf.Wrong(results, "VC3013", "RUNTIME_MONITORING");
    }

    [Fact]
    public void A_region_outside_is_found_in_answers_and_refused_by_setup()
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text("eks", Cluster.Replace("us-east-1", "eu-west-1", StringComparison.Ordinal), residency: "us");
        EvidenceOf.Wrong(results, "VC3004", "allowed");
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        using SetupFixture setup = SetupFixture.Render("eks", change: request => request with { Residency = us }, options: [("region", "eu-west-1")]);
        Assert.Contains("eu-west-1", Assert.Single(setup.Output.Refusals).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Commands_without_a_region_and_values_that_AWS_refuses_are_found_in_recipes()
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text(
            "eks",
            """
            # aws eks in a comment
            aws eks update-cluster-config --name prod \
                --logging '{"clusterLogging":[{"types":["audit"],"enabled":true}]}'
            aws logs put-retention-policy --region us-east-1 --log-group-name g --retention-in-days 300
            aws logs put-metric-filter --region us-east-1 --log-group-name g --filter-name f --filter-pattern '"userAgent":"kubectl" AND "responseStatus.code":403'
            """);
        Assert.Equal(2, EvidenceOf.Wrong(results, "VC3014", "--region").Place.Line);
        Assert.Equal(4, EvidenceOf.Wrong(results, "VC3015", "--retention-in-days 365").Place.Line);
        Assert.Equal(5, EvidenceOf.Wrong(results, "VC3008", "$.userAgent").Place.Line);
    }

    [Theory]
    [InlineData(30, 30)]
    [InlineData(90, 90)]
    [InlineData(366, 400)]
    [InlineData(2190, 2192)]
    [InlineData(3653, 3653)]
    public void Retention_is_rounded_up_to_what_CloudWatch_takes(int asked, int rendered)
    {
        using SetupFixture setup = SetupFixture.Render("eks", change: request => request with { RetentionDays = asked });
        Assert.Contains($"--retention-in-days {rendered}\n", setup.Text("logging.sh"), StringComparison.Ordinal);
        Assert.Contains($"RetentionInDays: {rendered}\n", setup.Text("cloudformation.yaml"), StringComparison.Ordinal);
        Assert.Matches($@"default     = {rendered}\n", setup.Text("terraform/variables.tf"));
    }

    [Fact]
    public void Rendered_patterns_are_the_alerts_and_in_the_grammar()
    {
        using SetupFixture setup = SetupFixture.Render("eks");
        string[] rendered = [.. Regex.Matches(setup.Text("alerts.sh"), @"^    '(?<pattern>\{.*\})'$", RegexOptions.Multiline | RegexOptions.ExplicitCapture).Select(match => match.Groups["pattern"].Value)];
        Assert.Equal(CloudAlerts.All.Select(alert => alert.CloudWatchLine), rendered);
        Assert.All(rendered, pattern => Assert.True(FilterPattern.TryParse(pattern, out _, out FilterProblem? problem), problem?.ToString()));
        Assert.True(rendered.Count(pattern => pattern.Contains('%', StringComparison.Ordinal)) <= 5, "a log group takes five filters with regular expressions");
    }

    [Fact]
    public void Residency_is_guarded_in_scripts_CloudFormation_and_Terraform()
    {
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        using SetupFixture setup = SetupFixture.Render("eks", change: request => request with { Residency = us });
        Assert.Contains("us-east-1 | us-east-2 | us-gov-east-1", setup.Text("common.sh"), StringComparison.Ordinal);
        Assert.Contains("\"us-east-1\", \"us-east-2\"", setup.Text("cloudformation.yaml"), StringComparison.Ordinal);
        Assert.Contains("contains([\"us-east-1\", \"us-east-2\"", setup.Text("terraform/variables.tf"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_sent_needs_a_receiver_and_says_so()
    {
        using SetupFixture setup = SetupFixture.Render("eks", Backend.Webhook);
        Assert.Contains("The Firehose endpoint is `vedette serve`", setup.Text(SetupOutput.StepsFile), StringComparison.Ordinal);
        Assert.Contains("http_endpoint_configuration", setup.Text("terraform/forward.tf"), StringComparison.Ordinal);
    }

    private static string Json(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";
}
