using System.Text;
using System.Text.Json;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

public class PolicyTests
{
    private const string Wrong = """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        rules:
        - level: Metadata
        - level: RequestResponse
          users: ["system:serviceaccount:kube-system:anonymous"]
          resources:
          - group: ""
            resources: ["secrets", "configmaps"]
        """;

    [Fact]
    public void A_wrong_policy_is_told_what_is_wrong_and_where()
    {
        using Workspace files = new();
        string policy = files.Write("policy.yaml", Wrong);
        Answer answer = VedetteProgram.Run("policy", "lint", policy);
        Assert.Equal(1, answer.Exit);
        Assert.Contains($"{policy}:5:3: error VP2020: rules[1] is unreachable", answer.Out, StringComparison.Ordinal);
        Assert.Contains($"{policy}:6:11: error VP2010: 'system:serviceaccount:kube-system:anonymous' is a service account called 'anonymous' in kube-system, not the anonymous user", answer.Out, StringComparison.Ordinal);
        Assert.Contains($"{policy}:5:3: error VP2030: rules[1] would log, were it reached, values of Secrets", answer.Out, StringComparison.Ordinal);
        Assert.Equal(0, VedetteProgram.Run("policy", "lint", "--fail-on", "never", policy).Exit);
    }

    [Fact]
    public void A_policy_that_kube_apiserver_refuses_is_bad_input_with_its_own_message()
    {
        Answer answer = VedetteProgram.Run(Encoding.UTF8.GetBytes("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: metadata\n"), ["policy", "lint", "-"]);
        Assert.Equal(3, answer.Exit);
        Assert.Contains("-:4:10: error VP1004: rules[0].level: Unsupported value: \"metadata\"", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Lint_speaks_json_and_sarif()
    {
        using Workspace files = new();
        string policy = files.Write("policy.yaml", Wrong);
        JsonElement json = JsonDocument.Parse(VedetteProgram.Run("policy", "lint", "-o", "json", policy).Out).RootElement.GetProperty("policies")[0];
        Assert.True(json.GetProperty("loads").GetBoolean());
        Assert.Contains(json.GetProperty("diagnostics").EnumerateArray(), item => item.GetProperty("code").GetString() == "VP2020" && item.GetProperty("line").GetInt32() == 5);
        JsonElement run = JsonDocument.Parse(VedetteProgram.Run("policy", "lint", "-o", "sarif", policy).Out).RootElement.GetProperty("runs")[0];
        JsonElement[] rules = [.. run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray()];
        Assert.All(run.GetProperty("results").EnumerateArray(), result => Assert.Equal(result.GetProperty("ruleId").GetString(), rules[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString()));
    }

    [Fact]
    public void Every_preset_shows_lints_and_can_be_named_instead_of_a_file()
    {
        JsonElement[] presets = [.. JsonDocument.Parse(VedetteProgram.Run("policy", "presets", "-o", "json").Out).RootElement.EnumerateArray()];
        Assert.Equal(8, presets.Length);
        foreach (string name in presets.Select(preset => preset.GetProperty("name").GetString()!))
        {
            Assert.Equal(File.ReadAllText(Path.Combine(SharedData.Root, "policies", name + ".yaml")), VedetteProgram.Run("policy", "show", name).Out);
            Assert.Equal(0, VedetteProgram.Run("policy", "lint", "--fail-on", "never", name).Exit);
        }
    }

    [Fact]
    public void A_check_is_explained_by_its_page()
    {
        Assert.StartsWith("# VP2030: Values of Secrets in the log\n", VedetteProgram.Run("policy", "lint", "--explain", "vp2030").Out, StringComparison.Ordinal);
        Assert.Equal(2, VedetteProgram.Run("policy", "lint", "--explain", "VP9999").Exit);
    }

    [Fact]
    public void Tests_of_a_policy_pass_and_fail_with_their_exit_codes()
    {
        using Workspace files = new();
        string tests = files.Write("tests.yaml", """
            policy: policy.yaml
            tests:
                - name: pods
                  request: {verb: list, resource: pods}
                  expect: {level: Metadata}
            """);
        files.Write("policy.yaml", Wrong);
        Answer answer = VedetteProgram.Run("policy", "test", tests);
        Assert.Equal((0, "1 passed, 0 failed\n"), (answer.Exit, answer.Out));
        Assert.Equal(0, VedetteProgram.Run("policy", "test", "--policy", "recommended", tests).Exit);
        Answer failed = VedetteProgram.Run("policy", "test", files.Write("wrong.yaml", File.ReadAllText(tests).Replace("level: Metadata", "level: None", StringComparison.Ordinal)));
        Assert.Equal(1, failed.Exit);
        Assert.Contains("wrong.yaml:3: pods: level is Metadata, should be None (rules[0] on line 4 decides)", failed.Out, StringComparison.Ordinal);
        Assert.Equal(3, VedetteProgram.Run("policy", "test", files.Write("broken.yaml", "tests: 1")).Exit);
    }

    [Fact]
    public void Explain_answers_for_a_request_and_for_many()
    {
        using Workspace files = new();
        JsonElement answer = JsonDocument.Parse(VedetteProgram.Run("policy", "explain", "recommended", "--method", "GET", "--uri", "/api/v1/namespaces/prod/secrets/db", "--user", "alice", "-o", "json").Out).RootElement;
        Assert.Equal(("Metadata", 3), (answer.GetProperty("level").GetString(), answer.GetProperty("rule").GetInt32()));
        Assert.Equal("secrets", answer.GetProperty("attributes").GetProperty("resource").GetString());
        string requests = files.Write("requests.jsonl", """
            {"method":"GET","requestURI":"/healthz","user":{"name":"system:anonymous","groups":["system:unauthenticated"]}}
            {"method":"POST","requestURI":"/api/v1/namespaces/prod/pods","user":{"name":"alice","groups":["system:authenticated"]}}
            """);
        string[] lines = VedetteProgram.Run("policy", "explain", "recommended", "--requests", requests, "-o", "json").Out.TrimEnd('\n').Split('\n');
        Assert.Equal(["None", "Request"], lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("level").GetString()));
    }

    [Fact]
    public void Simulate_leaves_what_the_server_would_have_written()
    {
        using Workspace files = new();
        string left = files["left.jsonl"];
        Answer answer = VedetteProgram.Run(
            "policy", "simulate", Path.Combine(SharedData.Root, "tests", "cases", "apiserver", "policies", "seed.yaml"), "--log", SharedData.Case("replay/audit-all-rr.log.gz"), "--emit", left, "-o", "json");
        Assert.Equal(0, answer.Exit);
        JsonDocument.Parse(answer.Out);
        string[] lines = File.ReadAllLines(left);
        string[] before = Encoding.UTF8.GetString(SharedData.ReadCase("replay/audit-all-rr.log.gz")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(before.Count(line => !line.Contains("\"stage\":\"RequestReceived\"", StringComparison.Ordinal)), lines.Length);
        Assert.All(lines, line => Assert.DoesNotContain("\"requestObject\"", line, StringComparison.Ordinal));
    }

    [Fact]
    public void Diff_names_requests_that_two_policies_treat_differently()
    {
        Answer answer = VedetteProgram.Run("policy", "diff", "minimal", "forensic", "-o", "json");
        Assert.Equal(0, answer.Exit);
        using JsonDocument json = JsonDocument.Parse(answer.Out);
        Assert.True(json.RootElement.GetProperty("complete").GetBoolean());
        Assert.All(json.RootElement.GetProperty("changes").EnumerateArray(), change => Assert.NotEqual(0, change.GetProperty("regions").GetArrayLength()));
        Assert.Contains("RequestResponse", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Lint_as_json_says_what_each_rule_decides_with_a_witness()
    {
        using Workspace files = new();
        using JsonDocument json = JsonDocument.Parse(VedetteProgram.Run("policy", "lint", "-o", "json", files.Write("policy.yaml", Wrong)).Out);
        JsonElement[] rules = [.. json.RootElement.GetProperty("policies")[0].GetProperty("rules").EnumerateArray()];
        Assert.Equal(["reachable", "unreachable"], rules.Select(rule => rule.GetProperty("reach").GetString()));
        Assert.Contains(rules[1].GetProperty("shadowedBy")[0].GetProperty("witness").GetProperty("resource").GetString(), (string[])["secrets", "configmaps"]);
    }
}
