using Vedette.Platforms.Kubespray;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Loading;
using Vedette.Policy.Requests;
using Xunit;

namespace Vedette.Platforms.Tests.Kubespray;

/// <summary>What an inventory's variables come to.</summary>
public class InventoryTests
{
    /// <summary>The recipe that is copied everywhere.</summary>
    private const string Recipe = """
        kube_audit_enabled: true
        kube_audit_policy_file: "/path/to/audit-policy.yaml"
        kube_audit_log_enabled: true
        kube_audit_log_path: /var/log/kubernetes/audit.log
        kube_audit_log_maxage: 30
        kube_audit_log_maxbackup: 5
        kube_audit_log_maxsize: 100
        kube_apiserver_extra_volumes:
          - name: audit-log
            hostPath: /var/log/kubernetes
            mountPath: /var/log/kubernetes
        """;

    [Theory]
    [InlineData("kube_audit_enabled", 1, "kubernetes_audit: true")]
    [InlineData("kube_audit_policy_file", 2, "audit_policy_custom_rules")]
    [InlineData("kube_audit_log_enabled", 3, "kubernetes_audit: true")]
    [InlineData("kube_audit_log_path", 4, "audit_log_path")]
    [InlineData("kube_audit_log_maxage", 5, "audit_log_maxage")]
    [InlineData("kube_audit_log_maxbackup", 6, "audit_log_maxbackups")]
    [InlineData("kube_audit_log_maxsize", 7, "audit_log_maxsize")]
    [InlineData("kube_apiserver_extra_volumes", 8, "the mounts of auditing come by themselves")]
    public void A_variable_of_no_version_is_told_with_the_right_one(string name, int line, string instead)
    {
        CheckResult result = Assert.Single(Verify(Recipe), result => result.Check == KubesprayChecks.KnownVariables && result.Why.StartsWith(name + " ", StringComparison.Ordinal));
        Assert.Equal((Outcome.Wrong, line, 1), (result.Outcome, result.Place.Line, result.Place.Column));
        Assert.Contains(instead, result.Mend, StringComparison.Ordinal);
    }

    [Fact]
    public void The_recipe_gives_no_flag_and_no_mount() =>
        Assert.Contains(Verify(Recipe), result => result.Check == KubesprayChecks.SwitchedOn && result.Outcome == Outcome.Wrong && result.Why.Contains("no audit flag and no audit mount", StringComparison.Ordinal));

    [Theory]
    [InlineData("kubernetes_audit_enabled", "kubernetes_audit: true")]
    [InlineData("audit_log_maxbackup", "audit_log_maxbackups")]
    [InlineData("kube_audit_webhook_server_url", "audit_webhook_server_url")]
    [InlineData("kube_audit_webhook_batch_max_size", "audit_webhook_batch_max_size")]
    [InlineData("kubernetes_audit_log_hostpath", "audit_log_hostpath")]
    [InlineData("kube_apiserver_audit_policy_file", "audit_policy_file")]
    public void Other_names_that_do_not_exist_are_told_too(string name, string instead) =>
        Assert.Contains(Verify($"{name}: x"), result => result.Outcome == Outcome.Wrong && result.Why.StartsWith(name, StringComparison.Ordinal) && result.Mend!.Contains(instead, StringComparison.Ordinal));

    [Theory]
    [InlineData("auditd_enabled: true")]
    [InlineData("my_audit_role_users: []")]
    public void Variables_of_others_are_nobodys_business(string text) => Assert.DoesNotContain(Verify(text), result => result.Check == KubesprayChecks.KnownVariables && result.Outcome == Outcome.Wrong);

    [Fact]
    public void The_switch_alone_gives_five_flags_and_two_mounts()
    {
        CheckResult[] results = [.. Verify("kubernetes_audit: true").Where(result => result.Check == KubesprayChecks.Result)];
        Assert.Equal(
            "--audit-policy-file=/etc/kubernetes/audit-policy/apiserver-audit-policy.yaml --audit-log-path=/var/log/audit/kube-apiserver-audit.log --audit-log-maxage=30 --audit-log-maxbackup=10 --audit-log-maxsize=100",
            results[0].Why);
        Assert.Equal("audit-policy: /etc/kubernetes/audit-policy at /etc/kubernetes/audit-policy, audit-logs: /var/log/kubernetes/audit at /var/log/audit", results[1].Why);
    }

    [Fact]
    public void Up_to_v221_one_rotated_log_was_kept() =>
        Assert.Contains(Verify("kubernetes_audit: true", "v2.21.0"), result => result.Check.Id == "VC1012" && result.Outcome == Outcome.Wrong);

