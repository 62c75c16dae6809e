using System.Text.RegularExpressions;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Tests.Tools;
using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests.Shippers;

/// <summary>Shippers: what is rendered for each target, and what verification says of configurations.</summary>
public class ShipperTests
{
    public static TheoryData<string> Targets => ["vedette", "elasticsearch", "splunk", "loki", "datadog", "sumologic", "cloudwatch", "s3"];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_target_renders_configurations_that_pass(string target)
    {
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", target)]);
        IReadOnlyList<CheckResult> results = setup.Verify();
        Assert.All(results, result => Assert.True(result.Outcome == Outcome.Ok, result.ToString()));
        string[] configured = [.. setup.Files.Where(file => file.Path.EndsWith("/service.conf", StringComparison.Ordinal)).Select(file => file.Path.Split('/')[0])];
        Assert.Equal(target is "vedette" or "elasticsearch" ? ["vector", "fluent-bit", "fluentd", "filebeat", "rsyslog"] : ["vector", "fluent-bit", "fluentd"], configured);
        Assert.All(configured, shipper => Assert.Contains(results, result => result.Why.StartsWith(shipper, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_variable_that_a_configuration_takes_is_in_the_file_of_values(string target)
    {
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", target)]);
        string[] set = [.. Regex.Matches(setup.Text("shipper.env"), "^(?<name>[A-Z0-9_]+)=", RegexOptions.Multiline | RegexOptions.ExplicitCapture).Select(match => match.Groups["name"].Value)];
        foreach (RenderedFile file in setup.Files.Where(file => file.Path.Contains('/', StringComparison.Ordinal)))
        {
            string[] taken = [.. Regex.Matches(file.Content, @"(\$\{|ENV\['|echo \$)(?<name>[A-Z0-9_]+)", RegexOptions.ExplicitCapture).Select(match => match.Groups["name"].Value).Where(name => name != "HOSTNAME")];
            Assert.All(taken, name => Assert.Contains(name, set));
            bool isConfiguration = !file.Path.EndsWith("/service.conf", StringComparison.Ordinal) && !file.Path.Contains("receiver", StringComparison.Ordinal);
            Assert.Equal(isConfiguration, taken.Length > 0);
        }
    }

    [Fact]
    public void Filebeat_sends_to_where_Vedette_answers_like_Elasticsearch()
    {
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", "vedette")], change: request => request with { Cluster = "prod" });
        Assert.Contains("  path: /elasticsearch/prod\n", setup.Text("filebeat/filebeat.yml"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void YAML_of_every_target_parses(string target)
    {
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", target)]);
        foreach (RenderedFile file in setup.Files.Where(file => file.Path.EndsWith(".yaml", StringComparison.Ordinal) || file.Path.EndsWith(".yml", StringComparison.Ordinal)))
        {
            List<Diagnostic> diagnostics = [];
            Assert.IsType<YamlMapping>(Assert.Single(YamlReader.Read(file.Path, file.Content, diagnostics)));
            Assert.Empty(diagnostics);
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Tags_of_Fluentd_are_closed(string target)
    {
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", target)]);
        Stack<string> open = new();
        foreach (Match tag in Regex.Matches(setup.Text("fluentd/fluentd.conf"), @"^\s*<(?<end>/?)(?<name>[a-z]+)[^>]*>\s*$", RegexOptions.Multiline | RegexOptions.ExplicitCapture))
        {
            if (tag.Groups["end"].Length == 0)
            {
                open.Push(tag.Groups["name"].Value);
            }
            else
            {
                Assert.Equal(open.Pop(), tag.Groups["name"].Value);
            }
        }

        Assert.Empty(open);
    }

    [Theory]
    [InlineData("vedette", "60-kubernetes-audit.conf")]
    [InlineData("vedette", "10-kubernetes-audit-receiver.conf")]
    [InlineData("elasticsearch", "60-kubernetes-audit.conf")]
    public void Rsyslog_takes_its_configuration(string target, string file)
    {
        // Links are not followed: clang's lead in circles.
        EnumerationOptions below = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        Assert.SkipUnless(Directory.EnumerateFiles("/usr/lib", "omelasticsearch.so", below).Any(), "not here: rsyslog-elasticsearch");
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", target)]);
        string certificates = Path.GetDirectoryName(setup[$"rsyslog/{file}"])!;
        Assert.All(["ca.pem", "cert.pem", "key.pem"], name => File.WriteAllText(Path.Combine(certificates, name), ""));
        File.WriteAllText(setup[$"rsyslog/{file}"], setup.Text($"rsyslog/{file}").Replace("/etc/rsyslog.d/tls", certificates, StringComparison.Ordinal));
        (int exit, string output) = Tool.Run("env", "", "ELASTIC_HOST=es.example.com", "ELASTIC_USER=u", "ELASTIC_PASSWORD=p", "VEDETTE_HOST=v.example.com", "/usr/sbin/rsyslogd", "-N1", "-f", setup[$"rsyslog/{file}"]);
        Assert.True(exit == 0 && !output.Contains("error", StringComparison.OrdinalIgnoreCase), output);
    }

    [Theory]
    [InlineData("splunk", "filebeat")]
    [InlineData("loki", "rsyslog")]
    [InlineData("cloudwatch", "filebeat")]
    public void A_shipper_without_that_output_is_refused(string target, string shipper)
    {
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", target), ("shipper", shipper)]);
        Assert.Contains("vector", Assert.Single(setup.Output.Refusals).Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("s3", "AWS_REGION", "eu-west-1")]
    [InlineData("cloudwatch", "AWS_REGION", "ap-south-1")]
    [InlineData("elasticsearch", "ELASTIC_HOST", "search.eu-central-1.es.example.com")]
    public void A_receiver_elsewhere_is_refused(string target, string name, string value)
    {
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", target)], change: request => request with { Residency = us, Values = request.Values.Add(name, value) });
        Assert.Single(setup.Output.Refusals);
    }

    [Theory]
    [InlineData("us", "datadoghq.eu", false)]
    [InlineData("us", "us3.datadoghq.com", true)]
    [InlineData("eu", "datadoghq.eu", true)]
    [InlineData("eu", "datadoghq.com", false)]
    public void Sites_of_Datadog_have_a_place(string residency, string site, bool allowed)
    {
        Assert.True(ResidencyRule.TryParse(residency, out ResidencyRule rule));
        using SetupFixture setup = SetupFixture.Render("shippers", options: [("to", "datadog"), ("site", site)], change: request => request with { Residency = rule });
        Assert.Equal(allowed, setup.Output.Refusals.Count == 0);
    }

    [Theory]
    [InlineData("filebeat.inputs:\n  - type: filestream\nqueue.disk:\n  max_size: 1GB\noutput.splunk:\n  host: x\n", "VC7002", "Vector")]
    [InlineData("filebeat.inputs:\n  - type: filestream\nqueue.disk:\n  max_size: 1GB\noutput.cloudwatch:\n  host: x\n", "VC7002", "Vector")]
    [InlineData("filebeat.inputs:\n  - type: filestream\noutput.elasticsearch:\n  hosts: [a]\n", "VC7005", "queue.disk")]
    [InlineData("data_dir: /d\nsources:\n  a:\n    type: file\nsinks:\n  o:\n    acknowledgements:\n      enabled: true\n", "VC7003", "max_line_bytes")]
    [InlineData("data_dir: /d\nsources:\n  a:\n    type: file\n    max_line_bytes: 3145728\nsinks:\n  o:\n    uri: https://a\n", "VC7005", "acknowledgements")]
    [InlineData("[INPUT]\n    Name tail\n    DB /d\n    Buffer_Max_Size 3M\n[OUTPUT]\n    Name http\n    Retry_Limit False\n", "VC7006", "json_date_key")]
    [InlineData("[INPUT]\n    Name tail\n    Buffer_Max_Size 3M\n[OUTPUT]\n    Name es\n    Retry_Limit False\n", "VC7004", "DB")]
    [InlineData("[INPUT]\n    Name tail\n    DB /d\n[OUTPUT]\n    Name es\n    Retry_Limit False\n", "VC7003", "Buffer_Max_Size")]
    [InlineData("<source>\n  pos_file /p\n</source>\n<match a>\n  @type http\n  endpoint https://a\n  <buffer>\n    @type file\n    retry_forever true\n  </buffer>\n</match>\n", "VC7005", "retryable_response_codes")]
    [InlineData("<source>\n  pos_file /p\n</source>\n<match a>\n  @type loki\n  url http://loki.example.com\n  <buffer>\n    @type file\n    retry_forever true\n  </buffer>\n</match>\n", "VC7007", "https")]
    [InlineData("global(maxMessageSize=\"64k\")\ninput(type=\"imfile\" file=\"/a\" persistStateInterval=\"1\")\nqueue.filename=\"q\" action.resumeRetryCount=\"-1\"\n", "VC7003", "maxMessageSize")]
    public void A_configuration_that_loses_or_leaks_is_found(string text, string check, string mend) => EvidenceOf.Wrong(EvidenceOf.Text("shippers", "# shipper\n" + text), check, mend);

    [Fact]
    public void A_region_in_a_configuration_has_its_line()
    {
        CheckResult result = EvidenceOf.Wrong(
            EvidenceOf.Text("shippers", "# a comment about eu-west-1\ndata_dir: /d\nsinks:\n  o:\n    type: aws_s3\n    region: eu-west-1\n", residency: "us"), "VC7008", "allowed");
        Assert.Equal(6, result.Place.Line);
    }

    [Theory]
    [InlineData("chmod 644 /var/log/kubernetes/audit/audit.log", false)]
    [InlineData("sudo chmod o+r /var/log/kubernetes/audit/audit.log", false)]
    [InlineData("chmod 0600 /var/log/kubernetes/audit/audit.log", true)]
    public void A_log_opened_to_everybody_is_found(string command, bool isWell) =>
        Assert.Equal(isWell, !EvidenceOf.Text("shippers", command).Any(result => result is { Check.Id: "VC7009", Outcome: Outcome.Wrong }));

    [Fact]
    public void Shippers_that_are_not_root_get_the_right_to_read_and_no_more()
    {
        using SetupFixture setup = SetupFixture.Render("shippers");
        Assert.Contains("AmbientCapabilities=CAP_DAC_READ_SEARCH", setup.Text("vector/service.conf"), StringComparison.Ordinal);
        Assert.DoesNotContain("Capabilities", setup.Text("rsyslog/service.conf"), StringComparison.Ordinal);
        Assert.Equal(RenderedFile.Private, setup.Files.Single(file => file.Path == "shipper.env").Mode);
    }
}
