using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Vedette.Policy.Loading;
using Xunit;

namespace Vedette.Platforms.Tests.Kubeadm;

public class KubeadmTests
{
    private const string List = """
        apiVersion: kubeadm.k8s.io/v1beta4
        kind: ClusterConfiguration
        # of the platform team
        apiServer:
          extraArgs:
          - name: authorization-mode   # do not change
            value: Node,RBAC
          - name: audit-log-maxage
            value: "7"
          extraVolumes:
          - name: audit-policy
            hostPath: /etc/kubernetes/old-policies
            mountPath: /etc/kubernetes/old-policies
        kubernetesVersion: v1.36.2

        """;

    private const string Map = """
        apiServer:
          extraArgs:
            authorization-mode: Node,RBAC
          timeoutForControlPlane: 4m0s
        apiVersion: kubeadm.k8s.io/v1beta3
        kind: ClusterConfiguration
        kubernetesVersion: v1.30.1

        """;

    private const string Bare = "apiServer: {}\napiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n";

    [Theory]
    [InlineData("1.30", "v1beta3", "    audit-policy-file: /etc/kubernetes/audit/policy.yaml")]
    [InlineData("1.36", "v1beta4", "  - name: audit-policy-file\n    value: /etc/kubernetes/audit/policy.yaml")]
    public void Extra_arguments_are_a_map_before_131_and_a_list_from_then_on(string version, string api, string argument)
    {
        Assert.True(KubernetesVersion.TryParse(version, out KubernetesVersion parsed));
        using SetupFixture setup = SetupFixture.Render("kubeadm", change: request => request with { Version = parsed });
        string text = setup.Text("kubeadm-config.yaml");
        Assert.Contains($"apiVersion: kubeadm.k8s.io/{api}\nkind: ClusterConfiguration", text, StringComparison.Ordinal);
        Assert.Contains(argument, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(List)]
    [InlineData(Map)]
    [InlineData(Bare)]
    [InlineData("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n")]
    [InlineData("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration")]
    public void The_configuration_of_a_running_cluster_gets_what_is_missing_and_passes_verify(string configuration)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, configuration);
        try
        {
            using SetupFixture setup = SetupFixture.Render("kubeadm", Backend.Both, true, null, ("config", file));
            Assert.Empty(setup.Output.Refusals);
            string text = setup.Text("kubeadm-config.yaml");
            Assert.DoesNotContain(setup.Verify(), result => result.Outcome == Outcome.Wrong);
            Assert.All(configuration.Split('\n').Where(line => line.Contains('#', StringComparison.Ordinal) || line.Contains("authorization", StringComparison.Ordinal)), line => Assert.Contains(line, text, StringComparison.Ordinal));

            // Again on its own result: nothing changes.
            File.WriteAllText(file, text);
            using SetupFixture again = SetupFixture.Render("kubeadm", Backend.Both, true, null, ("config", file));
            Assert.Equal(text, again.Text("kubeadm-config.yaml"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("extraArgs: {audit-log-maxage: 30}")]
    [InlineData("extraArgs: [{name: audit-log-maxage, value: 30}]")]
    [InlineData("extraArgs: {audit-log-compress: true}")]
    public void A_number_where_kubeadm_takes_texts_only_is_told(string arguments)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, $"apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  {arguments}\n");
        try
        {
            Assert.Contains(
                SetupFixture.Verify("kubeadm", new VerifyRequest { Files = SetupFixture.Inputs, Options = SetupFixture.Options(("config", file)) }),
                result => result.Check.Id == "VC1006" && result.Outcome == Outcome.Wrong && result.Place.Line == 4);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_change_of_the_policy_changes_the_annotation_that_kubeadm_merges_into_the_manifest()
    {
        using SetupFixture one = SetupFixture.Render("kubeadm");
        using SetupFixture other = SetupFixture.Render("kubeadm", change: request => request with { Policy = SetupFixture.Preset("compliance") });
        const string Patch = "node/etc/kubernetes/audit/patches/kube-apiserver0+merge.yaml";
        Assert.NotEqual(one.Text(Patch), other.Text(Patch));
        Assert.Contains(SetupFixture.Preset("compliance").Hash, other.Text(Patch), StringComparison.Ordinal);
    }
}