    [Theory]
    [InlineData("kubernetes_audit: true\naudit_policy_file: /etc/kubernetes/my-policy.yaml", "VC2004", "overwritten")]
    [InlineData("audit_log_maxage: 30", "VC2004", "no effect without kubernetes_audit")]
    [InlineData("kubernetes_audit: true\naudit_webhook_mode: batch", "VC2004", "no effect without kubernetes_audit_webhook")]
    [InlineData("kubernetes_audit: true\naudit_policy_custom_rules:\n- level: Metadata", "VC2005", "is a list")]
    [InlineData("kubernetes_audit: true\naudit_policy_custom_rules: |\n  apiVersion: audit.k8s.io/v1\n  kind: Policy\n  rules:\n  - level: Metadata", "VC2005", "whole policy")]
    [InlineData("kubernetes_audit_webhook: true", "VC2006", "extraVolumes")]
    [InlineData("kubernetes_audit: true\napiserver_extra_volumes:\n- {name: audit-policy, hostPath: /a, mountPath: /b}", "VC2007", "two volumes of one name")]
    [InlineData("kubernetes_audit: true\nkube_kubeadm_apiserver_extra_args: {audit-policy-file: /x}", "VC2008", "the last one counts")]
    [InlineData("kubernetes_audit: \"false\"", "VC2003", "Jinja takes for true")]
    [InlineData("kubernetes_audit: true\nkubernetes_audit_webhook: true\naudit_webhook_config_file: /etc/mine", "VC2004", "https://audit.app")]
    [InlineData("kubernetes_audit: true\naudit_log_maxbackups: 5", "VC1012", "CIS asks for 10")]
    [InlineData("kubernetes_audit: true\naudit_policy_custom_rules: |\n  - level: Metadata\n  - level: RequestResponse\n    resources: [{group: \"\", resources: [secrets]}]", "VC1031", "unreachable")]
    public void What_has_no_effect_or_a_bad_one_is_told(string variables, string check, string why) =>
        Assert.Contains(Verify(variables), result => result.Check.Id == check && result.Outcome == Outcome.Wrong && result.Why.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void A_variable_of_workers_does_not_reach_the_control_plane()
    {
        using TemporaryInventory inventory = new();
        inventory.Write("group_vars/kube_node.yml", "kubernetes_audit: true");
        Assert.Contains(inventory.Verify(), result => result.Check == KubesprayChecks.Effective && result.Outcome == Outcome.Wrong && result.Why.Contains("kube_node", StringComparison.Ordinal));
    }

    [Fact]
    public void The_more_exact_group_and_the_later_file_count()
    {
        using TemporaryInventory inventory = new();
        inventory.Write("inventory.ini", "[all:vars]\naudit_log_maxage=7\nkubernetes_audit=True\n[kube_control_plane]\nnode1\n");
        inventory.Write("group_vars/all/all.yml", "audit_log_maxage: 14");
        inventory.Write("group_vars/k8s_cluster/k8s-cluster.yml", "audit_log_maxage: 21");
        inventory.Write("group_vars/k8s_cluster/zz.yml", "audit_log_maxage: 42");
        IReadOnlyList<CheckResult> results = inventory.Verify();
        Assert.Contains(results, result => result.Check == KubesprayChecks.Result && result.Why.Contains("--audit-log-maxage=42", StringComparison.Ordinal));
        Assert.Equal(3, results.Count(result => result.Check == KubesprayChecks.Effective && result.Why.Contains("set again", StringComparison.Ordinal)));
    }

    [Fact]
    public void Encrypted_files_are_said_to_be_unseen()
    {
        using TemporaryInventory inventory = new();
        inventory.Write("group_vars/all/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3132\n");
        Assert.Contains(inventory.Verify(), result => result.Outcome == Outcome.CannotTell && result.Why.Contains("ansible-vault", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("recommended")]
    [InlineData("compliance")]
    [InlineData("forensic")]
    [InlineData("minimal")]
    public void Rules_taken_out_of_a_policy_mean_what_the_policy_meant(string preset)
    {
        ChosenPolicy policy = SetupFixture.Preset(preset);
        string text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n" + CustomRules.Of(policy);
        ChosenPolicy taken = ChosenPolicy.Parse("taken", text, KubernetesVersion.Default);
        foreach (RequestAttributes request in Requests())
        {
            Assert.Equal(PolicyChecker.Evaluate(policy.Policy, request), PolicyChecker.Evaluate(taken.Policy, request));
        }
    }

    private static IEnumerable<RequestAttributes> Requests() =>
        from user in new[] { "alice", "system:kube-scheduler", "system:node:a", "system:anonymous" }
        from verb in new[] { "get", "list", "watch", "create", "update", "patch", "delete" }
        from resource in new[] { ("", "secrets"), ("", "pods"), ("", "configmaps"), ("rbac.authorization.k8s.io", "clusterroles"), ("coordination.k8s.io", "leases"), ("example.com", "things") }
        select new RequestAttributes
        {
            User = new RequestUser(user, user.StartsWith("system:node:", StringComparison.Ordinal) ? ["system:nodes"] : ["system:authenticated"]),
            Verb = verb,
            IsResourceRequest = true,
            ApiGroup = resource.Item1,
            Resource = resource.Item2,
            Namespace = "kube-node-lease",
        };

    private static IReadOnlyList<CheckResult> Verify(string variables, string version = "v2.31.0")
    {
        using TemporaryInventory inventory = new();
        inventory.Write("group_vars/k8s_cluster/k8s-cluster.yml", variables);
        return inventory.Verify(version);
    }

    private sealed class TemporaryInventory : IDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("vedette-inventory-").FullName;

        public void Write(string path, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_directory, path))!);
            File.WriteAllText(Path.Combine(_directory, path), text);
        }

        public IReadOnlyList<CheckResult> Verify(string version = "v2.31.0") => SetupFixture.Verify(
            "kubespray", new VerifyRequest { Files = SetupFixture.Inputs, Options = SetupFixture.Options(("inventory", _directory), ("kubespray-version", version)) });

        public void Dispose() => Directory.Delete(_directory, recursive: true);
    }
}
