using System.Text;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Kubespray;

/// <summary>
/// Set-up by files of one's own: kubernetes_audit stays off, flags come by extra arguments and mounts by extra volumes. So policy-level fields and comments stay as written, and the webhook's kubeconfig can have a token.
/// </summary>
internal static class KubesprayFiles
{
    private const string Playbook = "cluster-with-audit.yml";

    /// <summary>Renders it.</summary>
    public static void Setup(KubesprayVersion version, SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, NodePaths.Kubernetes);
        StringBuilder text = new();
        text.Append($"# Audit logging beside Kubespray {version}'s own, which stays off: its template fixes the head of the policy, and gives the webhook no credentials.\nkubernetes_audit: false\nkubernetes_audit_webhook: false\n");
        text.Append("# If you set these two elsewhere, put both into one: Ansible replaces dictionaries and lists.\nkube_kubeadm_apiserver_extra_args:\n");
        foreach ((string name, string value) in plan.Flags)
        {
            text.Append("  ").Append(name).Append(": ").Append(YamlScalars.Quote(value)).Append('\n');
        }

        text.Append("apiserver_extra_volumes:\n");
        foreach (HostMount mount in plan.Mounts)
        {
            text.Append($"- name: {mount.Name}\n  hostPath: {mount.HostPath}\n  mountPath: {mount.MountPath}\n  readOnly: {(mount.IsReadOnly ? "true" : "false")}\n");
        }

        StringBuilder tasks = new();
        foreach (RenderedFile file in plan.Files)
        {
            tasks.Append(
                $"""
                    - name: Put {Path.GetFileName(file.Path)} in place
                      ansible.builtin.copy:
                        src: "{AuditPlan.NodeFolder}{file.Path}"
                        dest: "{file.Path}"
                        owner: root
                        group: root
                        mode: "{file.OctalMode}"

                """);
        }

        output.Add(new RenderedFile(KubesprayRules.Variables, text.ToString(), "variables for group_vars/k8s_cluster of your inventory"));
        output.Add(new RenderedFile(
            Playbook,
            $$$"""
            ---
            # Files first, since kube-apiserver does not start without them; then Kubespray as a collection (or import_playbook: PATH_TO_KUBESPRAY/cluster.yml).
            - name: Put the files of auditing on the control plane
              hosts: kube_control_plane
              become: true
              gather_facts: false
              tasks:
                - name: Make their directories
                  ansible.builtin.file:
                    path: "{{ item }}"
                    state: directory
                    owner: root
                    group: root
                    mode: "0700"
                  loop:
                    - /etc/kubernetes/audit
                    - /var/log/kubernetes/audit
            {{{tasks}}}
            - name: Make or upgrade the cluster
              ansible.builtin.import_playbook: kubernetes_sigs.kubespray.cluster

            """,
            "files first, then Kubespray"));
        plan.AddFiles(output);
        output.Note("The mounts have no hostPath type here: Kubespray's volumes have none. The playbook makes what they need.");
        output.Note("After a change of the policy alone Kubespray sees no change: restart kube-apiserver yourself, on one node after the other (`crictl stopp` its pod).");
        KubesprayNodeSteps.Add(version, Playbook, request.Backend.HasFlag(Backend.Log) ? NodePaths.Kubernetes.LogFile : null, output);
    }
}
