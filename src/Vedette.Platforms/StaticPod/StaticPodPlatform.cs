using System.Collections.Immutable;
using System.Text;
using Vedette.Documents;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.StaticPod;

/// <summary>kube-apiserver as a static pod whose manifest one edits oneself: the manifest is patched, and keeps its comments, order and style.</summary>
public sealed class StaticPodPlatform : ApiServerPlatform
{
    /// <summary>Where kubelet finds the manifest.</summary>
    internal const string Manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";

    /// <inheritdoc />
    public override string Name => "static-pod";

    /// <inheritdoc />
    public override string Title => "a static pod of kube-apiserver";

    /// <inheritdoc />
    public override string Summary => "kube-apiserver's manifest, patched in place of its author";

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
    [
        new("manifest", $"The manifest to patch, {Manifest} of a control-plane node. Without it an example is written.", "FILE"),
        new("revert", "Take the patch out of --manifest again, byte for byte."),
    ];

    /// <inheritdoc />
    public override string SetupExamples =>
        $"""
        vedette setup static-pod --manifest {Manifest} --out /root/audit-setup
        vedette setup static-pod --manifest {Manifest} --revert --out /root/audit-revert
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify static-pod --setup /root/audit-setup
        vedette verify static-pod --root /
        kubectl -n kube-system get pod kube-apiserver-NODE -o yaml | vedette verify static-pod --config -
        """;

    private protected override string ConfigHelp => $"The manifest. Without it {Manifest} below --root.";

    private protected override string ConfigFile => "kube-apiserver.yaml";

    private protected override string ConfigOnNode => Manifest;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        string? path = request.Options["manifest"];
        if (request.Options.Has("revert"))
        {
            Revert(path, request, output);
            return;
        }

        AuditPlan plan = AuditPlan.For(request, output, NodePaths.Kubernetes);
        string text = path is null ? Example() : request.Files.ReadText(path);
        List<Refusal> refusals = [];
        if (text.Contains('\uFFFD', StringComparison.Ordinal) || ManifestPatch.Apply(path ?? ConfigFile, text, plan, request.Policy.Hash, refusals) is not { } patched)
        {
            foreach (Refusal refusal in refusals.DefaultIfEmpty(new Refusal($"{path}: this is not UTF-8", "mend the manifest")))
            {
                output.Refuse(refusal.Why, refusal.Mend);
            }

            return;
        }

        output.Add(new RenderedFile(ConfigFile, patched.Text, path is null ? "an example: the flags, mounts and volumes that a manifest needs" : $"{path}, patched", RenderedFile.Private));
        foreach (RenderedFile file in patched.Files)
        {
            output.Add(file with { Path = AuditPlan.NodeFolder + file.Path });
        }

        Explain(path is null, patched, request, output);
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict) => Observe(file, text, verdict);

    /// <summary>Reads a manifest; null when there is no kube-apiserver in it, which is told.</summary>
    internal static ObservedApiServer? Observe(string file, string text, Verdict verdict)
    {
        if (PodManifest.Open(file, text, out Diagnostic? problem) is not { } manifest)
        {
            verdict.Wrong(ApiServerChecks.Readable, new Place(file, problem!.Line, problem.Column), problem.Message, problem.Help ?? "name kube-apiserver's manifest by --config");
            return null;
        }

        return manifest.Observe();
    }

    private void Revert(string? path, SetupRequest request, SetupOutput output)
    {
        if (path is null)
        {
            output.Refuse("--revert needs the patched manifest", $"say --manifest {Manifest}");
            return;
        }

        string text = request.Files.ReadText(path);
        string original = ManifestUndo.Revert(text, out string? why);
        if (why is not null)
        {
            output.Refuse($"{path}: {why}", "or put the manifest back by other means");
            return;
        }

        output.Add(new RenderedFile(ConfigFile, original, original == text ? $"{path}, which has no patch in it" : $"{path} as it was before the patch", RenderedFile.Private));
        NodeSteps.ReplaceManifest(output);
        NodeSteps.Recover(output);
    }

    private void Explain(bool isExample, PatchedManifest patched, SetupRequest request, SetupOutput output)
    {
        if (isExample)
        {
            output.Note("No manifest was given: `kube-apiserver.yaml` is an example and no pod that runs. On each control-plane node, patch its own manifest by the first step.");
            output.Apply(new Step(
                "Patch the manifest of the node", "As root, on each control-plane node: their manifests differ. The manifest itself is only read. Add the options that this directory was made with.",
                $"vedette setup static-pod --manifest {Manifest} --out /root/audit-setup"));
        }

        output.Apply(new Step(
            "Put the files in place", "In that directory, as root, on the node. Before the manifest: kube-apiserver does not start without its policy.",
            $"tar -C {AuditPlan.NodeFolder} --owner=root --group=root -cf - . | tar -C / --no-overwrite-dir -xpf -"));
        NodeSteps.ReplaceManifest(output);
        NodeSteps.Check(output, request, Name, patched.LogFile ?? NodePaths.Kubernetes.LogFile);
        output.Undo(new Step(
            "Take the patch out", "As root, on one control-plane node after the other. What takes it back stands in comments at the end of the manifest; changes that others made since stay. Then replace the manifest as above.",
            $"vedette setup static-pod --manifest {Manifest} --revert --out /root/audit-revert"));
        NodeSteps.Recover(output);
        output.Note("Never keep a copy of the manifest in the manifests directory: kubelet runs every file there whose name does not begin with a dot.");
        output.Note($"A changed policy file alone changes nothing: it is read once at start. Run setup again; the annotation `{PodManifest.PolicyAnnotation}` changes with the policy, and kubelet restarts the pod.");
        output.Note("On a kubeadm cluster, `kubeadm upgrade` writes the manifest anew from its own configuration: use `vedette setup kubeadm` there, or patch again after each upgrade.");
    }

    private static string Example()
    {
        StringBuilder text = new();
        text.Append("apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\n  namespace: kube-system\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n");
        text.Append("    # ... the flags of your cluster\n    volumeMounts: []\n  volumes: []\n");
        return text.ToString();
    }
}
