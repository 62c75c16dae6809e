using System.Text;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Kubeadm;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Kind;

/// <summary>kind: mounts into the node, and patches of its kubeadm configuration; one for each of kubeadm's versions, of which kind takes the one that fits (kind's guide "Auditing").</summary>
public sealed class KindPlatform : ApiServerPlatform
{
    /// <inheritdoc />
    public override string Name => "kind";

    /// <inheritdoc />
    public override string Title => "kind";

    /// <inheritdoc />
    public override string Summary => "a kind cluster";

    private protected override string ConfigHelp => "The configuration that 'kind create cluster --config' takes.";

    private protected override string ConfigFile => "kind-config.yaml";

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, NodePaths.Kubernetes);
        StringBuilder text = new();
        text.Append("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n  kubeadmConfigPatches:\n");
        foreach (bool isList in (ReadOnlySpan<bool>)[false, true])
        {
            text.Append("  - |\n").Append(TextBlock.Indent(KubeadmConfiguration.Render(plan, isList), 4));
        }

        text.Append("  # Files of this directory; run kind from here.\n  extraMounts:\n");
        foreach (RenderedFile file in plan.Files)
        {
            text.Append("  - hostPath: ./").Append(AuditPlan.NodeFolder).Append(file.Path).Append("\n    containerPath: ").Append(file.Path).Append("\n    readOnly: true\n");
        }

        output.Add(new RenderedFile(ConfigFile, text.ToString(), "what kind makes the cluster from"));
        plan.AddFiles(output);
        output.Apply(new Step("Make the cluster", "In this directory. An existing kind cluster cannot be changed: delete it and make it anew.", $"kind create cluster --name {SetupOutput.Quote(request.Cluster)} --config {ConfigFile}"));
        string node = SetupOutput.Quote(request.Cluster + "-control-plane");
        if (request.Backend.HasFlag(Backend.Log))
        {
            output.Check(new Step(
                "Look at the log", "The first line is there as soon as the cluster is.",
                $"""
                docker exec {node} tail -n 1 {NodePaths.Kubernetes.LogFile}
                docker exec {node} cat {NodePaths.Kubernetes.LogFile} | vedette scan -
                """));
        }

        output.Check(new Step(
            "Verify what runs", "The static pod as kubeadm made it, and kube-apiserver's own counters.",
            $"""
            docker cp {node}:/etc/kubernetes/manifests/kube-apiserver.yaml kube-apiserver.yaml
            kubectl get --raw /metrics | vedette verify static-pod --config kube-apiserver.yaml --metrics -
            """));
        output.Undo(new Step("Delete the cluster", "", $"kind delete cluster --name {SetupOutput.Quote(request.Cluster)}"));
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict)
    {
        YamlNode? first = Documents(file, text, verdict).FirstOrDefault();
        foreach (YamlMapping holder in (first as YamlMapping)?["nodes"] is YamlSequence nodes ? nodes.Items.OfType<YamlMapping>().Append((YamlMapping)first!) : [])
        {
            foreach (YamlScalar patch in (holder["kubeadmConfigPatches"] as YamlSequence)?.Items.OfType<YamlScalar>() ?? [])
            {
                if (Documents(file, patch.Text, verdict) is [YamlMapping map, ..] && map["apiServer"] is YamlMapping apiServer)
                {
                    return KubeadmConfiguration.Read(file, apiServer, patch.Line);
                }
            }
        }

        return NotFound(file, "patch of kubeadm's apiServer", verdict);
    }
}
