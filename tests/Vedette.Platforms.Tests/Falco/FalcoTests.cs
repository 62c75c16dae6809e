using System.Text.RegularExpressions;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests.Falco;

/// <summary>Falco: what is rendered, and what verification says of values, pods and recipes.</summary>
public class FalcoTests
{
    [Theory]
    [InlineData(false, "direct")]
    [InlineData(true, "direct")]
    [InlineData(false, "sidekick")]
    [InlineData(true, "sidekick")]
    public void Every_way_renders_values_that_parse_and_pass(bool audit, string via)
    {
        (string, string)[] options = audit ? [("via", via), ("k8s-audit", "")] : [("via", via)];
        using SetupFixture setup = SetupFixture.Render("falco", options: options, change: request => request with { Values = request.Values.Add("FALCO_URL", "https://vedette.example.com:8443/falco") });
        Assert.Equal(audit, setup.Files.Any(file => file.Path == "values-k8saudit.yaml"));
        Assert.All(setup.Files.Where(file => file.Path.EndsWith(".yaml", StringComparison.Ordinal)), file => Assert.IsType<YamlMapping>(Assert.Single(YamlReader.Read(file.Path, file.Content, []))));
        IReadOnlyList<CheckResult> results = setup.Verify();
        Assert.All(results, result => Assert.True(result.Outcome == Outcome.Ok, result.ToString()));
        Assert.Contains(results, result => result.Check.Id == "VC6004");
        Assert.Equal(audit, results.Any(result => result.Check.Id == "VC6005"));
        Assert.Contains("--namespace falco", setup.Text(SetupOutput.StepsFile), StringComparison.Ordinal);
        Assert.Contains("-l app.kubernetes.io/name=falco -c falco", setup.Text(SetupOutput.StepsFile), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("direct", "https://HOST:PORT/falco/CLUSTER/TOKEN")]
    [InlineData("sidekick", "https://HOST:PORT/falco/CLUSTER")]
    public void The_token_is_in_the_address_only_where_no_header_can_carry_it(string via, string address)
    {
        using SetupFixture setup = SetupFixture.Render("falco", options: [("via", via)]);
        Assert.Matches($@"{Regex.Escape(address)}(?!/)", setup.Text(SetupOutput.StepsFile));
    }

    [Theory]
    [InlineData("https://vedette.eu-west-1.example.com:8443/falco/prod/secret-token")]
    [InlineData("http://someone:secret-token@vedette.eu-west-1.example.com/falco/prod")]
    [InlineData("vedette.eu-west-1.example.com/falco/prod/secret-token")]
    public void What_a_receivers_address_holds_beside_its_host_is_told_nobody(string url)
    {
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        using SetupFixture setup = SetupFixture.Render("falco", change: request => request with { Residency = us, Values = request.Values.Add("FALCO_URL", url) });
        string[] told =
        [
            $"{Assert.Single(setup.Output.Refusals)}",
            .. EvidenceOf.Text("falco", $"falco: {{json_output: true, http_output: {{enabled: true, url: '{url}'}}}}").Select(result => $"{result}"),
            .. EvidenceOf.Text("falco", $"falco: {{json_output: true, http_output: {{enabled: true, url: '{url}'}}}}", residency: "us").Select(result => $"{result}"),
        ];
        Assert.Contains(told, text => text.Contains("alerts go to", StringComparison.Ordinal));
        Assert.DoesNotContain(told, text => text.Contains("secret-token", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("falco: {json_output: false, http_output: {enabled: true, url: 'https://v/falco'}}", "VC6002")]
    [InlineData("falco: {json_output: true}", "VC6003")]
    [InlineData("falco: {json_output: true, http_output: {enabled: false, url: 'https://v/falco'}}", "VC6003")]
    [InlineData("falco: {json_output: true, http_output: {enabled: true, url: 'http://v.example.com/falco'}}", "VC6004")]
    [InlineData("falco: {json_output: true, load_plugins: [k8saudit, json]}", "VC6005")]
    [InlineData("{falco: {json_output: true, load_plugins: [k8saudit]}, controller: {kind: deployment, deployment: {replicas: 2}}}", "VC6005")]
    public void Values_that_fall_short_are_found(string values, string check) => EvidenceOf.Wrong(EvidenceOf.Text("falco", "# values\n" + values), check, "");

    [Fact]
    public void A_receiver_elsewhere_is_refused_and_found()
    {
        const string Url = "https://collector.eu-west-1.example.com/falco";
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        using SetupFixture setup = SetupFixture.Render("falco", change: request => request with { Residency = us, Values = request.Values.Add("FALCO_URL", Url) });
        Assert.Single(setup.Output.Refusals);
        EvidenceOf.Wrong(EvidenceOf.Text("falco", $"falco: {{json_output: true, http_output: {{enabled: true, url: '{Url}'}}}}", residency: "us"), "VC6004", "allowed");
    }

    [Fact]
    public void Recipes_with_the_wrong_namespace_label_or_page_are_found()
    {
        IReadOnlyList<CheckResult> results = EvidenceOf.Text(
            "falco",
            """
            helm install falco falcosecurity/falco
            kubectl logs -l app=falco -n falco
            # see https://falco.org/docs/alerts/
            """);
        Assert.Equal([("--create-namespace", 1), ("app.kubernetes.io/name=falco", 2), ("concepts/outputs", 0)], results.Select(result => (
            new[] { "--create-namespace", "app.kubernetes.io/name=falco", "concepts/outputs" }.Single(mend => result.Mend!.Contains(mend, StringComparison.Ordinal)), result.Place.Line)));
    }

    [Theory]
    [InlineData("""{"items":[{"metadata":{"name":"falco-a","labels":{"app.kubernetes.io/name":"falco"}},"status":{"conditions":[{"type":"Ready","status":"True"}]}}]}""", true)]
    [InlineData("""{"items":[{"metadata":{"name":"falco-a","labels":{"app.kubernetes.io/name":"falco"}},"status":{"conditions":[{"type":"Ready","status":"False"}]}}]}""", false)]
    [InlineData("""{"items":[]}""", false)]
    public void Pods_that_do_not_run_are_found(string pods, bool isWell) =>
        Assert.Equal(isWell ? Outcome.Ok : Outcome.Wrong, Assert.Single(EvidenceOf.Text("falco", pods), result => result.Check.Id == "VC6006").Outcome);
}
