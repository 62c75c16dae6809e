using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.K3s;

/// <summary>k3s: arguments in its configuration; kube-apiserver is part of its process and sees the node's files (k3s hardening guide).</summary>
public sealed class K3sPlatform : ApiServerPlatform
{
    private const string DropIn = "/etc/rancher/k3s/config.yaml.d/90-audit.yaml";

    private static readonly NodePaths s_paths = new("/var/lib/rancher/k3s/server/audit.yaml", "/var/lib/rancher/k3s/server/logs/audit.log", "/var/lib/rancher/k3s/server/audit-webhook.kubeconfig");

    /// <inheritdoc />
    public override string Name => "k3s";

    /// <inheritdoc />
    public override string Title => "k3s";

    /// <inheritdoc />
    public override string Summary => "k3s servers";

    private protected override string ConfigHelp => $"config.yaml of k3s or a file of config.yaml.d. Without it {DropIn} below --root.";

    private protected override string ConfigFile => AuditPlan.NodeFolder + DropIn;

    private protected override string ConfigOnNode => DropIn;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, s_paths);
        output.Add(ListedFlags.DropIn(ConfigFile, plan.Flags));
        plan.AddFiles(output);
        NodeSteps.Copy(output, "etc var");
        output.Apply(new Step(
            "Restart k3s", "As root, on one server after the other. k3s does not make the directory of the log.",
            $"""
            install -d -m 0700 {s_paths.LogDirectory}
            systemctl restart k3s
            until k3s kubectl get --raw /readyz; do sleep 2; done
            """,
            "k3s of this server, the API with it; containers go on running. The same after every change of the policy, which is read once at start."));
        NodeSteps.Check(output, request, Name, s_paths.LogFile);
        output.Undo(new Step(
            "Take the arguments away", "As root, on one server after the other.",
            $"""
            rm {DropIn}
            systemctl restart k3s
            """,
            "k3s of this server."));
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict) =>
        Documents(file, text, verdict) is [YamlMapping config, ..] ? Observe(file, config) : NotFound(file, "configuration of k3s", verdict);

    private static ObservedApiServer Observe(string file, YamlMapping config) => new() { File = file, Flags = ListedFlags.Read(file, config["kube-apiserver-arg"], config["kube-apiserver-arg+"]) };
}
