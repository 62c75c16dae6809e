using System.Collections.Immutable;
using System.Text;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.MicroK8s;

/// <summary>MicroK8s: a file with one flag a line; kube-apiserver is part of kubelite and sees the node's files.</summary>
public sealed class MicroK8sPlatform : ApiServerPlatform
{
    private const string Arguments = "/var/snap/microk8s/current/args/kube-apiserver";

    private static readonly NodePaths s_paths = new("/var/snap/microk8s/current/args/audit-policy.yaml", "/var/snap/microk8s/common/audit/audit.log", "/var/snap/microk8s/current/args/audit-webhook.kubeconfig");

    /// <inheritdoc />
    public override string Name => "microk8s";

    /// <inheritdoc />
    public override string Title => "MicroK8s";

    /// <inheritdoc />
    public override string Summary => "MicroK8s nodes";

    private protected override string ConfigHelp => $"kube-apiserver's arguments. Without it {Arguments} below --root.";

    private protected override string ConfigFile => "kube-apiserver.audit.args";

    private protected override string ConfigOnNode => Arguments;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, s_paths);
        StringBuilder text = new();
        foreach ((string name, string value) in plan.Flags)
        {
            text.Append("--").Append(name).Append('=').Append(value).Append('\n');
        }

        output.Add(new RenderedFile(ConfigFile, text.ToString(), $"lines for {Arguments}"));
        plan.AddFiles(output);
        NodeSteps.Copy(output, "var", ConfigFile);
        output.Apply(new Step(
            "Give the arguments and restart", "As root, in the directory that the last step copied to, on one node after the other. Audit arguments that are there already are replaced. The old file is kept outside of the directory of arguments.",
            $"""
            arguments={Arguments}
            cp "$arguments" /root/kube-apiserver.args.before-audit
            install -d -m 0700 {s_paths.LogDirectory}
            grep -v '^--audit-' /root/kube-apiserver.args.before-audit | cat - {ConfigFile} > "$arguments"
            snap restart microk8s.daemon-kubelite
            until microk8s kubectl get --raw /readyz; do sleep 2; done
            """,
            "kubelite of this node: kube-apiserver, scheduler, controllers and kubelet; containers go on running. The same after every change of the policy, which is read once at start."));
        NodeSteps.Check(output, request, Name, s_paths.LogFile);
        output.Undo(new Step(
            "Put the arguments back", "As root, on one node after the other.",
            $"""
            cp /root/kube-apiserver.args.before-audit {Arguments}
            snap restart microk8s.daemon-kubelite
            """,
            "kubelite of this node."));
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict)
    {
        ImmutableArray<ObservedFlag> flags = [.. text.Split('\n').Select((line, index) => ListedFlags.Parse(file, line.Trim(), index + 1, 1)).OfType<ObservedFlag>()];
        return new ObservedApiServer { File = file, Flags = flags };
    }
}
