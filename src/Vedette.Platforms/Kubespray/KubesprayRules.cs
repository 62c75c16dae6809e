using System.Text;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.Kubespray;

/// <summary>Set-up by Kubespray's own variables: the policy's rules as a text, the rest by name, what has no name by extra arguments.</summary>
internal static class KubesprayRules
{
    /// <summary>The inventory in the output directory.</summary>
    public const string Inventory = "inventory";

    /// <summary>Sorts behind k8s-cluster.yml: of two files of one group the later counts.</summary>
    public const string Variables = Inventory + "/group_vars/k8s_cluster/vedette-audit.yml";

    private const string LogFile = "/var/log/kubernetes/audit/audit.log";

    /// <summary>Renders it.</summary>
    public static void Setup(KubesprayVersion version, SetupRequest request, SetupOutput output)
    {
        if (CustomRules.Of(request.Policy) is not { } rules)
        {
            output.Refuse($"the rules of {request.Policy.Name} cannot be taken out of it", "write the policy as block YAML, without anchors for whole rules, or use --policy-as file");
            return;
        }

        bool hasLog = request.Backend.HasFlag(Backend.Log);
        LogSizes log = LogSizes.For(request);
        StringBuilder text = new();
        text.Append(
            $"""
            # Audit logging, by the variables of Kubespray {version} (roles/kubernetes/control-plane/defaults/main/main.yml).
            kubernetes_audit: {(hasLog ? "true" : "false")}

            """);
        if (hasLog)
        {
            text.Append(
                $"""
                # The same path in kube-apiserver's container and on the node.
                audit_log_path: {LogFile}
                audit_log_hostpath: {LogFile[..LogFile.LastIndexOf('/')]}
                audit_log_maxage: {log.MaxAgeDays}
                audit_log_maxbackups: {log.MaxBackup}
                audit_log_maxsize: {log.MaxSizeMiB}

                """);
            log.Explain(request, output);
        }

        if (request.Backend.HasFlag(Backend.Webhook))
        {
            Webhook(hasLog, request, output, text);
        }

        text.Append("# The rules of a policy, without its head, which Kubespray's template has. A text, not a list.\naudit_policy_custom_rules: |\n").Append(TextBlock.Indent(rules, 2));
        output.Add(new RenderedFile(Variables, text.ToString(), "variables for group_vars/k8s_cluster of your inventory", request.Backend.HasFlag(Backend.Webhook) ? RenderedFile.Private : RenderedFile.Readable));
        KubesprayNodeSteps.Add(version, "", hasLog ? LogFile : null, output);
    }

    private static void Webhook(bool hasLog, SetupRequest request, SetupOutput output, StringBuilder text)
    {
        WebhookSizes sizes = WebhookSizes.For(request);
        string url = output.Value("WEBHOOK_URL", $"https URL that kube-apiserver posts to, such as https://vedette.example.com:8443/audit/{request.Cluster}/SECRET. Kubespray gives the webhook no credentials: a secret in the path stands for them");
        string authority = output.Value("WEBHOOK_CA", "CA of the receiver's certificate: its PEM in base64 on one line (`base64 -w0 ca.pem`)");
        WebhookKubeconfig.CheckUrl(url, request, output);
        text.Append(
            $"""
            kubernetes_audit_webhook: true
            audit_webhook_server_url: {YamlScalars.Quote(url)}
            audit_webhook_server_extra_args:
              certificate-authority-data: {YamlScalars.Quote(authority)}
            audit_webhook_mode: batch
            audit_webhook_batch_max_size: {WebhookSizes.BatchSize}
            audit_webhook_batch_max_wait: 5s
            # What has no variable of its own. If you set this elsewhere, put both into one: Ansible replaces dictionaries.
            kube_kubeadm_apiserver_extra_args:
              audit-webhook-batch-buffer-size: "{sizes.BufferSize}"
              audit-webhook-batch-throttle-enable: "true"
              audit-webhook-batch-throttle-qps: "{sizes.Qps}"
              audit-webhook-batch-throttle-burst: "{sizes.Burst}"
              audit-webhook-initial-backoff: 10s
              audit-webhook-truncate-enabled: "true"
              audit-webhook-truncate-max-event-size: "{WebhookSizes.MaxEventBytes}"

            """);
        sizes.Explain(request, output);
        if (!hasLog)
        {
            text.Append("# No log: neither its flag nor its mount.\naudit_log_path: \"-\"\n");

            // Any volume of one's own makes the template write the others: its condition names the log, not the webhook.
            text.Append(
                """
                # Without the log, Kubespray's template makes no mounts at all on systems whose directories of CAs it does not know (SUSE and others), unless there is a volume of one's own.
                apiserver_extra_volumes:
                - name: audit-mounts-guard
                  hostPath: /etc/hostname
                  mountPath: /etc/vedette/hostname
                  readOnly: true

                """);
        }

        output.Note("Order matters: a receiver inside the cluster is not there yet when kube-apiserver starts, and what does not fit into the buffer meanwhile is lost. Run the receiver outside of the cluster or on its hosts.");
    }
}
