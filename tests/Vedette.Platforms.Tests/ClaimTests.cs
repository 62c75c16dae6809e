using Vedette.Platforms.Setup;
using Vedette.Policy.Linting;
using Xunit;

namespace Vedette.Platforms.Tests;

/// <summary>
/// Claims of a widely copied recipe, row by row as they were checked: here that the right form is what we render. That the wrong form is found is in ApiServer/KubeApiServerTests (A), Kubespray/InventoryTests (E1 to E7)
/// and the tests of the policy linter (A1 to A4).
/// </summary>
public class ClaimTests
{
    [Fact]
    public void A1_A3_A4_the_policy_we_install_has_no_error_of_the_linter()
    {
        ChosenPolicy policy = SetupFixture.Preset("recommended");
        Assert.DoesNotContain(
            PolicyLinter.Lint(Policy.Loading.PolicyLoader.Load("recommended", System.Text.Encoding.UTF8.GetBytes(policy.Text)), policy.Text),
            diagnostic => diagnostic.Severity == Documents.DiagnosticSeverity.Error);
    }

    [Theory]
    [InlineData("A6", "--audit-policy-file=/etc/kubernetes/audit/policy.yaml")]
    [InlineData("A7", "--audit-log-path=/var/log/kubernetes/audit/audit.log")]
    [InlineData("A8", "--audit-log-maxage=30")]
    [InlineData("A9", "--audit-log-maxbackup=50")]
    [InlineData("A10", "--audit-log-maxsize=100")]
    [InlineData("A11", "path: /etc/kubernetes/audit/policy.yaml\n      type: File")]
    [InlineData("A11", "path: /var/log/kubernetes/audit\n      type: DirectoryOrCreate")]
    [InlineData("A12", "vedette.dev/audit-policy-sha256: ")]
    public void A6_to_A12_flags_mounts_and_annotation(string row, string text)
    {
        using SetupFixture setup = SetupFixture.Render("static-pod", options: ("manifest", Path.Combine(Vedette.Tests.SharedData.Case("platforms/manifests"), "01-kubeadm.yaml")));
        Assert.True(setup.Text("kube-apiserver.yaml").Contains(text, StringComparison.Ordinal), row);
    }

    [Fact]
    public void A8_what_rotation_keeps_is_computed_and_what_it_cannot_keep_is_said()
    {
        using SetupFixture setup = SetupFixture.Render("kubeadm", change: request => request with { RetentionDays = 365, Traffic = new Traffic(100, 1200, "measured") });
        string steps = setup.Text(SetupOutput.StepsFile);
        Assert.Contains("Events: 100/s for each kube-apiserver (measured); x 1200 bytes x 86,400 s = 9,888 MiB a day.", steps, StringComparison.Ordinal);
        Assert.Contains("365 days cannot be kept by kube-apiserver's rotation alone", steps, StringComparison.Ordinal);

        // 9,888 MiB a day for 90 days in files of 1,800 MiB, not above 500 files.
        Assert.Contains("- name: audit-log-maxbackup\n    value: \"495\"", setup.Text("kubeadm-config.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void A13_A15_nothing_asks_for_a_dry_run_of_kube_apiserver_or_for_kubectl_when_it_is_down()
    {
        foreach (Platform platform in PlatformCatalogue.All)
        {
            using SetupFixture setup = SetupFixture.Render(platform.Name);
            Assert.All(setup.Files, file => Assert.DoesNotContain("kubectl describe pod kube-apiserver", file.Content, StringComparison.Ordinal));
        }

        using SetupFixture pod = SetupFixture.Render("static-pod");
        Assert.All(["crictl ps -a", "crictl logs", "journalctl -u kubelet"], command => Assert.Contains(command, pod.Text(SetupOutput.StepsFile), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("E1", "kubernetes_audit: true\n")]
    [InlineData("E2", "audit_policy_custom_rules: |\n")]
    [InlineData("E4", "audit_log_path: /var/log/kubernetes/audit/audit.log\n")]
    [InlineData("E4", "audit_log_hostpath: /var/log/kubernetes/audit\n")]
    [InlineData("E5", "audit_log_maxage: 30\naudit_log_maxbackups: 50\naudit_log_maxsize: 100\n")]
    public void E1_to_E5_the_variables_that_exist(string row, string text)
    {
        using SetupFixture setup = SetupFixture.Render("kubespray");
        string variables = setup.Text("inventory/group_vars/k8s_cluster/vedette-audit.yml");
        Assert.True(variables.Contains(text, StringComparison.Ordinal), row);
        Assert.DoesNotContain("kube_audit", variables, StringComparison.Ordinal);
        Assert.DoesNotContain("extra_volumes", variables, StringComparison.Ordinal);
    }

    [Fact]
    public void E9_E10_E19_a_running_cluster_is_told_to_rewrite_its_manifest_and_where_the_log_is()
    {
        using SetupFixture setup = SetupFixture.Render("kubespray");
        string steps = setup.Text(SetupOutput.StepsFile);
        Assert.Contains("ansible-playbook -b -i \"$HOSTS\" cluster.yml -e upgrade_cluster_setup=true", steps, StringComparison.Ordinal);
        Assert.Contains("sudo tail -n 1 /var/log/kubernetes/audit/audit.log", steps, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eu-west-1", "us", true)]
    [InlineData("us-east-1", "us", false)]
    [InlineData("eu-west-2", "eu", true)]
    [InlineData("eu-west-2", "uk", false)]
    [InlineData("moon-1", "us", false)]
    public void E20_a_receiver_in_a_wrong_region_is_refused_where_its_name_tells_it(string region, string allowed, bool isRefused)
    {
        Assert.True(Residency.ResidencyRule.TryParse(allowed, out Residency.ResidencyRule rule));
        using SetupFixture setup = SetupFixture.Render(
            "kubeadm", Backend.Webhook, true, request => request with { Residency = rule, Values = request.Values.SetItem("WEBHOOK_URL", $"https://receiver.{region}.amazonaws.com/audit/prod") });
        Assert.Equal(isRefused, setup.Output.Refusals.Count > 0);
        Assert.All(setup.Output.Refusals, refusal => Assert.Contains(region, refusal.Why, StringComparison.Ordinal));
    }

    [Fact]
    public void E21_what_holds_a_token_is_for_root_alone()
    {
        foreach (Platform platform in PlatformCatalogue.All)
        {
            using SetupFixture setup = SetupFixture.Render(platform.Name, Backend.Both, knowsReceiver: true);
            Assert.All(
                setup.Files.Where(file => file.Content.Contains("token: token", StringComparison.Ordinal)),
                file => Assert.Equal(RenderedFile.Private, file.Mode));
        }
    }
}
