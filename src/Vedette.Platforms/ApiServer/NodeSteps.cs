using Vedette.Platforms.Setup;

namespace Vedette.Platforms.ApiServer;

/// <summary>Steps that all platforms with nodes of one's own share.</summary>
internal static class NodeSteps
{
    /// <summary>Puts the files below <see cref="AuditPlan.NodeFolder"/> onto every control-plane node.</summary>
    /// <param name="output">Takes the step.</param>
    /// <param name="top">Top directories below the folder, with blanks.</param>
    /// <param name="toHome">A file that later steps need in the home directory of a node; null for none.</param>
    public static void Copy(SetupOutput output, string top = "etc", string? toHome = null)
    {
        output.ShellValue("CONTROL_PLANE_NODES", "names by which ssh reaches the control-plane nodes, with blanks between them");
        output.Apply(new Step(
            "Put the files on every control-plane node",
            "All of them, before any kube-apiserver is told to look for them: one that does not find its policy does not start. Directories that are there keep their owners and modes."
            + (toHome is null ? "" : $" `{toHome}` goes into your home directory there."),
            $"""
            for node in $CONTROL_PLANE_NODES; do
                tar -C {AuditPlan.NodeFolder} --owner=root --group=root -cf - {top} | ssh "$node" sudo tar -C / --no-overwrite-dir -xpf -{(toHome is null ? "" : $"\n    scp {toHome} \"$node\":")}
            done
            """));
    }

    /// <summary>Ways to see that it works, on any cluster with kubectl.</summary>
    /// <param name="output">Takes the steps.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="platform">Name of the platform.</param>
    /// <param name="logFile">The log on a node.</param>
    /// <param name="onNode">Options that make <c>vedette verify</c> look at a node.</param>
    public static void Check(SetupOutput output, SetupRequest request, string platform, string logFile, string onNode = "--root /")
    {
        if (request.Backend.HasFlag(Backend.Log))
        {
            output.Check(new Step(
                "Look at the log on a control-plane node", "It is root's alone (0600). The first line is there within seconds.",
                $"""
                sudo tail -n 1 {logFile}
                sudo vedette scan {logFile}
                """));
        }

        output.Check(new Step(
            "Ask for everything at once", "On a control-plane node, as root. Errors in the metrics are lost events. Exit code 0: nothing is wrong.",
            $"kubectl get --raw /metrics | sudo vedette verify {platform} {onNode} --metrics -"));
    }

    /// <summary>Replaces the manifest of a static pod and waits for kube-apiserver: one control-plane node at a time.</summary>
    public static void ReplaceManifest(SetupOutput output) => output.Apply(new Step(
        "Replace the manifest", "As root, on one control-plane node after the other: go on only when this one answers. The new manifest is written under a name that kubelet ignores and moved into place as a whole.",
        """
        manifests=/etc/kubernetes/manifests
        before=$(crictl ps --name kube-apiserver -q)
        install -m 0600 kube-apiserver.yaml "$manifests/.kube-apiserver.yaml.new"
        mv "$manifests/.kube-apiserver.yaml.new" "$manifests/kube-apiserver.yaml"
        until now=$(crictl ps --name kube-apiserver -q) && [ -n "$now" ] && [ "$now" != "$before" ]; do sleep 2; done
        until kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://127.0.0.1:6443 --insecure-skip-tls-verify get --raw /readyz; do sleep 2; done
        """,
        "kube-apiserver of this node, for some ten seconds. With one control-plane node the API is away for that time; running workloads are not touched."));

    /// <summary>What to do when kube-apiserver does not come back: kubectl cannot answer then.</summary>
    public static void Recover(SetupOutput output) => output.Undo(new Step(
        "When kube-apiserver does not come back", "`kubectl` cannot answer without it. On the node, as root:",
        """
        crictl ps -a --name kube-apiserver
        crictl logs "$(crictl ps -a --name kube-apiserver -q | head -n 1)"
        journalctl -u kubelet --since -10min --no-pager | tail -n 50
        """));
}
