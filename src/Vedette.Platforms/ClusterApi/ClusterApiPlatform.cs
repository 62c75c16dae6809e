using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Kubeadm;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ClusterApi;

/// <summary>Cluster API with the kubeadm control plane: flags, mounts and files of a KubeadmControlPlane.</summary>
public sealed class ClusterApiPlatform : ApiServerPlatform
{
    /// <inheritdoc />
    public override string Name => "cluster-api";

    /// <inheritdoc />
    public override string Title => "Cluster API";

    /// <inheritdoc />
    public override string Summary => "clusters of Cluster API with a KubeadmControlPlane";

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
        [new("capi-version", "Version of the KubeadmControlPlane: extraArgs are a map in v1beta1 and a list in v1beta2.", "VERSION", "v1beta1") { Allowed = ["v1beta1", "v1beta2"] }];

    private protected override string ConfigHelp => "A KubeadmControlPlane ('kubectl get kubeadmcontrolplane NAME -o yaml'), or a patch of one.";

    private protected override string ConfigFile => "kubeadmcontrolplane-patch.yaml";

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, NodePaths.Kubernetes);
        bool isList = request.Options["capi-version"] == "v1beta2";
        StringBuilder text = new();
        text.Append("spec:\n  kubeadmConfigSpec:\n    clusterConfiguration:\n      apiServer:\n").Append(TextBlock.Indent(KubeadmConfiguration.RenderApiServer(plan, isList), 8));
        text.Append("    files:\n");
        foreach (RenderedFile file in plan.Files)
        {
            text.Append("    - path: ").Append(file.Path).Append("\n      owner: root:root\n      permissions: \"").Append(file.OctalMode).Append("\"\n      content: |\n");
            text.Append(TextBlock.Indent(file.Content, 8));
        }

        output.Add(new RenderedFile(ConfigFile, text.ToString(), "a patch of the KubeadmControlPlane", request.Backend.HasFlag(Backend.Webhook) ? RenderedFile.Private : RenderedFile.Readable));
        string name = output.ShellValue("CONTROL_PLANE", "name of the KubeadmControlPlane (`kubectl get kubeadmcontrolplane -A`)");
        string space = output.ShellValue("NAMESPACE", "its namespace");
        output.Apply(new Step(
            "See what is there", "A merge patch replaces lists. Where the first command shows files, extraVolumes or listed extraArgs of your own, add them to the patch first.",
            $"kubectl -n {space} get kubeadmcontrolplane {name} -o jsonpath='{{.spec.kubeadmConfigSpec}}'"));
        output.Apply(new Step(
            "Patch the control plane", "On the management cluster.",
            $"""
            kubectl -n {space} patch kubeadmcontrolplane {name} --type merge --patch-file {ConfigFile} --dry-run=server -o yaml
            kubectl -n {space} patch kubeadmcontrolplane {name} --type merge --patch-file {ConfigFile}
            kubectl -n {space} wait kubeadmcontrolplane {name} --for=condition=MachinesSpecUpToDate --timeout=60m
            """,
            "every control-plane machine is replaced by a new one, one after the other. The same for every change of the policy."));
        NodeSteps.Check(output, request, "static-pod", NodePaths.Kubernetes.LogFile);
        output.Undo(new Step(
            "Take the settings away", "Edit the same fields out again; a merge patch cannot take away single items of lists.",
            $"kubectl -n {space} edit kubeadmcontrolplane {name}", "every control-plane machine is replaced, one after the other."));
        if (request.Backend.HasFlag(Backend.Webhook))
        {
            output.Note("The token of the webhook then stands in the KubeadmControlPlane. To keep it in a Secret, give the file by `contentFrom.secret` instead of `content`.");
        }
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict)
    {
        YamlMapping? spec = Documents(file, text, verdict).OfType<YamlMapping>().Select(document => (document["spec"] as YamlMapping)?["kubeadmConfigSpec"] as YamlMapping).FirstOrDefault(found => found is not null);
        if (spec?["clusterConfiguration"] is not YamlMapping cluster)
        {
            return NotFound(file, "spec.kubeadmConfigSpec.clusterConfiguration", verdict);
        }

        FrozenDictionary<string, string> files = (spec["files"] as YamlSequence)?.Items.OfType<YamlMapping>()
            .Where(item => item["path"] is YamlScalar && item["content"] is YamlScalar)
            .ToFrozenDictionary(item => ((YamlScalar)item["path"]!).Text, item => ((YamlScalar)item["content"]!).Text, StringComparer.Ordinal) ?? FrozenDictionary<string, string>.Empty;
        return KubeadmConfiguration.Read(file, cluster["apiServer"] as YamlMapping) with { InlineFiles = files };
    }
}
