using System.Collections.Immutable;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.StaticPod;
using Vedette.Platforms.Verification;
using Vedette.Policy.Loading;

namespace Vedette.Platforms.Kubeadm;

/// <summary>kubeadm: extraArgs and extraVolumes of a ClusterConfiguration, a map in v1beta3 and a list in v1beta4.</summary>
public sealed class KubeadmPlatform : ApiServerPlatform
{
    private const string PatchDirectory = "/etc/kubernetes/audit/patches";

    /// <summary>From here on kubeadm writes v1beta4.</summary>
    private static readonly KubernetesVersion s_lists = new(31);

    /// <inheritdoc />
    public override string Name => "kubeadm";

    /// <inheritdoc />
    public override string Title => "kubeadm";

    /// <inheritdoc />
    public override string Summary => "a cluster made by kubeadm, new or running";

    private protected override string ConfigHelp => "A kubeadm configuration, or what 'kubectl -n kube-system get cm kubeadm-config -o jsonpath={.data.ClusterConfiguration}' prints. Without it the static pod of the node.";

    private protected override string ConfigFile => "kubeadm-config.yaml";

    private protected override string ConfigOnNode => StaticPodPlatform.Manifest;

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
    [
        new("config", "The configuration of a cluster that runs: 'kubectl -n kube-system get cm kubeadm-config -o jsonpath={.data.ClusterConfiguration}' prints it. Without it a new cluster is made.", "FILE"),
    ];

    /// <inheritdoc />
    public override string SetupExamples =>
        """
        vedette setup kubeadm --out audit-setup
        vedette setup kubeadm --config cluster-configuration.yaml --backend both --out audit-setup
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify kubeadm --setup audit-setup
        kubectl get --raw /metrics | vedette verify kubeadm --root / --metrics -
        """;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, NodePaths.Kubernetes);
        string? path = request.Options["config"];
        Refusal? refusal = null;
        string? text = path is null ? KubeadmConfiguration.Render(plan, request.Version >= s_lists) : KubeadmPatch.Apply(path, request.Files.ReadText(path), plan, out refusal);
        if (text is null)
        {
            output.Refuse(refusal!.Why, refusal.Mend);
            return;
        }

        output.Add(new RenderedFile(ConfigFile, WithPatches(text), path is null ? "for kubeadm init" : $"{path} with auditing: for kubeadm's phases"));
        plan.AddFiles(output);
        output.Add(new RenderedFile(
            AuditPlan.NodeFolder + PatchDirectory + "/kube-apiserver0+merge.yaml",
            $"# kubeadm merges this into kube-apiserver's manifest: a change of the policy changes the manifest, and kubelet restarts the pod.\nmetadata:\n  annotations:\n    {PodManifest.PolicyAnnotation}: \"{request.Policy.Hash}\"\n",
            "restarts kube-apiserver when the policy changes"));
        NodeSteps.Copy(output, toHome: ConfigFile);
        if (path is null)
        {
            ExplainNew(output);
        }
        else
        {
            ExplainExisting(output);
        }

        NodeSteps.Check(output, request, Name, NodePaths.Kubernetes.LogFile);
        NodeSteps.Recover(output);
    }

    private static void ExplainNew(SetupOutput output)
    {
        output.Apply(new Step(
            "Make the cluster", "On the first control-plane node, in your home directory; add what else your cluster needs to the configuration first. The other control-plane nodes join as usual: kubeadm hands them the same flags. The patch with the policy's hash is each node's own: give `patches.directory` in its JoinConfiguration too.",
            """
            kubeadm config validate --config kubeadm-config.yaml
            sudo kubeadm init --config kubeadm-config.yaml --upload-certs
            """));
        output.Note("For a cluster that runs already, save its configuration and run setup again with `--config`: `kubectl -n kube-system get cm kubeadm-config -o jsonpath='{.data.ClusterConfiguration}' > cluster-configuration.yaml`.");
        output.Undo(new Step(
            "Take the settings away", "Remove the audit arguments and volumes from the ClusterConfiguration, then on one control-plane node after the other:",
            """
            kubectl -n kube-system edit configmap kubeadm-config
            kubectl -n kube-system get configmap kubeadm-config -o jsonpath='{.data.ClusterConfiguration}' > cluster-configuration.yaml
            sudo kubeadm init phase control-plane apiserver --config cluster-configuration.yaml
            """,
            "kube-apiserver of each node."));
    }

    private static void ExplainExisting(SetupOutput output)
    {
        output.Apply(new Step(
            "Store the configuration in the cluster", "Once, on any control-plane node, in your home directory; so kubeadm upgrade keeps it.",
            """
            kubeadm config validate --config kubeadm-config.yaml
            sudo kubeadm init phase upload-config kubeadm --config kubeadm-config.yaml
            """));
        output.Apply(new Step(
            "Look at what would change", "On a control-plane node, in your home directory. The only differences should be about audit; where the advertise address differs, add it as `localAPIEndpoint` to the InitConfiguration of this node.",
            "sudo kubeadm init phase control-plane apiserver --config kubeadm-config.yaml --dry-run"));
        output.Apply(new Step(
            "Write the manifest", "On one control-plane node after the other, in your home directory: go on only when this one answers.",
            """
            sudo kubeadm init phase control-plane apiserver --config kubeadm-config.yaml
            sleep 30
            until sudo kubectl --kubeconfig /etc/kubernetes/admin.conf get --raw /readyz; do sleep 2; done
            """,
            "kube-apiserver of this node, for some ten seconds. With one control-plane node the API is away for that time; running workloads are not touched."));
        output.Note("After a change of the policy alone: run setup again, copy the files, and write the manifest as in the last step; the annotation has changed, so the pod restarts.");
        output.Undo(new Step(
            "Take the settings away", "Copy the configuration that you gave with `--config` to the nodes, store it again, and write the manifests from it, on one control-plane node after the other:",
            """
            sudo kubeadm init phase upload-config kubeadm --config cluster-configuration.yaml
            sudo kubeadm init phase control-plane apiserver --config cluster-configuration.yaml
            """,
            "kube-apiserver of each node."));
    }

    /// <summary>The configuration with the directory of patches, where it says nothing of its own about them.</summary>
    private static string WithPatches(string text)
    {
        string version = text.Split('\n').FirstOrDefault(line => line.StartsWith("apiVersion: kubeadm.k8s.io/", StringComparison.Ordinal)) ?? "apiVersion: kubeadm.k8s.io/v1beta4";
        return text.Contains("kind: InitConfiguration", StringComparison.Ordinal) ? text : $"{text.TrimEnd('\n')}\n---\n{version}\nkind: InitConfiguration\npatches:\n  directory: {PatchDirectory}\n";
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict)
    {
        if (PodManifest.Open(file, text, out _) is { } manifest)
        {
            return manifest.Observe();
        }

        YamlMapping? cluster = Documents(file, text, verdict).OfType<YamlMapping>().FirstOrDefault(document => document["kind"] is YamlScalar { Text: "ClusterConfiguration" } || document["apiServer"] is not null);
        return cluster is null ? NotFound(file, "ClusterConfiguration", verdict) : KubeadmConfiguration.Read(file, cluster["apiServer"] as YamlMapping);
    }
}
