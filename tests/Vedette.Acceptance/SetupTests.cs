using System.Text;
using System.Text.Json;
using Xunit;

namespace Vedette.Acceptance;

/// <summary><c>vedette setup</c> and <c>vedette verify</c> as the program does them.</summary>
public class SetupTests
{
    [Theory]
    [InlineData("kind")]
    [InlineData("kubeadm")]
    [InlineData("kubespray")]
    public void What_is_set_up_is_verified(string platform)
    {
        using Workspace files = new();
        Answer setup = VedetteProgram.Run("setup", platform, "--out", files["out"]);
        Assert.Equal(0, setup.Exit);
        Assert.All(setup.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), path => Assert.True(File.Exists(path)));
        Assert.Contains("STEPS.md", setup.Error, StringComparison.Ordinal);
        Answer verify = VedetteProgram.Run("verify", platform, "--setup", files["out"]);
        Assert.Equal(0, verify.Exit);
        Assert.Contains("0 wrong", verify.Error, StringComparison.Ordinal);
        JsonElement checks = JsonDocument.Parse(VedetteProgram.Run("verify", platform, "--setup", files["out"], "-o", "json").Out).RootElement.GetProperty("checks");
        Assert.Contains(checks.EnumerateArray(), check => check.GetProperty("id").GetString() == "VC1001" && check.GetProperty("outcome").GetString() == "ok" && check.GetProperty("line").GetInt32() > 0);
    }

    [Fact]
    public void What_is_wrong_ends_with_1_and_is_sarif_for_those_who_want_it()
    {
        using Workspace files = new();
        string config = files.Write("config.yaml", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - {name: audit-log-maxbackups, value: \"5\"}\n");
        Answer answer = VedetteProgram.Run("verify", "kubeadm", "--config", config, "-o", "sarif");
        Assert.Equal(1, answer.Exit);
        JsonElement run = JsonDocument.Parse(answer.Out).RootElement.GetProperty("runs")[0];
        Assert.Contains(
            run.GetProperty("results").EnumerateArray(),
            result => result.GetProperty("ruleId").GetString() == "VC1002" && result.GetProperty("level").GetString() == "error"
                && result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32() == 5);
        Assert.Equal(0, VedetteProgram.Run("verify", "kubeadm", "--config", config, "--fail-on", "never").Exit);
    }

    [Theory]
    [InlineData("- level: Metadata\n- level: None", 1, "VP2020")]
    [InlineData("- level: metadata", 3, "VP1004")]
    public void A_policy_with_an_error_is_not_set_up(string rules, int exit, string code)
    {
        using Workspace files = new();
        string policy = files.Write("policy.yaml", $"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{rules}\n");
        Answer answer = VedetteProgram.Run("setup", "kubeadm", "--policy", policy, "--out", files["out"]);
        Assert.Equal(exit, answer.Exit);
        Assert.Contains(code, answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(files["out"]));
    }

    [Fact]
    public void What_was_filled_in_is_not_overwritten_unless_asked_for()
    {
        using Workspace files = new();
        string[] command = ["setup", "kubeadm", "--backend", "webhook", "--out", files["out"]];
        Assert.Equal(0, VedetteProgram.Run(command).Exit);
        string kubeconfig = Path.Combine(files["out"], "node/etc/kubernetes/audit/webhook.kubeconfig");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(kubeconfig));
        File.WriteAllText(kubeconfig, File.ReadAllText(kubeconfig).Replace("CHANGE_ME_WEBHOOK_TOKEN", "mine", StringComparison.Ordinal));
        Answer again = VedetteProgram.Run(command);
        Assert.Equal(4, again.Exit);
        Assert.Contains("webhook.kubeconfig would be overwritten", again.Error, StringComparison.Ordinal);
        Assert.Contains("mine", File.ReadAllText(kubeconfig), StringComparison.Ordinal);
        Assert.Equal(0, VedetteProgram.Run([.. command, "--force"]).Exit);
    }

    [Fact]
    public void Values_come_from_a_file_and_never_show()
    {
        using Workspace files = new();
        string values = files.Write("values.env", "# of prod\nexport WEBHOOK_URL='https://vedette.example.com/audit/prod'\nWEBHOOK_CA=LS0t\nWEBHOOK_TOKEN=s3cret\n");
        Answer answer = VedetteProgram.Run("setup", "kubeadm", "--backend", "both", "--values", values, "--out", files["out"]);
        Assert.Equal(0, answer.Exit);
        Assert.DoesNotContain("s3cret", answer.Out + answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("WEBHOOK_TOKEN", answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", File.ReadAllText(Path.Combine(files["out"], "STEPS.md")), StringComparison.Ordinal);
        Assert.Equal(0, VedetteProgram.Run("verify", "kubeadm", "--setup", files["out"]).Exit);
    }

    [Fact]
    public void A_rate_is_measured_on_a_log_under_the_policy()
    {
        using Workspace files = new();
        StringBuilder log = new();
        for (int i = 0; i < 120; i++)
        {
            log.Append(Workspace.Event($"{i}").Replace("10:00:00.500000Z", $"10:{i / 60:00}:{i % 60:00}.500000Z", StringComparison.Ordinal));
        }

        Answer answer = VedetteProgram.Run("setup", "kubeadm", "--log", files.Write("audit.log", log.ToString()), "--out", files["out"]);
        Assert.Equal((0, ""), (answer.Exit, answer.Exit == 0 ? "" : answer.Error));
        Assert.Contains("Events: 1.01/s for each kube-apiserver (measured on", File.ReadAllText(Path.Combine(files["out"], "STEPS.md")), StringComparison.Ordinal);
        Assert.Equal(3, VedetteProgram.Run("setup", "kubeadm", "--log", files.Write("short.log", Workspace.Event()), "--out", files["other"]).Exit);
    }

    [Theory]
    [InlineData("setup", "nowhere", "--out", "x")]
    [InlineData("setup", "kubeadm")]
    [InlineData("setup", "kubeadm", "--out", "x", "--residency", "moon")]
    [InlineData("setup", "kubeadm", "--out", "x", "--backend", "smoke")]
    [InlineData("verify", "kubeadm", "--fail-on", "always")]
    public void Wrong_use_ends_with_2(params string[] arguments) => Assert.Equal(2, VedetteProgram.Run(arguments).Exit);

    [Fact]
    public void Metrics_are_taken_from_a_pipe()
    {
        using Workspace files = new();
        Assert.Equal(0, VedetteProgram.Run("setup", "kubeadm", "--out", files["out"]).Exit);
        byte[] metrics = "apiserver_audit_event_total 9\napiserver_audit_error_total{plugin=\"log\"} 2\n"u8.ToArray();
        Answer answer = VedetteProgram.Run(metrics, ["verify", "kubeadm", "--setup", files["out"], "--metrics", "-"]);
        Assert.Equal(1, answer.Exit);
        Assert.Contains("2 events were lost", answer.Out, StringComparison.Ordinal);
    }
}
