using System.Collections.Frozen;

namespace Vedette.Platforms.Kubespray;

/// <summary>The variables of Kubespray's control plane that have to do with auditing (roles/kubernetes/control-plane/defaults/main/main.yml), and names that people write instead.</summary>
internal static class KubesprayVariable
{
    /// <summary>Name → default. <c>{{ … }}</c> is as Ansible has it.</summary>
    public static FrozenDictionary<string, string> Defaults { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["kube_config_dir"] = "/etc/kubernetes",
        ["kubernetes_audit"] = "false",
        ["audit_log_path"] = "/var/log/audit/kube-apiserver-audit.log",
        ["audit_log_maxage"] = "30",
        ["audit_log_maxbackups"] = "10",
        ["audit_log_maxsize"] = "100",
        ["audit_policy_file"] = "{{ kube_config_dir }}/audit-policy/apiserver-audit-policy.yaml",
        ["audit_policy_custom_rules"] = "",
        ["audit_log_name"] = "audit-logs",
        ["audit_log_hostpath"] = "/var/log/kubernetes/audit",
        ["audit_log_mountpath"] = "{{ audit_log_path | dirname }}",
        ["audit_policy_name"] = "audit-policy",
        ["audit_policy_hostpath"] = "{{ audit_policy_file | dirname }}",
        ["audit_policy_mountpath"] = "{{ audit_policy_hostpath }}",
        ["kubernetes_audit_webhook"] = "false",
        ["audit_webhook_config_file"] = "{{ kube_config_dir }}/audit-policy/apiserver-audit-webhook-config.yaml",
        ["audit_webhook_server_url"] = "https://audit.app",
        ["audit_webhook_server_extra_args"] = "",
        ["audit_webhook_mode"] = "batch",
        ["audit_webhook_batch_max_size"] = "100",
        ["audit_webhook_batch_max_wait"] = "1s",
        ["kube_kubeadm_apiserver_extra_args"] = "",
        ["apiserver_extra_volumes"] = "",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Names that are in no version of Kubespray, and what to write.</summary>
    private static readonly FrozenDictionary<string, string> s_wrong = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["kube_audit_enabled"] = "kubernetes_audit: true",
        ["kubernetes_audit_enabled"] = "kubernetes_audit: true",
        ["kube_audit"] = "kubernetes_audit: true",
        ["kube_audit_log_enabled"] = "kubernetes_audit: true, which also turns the log on",
        ["kube_audit_policy_file"] = "audit_policy_custom_rules with the rules as a string; audit_policy_file is only where Kubespray writes the policy on the node, from its own template",
        ["kube_audit_policy"] = "audit_policy_custom_rules with the rules as a string",
        ["kube_audit_policy_custom_rules"] = "audit_policy_custom_rules",
        ["audit_policy_rules"] = "audit_policy_custom_rules",
        ["kube_audit_log_path"] = "audit_log_path, the path inside the container, and audit_log_hostpath, the directory on the node",
        ["kube_audit_log_hostpath"] = "audit_log_hostpath",
        ["kube_audit_log_maxage"] = "audit_log_maxage",
        ["kube_audit_log_maxbackup"] = "audit_log_maxbackups",
        ["kube_audit_log_maxbackups"] = "audit_log_maxbackups",
        ["audit_log_maxbackup"] = "audit_log_maxbackups",
        ["kube_audit_log_maxsize"] = "audit_log_maxsize",
        ["kube_audit_webhook"] = "kubernetes_audit_webhook: true",
        ["kube_audit_webhook_enabled"] = "kubernetes_audit_webhook: true",
        ["kubernetes_audit_webhook_enabled"] = "kubernetes_audit_webhook: true",
        ["audit_webhook_url"] = "audit_webhook_server_url",
        ["kube_audit_webhook_url"] = "audit_webhook_server_url",
        ["kube_audit_webhook_server_url"] = "audit_webhook_server_url",
        ["kube_audit_webhook_config_file"] = "audit_webhook_config_file, which Kubespray writes from its own template; the URL is audit_webhook_server_url",
        ["kube_apiserver_extra_volumes"] = "nothing: the mounts of auditing come by themselves; for others the variable is apiserver_extra_volumes",
        ["kube_apiserver_extra_args"] = "kube_kubeadm_apiserver_extra_args",
        ["apiserver_extra_args"] = "kube_kubeadm_apiserver_extra_args",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What to write instead of a name that has no effect; null when the name is one of Kubespray's, or has nothing to do with auditing.</summary>
    public static string? Instead(string name)
    {
        if (s_wrong.TryGetValue(name, out string? known))
        {
            return known;
        }

        if (Defaults.ContainsKey(name) || !name.Contains("audit", StringComparison.OrdinalIgnoreCase) || !IsAboutApiServer(name))
        {
            return null;
        }

        string core = name[name.IndexOf("audit", StringComparison.OrdinalIgnoreCase)..].ToLowerInvariant().TrimEnd('s');
        string? near = Defaults.Keys.Where(known => known.Contains("audit", StringComparison.Ordinal)).Order(StringComparer.Ordinal).FirstOrDefault(known => known[known.IndexOf("audit", StringComparison.Ordinal)..].TrimEnd('s') == core);
        return near ?? "one of Kubespray's variables (docs/setup.md), or a flag in kube_kubeadm_apiserver_extra_args";
    }

    /// <summary>Names of other audit systems (auditd, a role of one's own) are nobody's mistake.</summary>
    private static bool IsAboutApiServer(string name) =>
        name.StartsWith("kube", StringComparison.Ordinal) || name.StartsWith("apiserver", StringComparison.Ordinal)
        || name.StartsWith("audit_log_", StringComparison.Ordinal) || name.StartsWith("audit_policy", StringComparison.Ordinal) || name.StartsWith("audit_webhook", StringComparison.Ordinal);
}
