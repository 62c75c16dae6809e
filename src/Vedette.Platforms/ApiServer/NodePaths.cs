namespace Vedette.Platforms.ApiServer;

/// <summary>Where things lie on a control-plane node, and in kube-apiserver's container.</summary>
/// <param name="Policy">The policy file.</param>
/// <param name="LogFile">The log; <c>-</c> for standard output.</param>
/// <param name="Webhook">The kubeconfig of the webhook.</param>
internal sealed record NodePaths(string Policy, string LogFile, string Webhook)
{
    /// <summary>For kube-apiserver in a static pod.</summary>
    public static NodePaths Kubernetes { get; } = new("/etc/kubernetes/audit/policy.yaml", "/var/log/kubernetes/audit/audit.log", "/etc/kubernetes/audit/webhook.kubeconfig");

    /// <summary>Directory of the log.</summary>
    public string LogDirectory => LogFile[..Math.Max(0, LogFile.LastIndexOf('/'))];
}
