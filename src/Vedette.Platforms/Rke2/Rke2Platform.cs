using System.Collections.Immutable;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.StaticPod;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Rke2;

/// <summary>
/// RKE2: arguments in its configuration. It mounts the files that arguments name, and the directory of its own log path, into kube-apiserver's pod (rke2 pkg/staticpod, pkg/podexecutor). With <c>profile: cis</c> it gives
/// flags of its own, before ours, and writes a policy of level None where there is none.
/// </summary>
public sealed class Rke2Platform : ApiServerPlatform
{
    private const string DropIn = "/etc/rancher/rke2/config.yaml.d/90-audit.yaml";

    private static readonly NodePaths s_paths = new("/etc/rancher/rke2/audit-policy.yaml", "/var/lib/rancher/rke2/server/logs/audit.log", "/etc/rancher/rke2/audit-webhook.kubeconfig");

    /// <inheritdoc />
    public override string Name => "rke2";

    /// <inheritdoc />
    public override string Title => "RKE2";

    /// <inheritdoc />
    public override string Summary => "RKE2 servers, with or without the CIS profile";

    private protected override string ConfigHelp => $"config.yaml of RKE2, a file of config.yaml.d, or the pod's manifest in /var/lib/rancher/rke2/agent/pod-manifests. Without it {DropIn} below --root.";

    private protected override string ConfigFile => AuditPlan.NodeFolder + DropIn;

    private protected override string ConfigOnNode => DropIn;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, s_paths);
        output.Add(ListedFlags.DropIn(ConfigFile, plan.Flags));
        plan.AddFiles(output);
        NodeSteps.Copy(output);
        output.Apply(new Step(
            "Restart RKE2", "As root, on one server after the other.",
            """
            systemctl restart rke2-server
            until /var/lib/rancher/rke2/bin/kubectl --kubeconfig /etc/rancher/rke2/rke2.yaml get --raw /readyz; do sleep 5; done
            """,
            "kube-apiserver of this server. The same after every change of the policy, which is read once at start."));
        NodeSteps.Check(output, request, Name, s_paths.LogFile);
        output.Undo(new Step(
            "Take the arguments away", "As root, on one server after the other.",
            $"""
            rm {DropIn}
            systemctl restart rke2-server
            """,
            "kube-apiserver of this server."));
        output.Note("With `profile: cis`, RKE2 turns auditing on by itself, but with a policy of level None, which records nothing. The policy here stands at the same path and is not overwritten.");
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict)
    {
        if (PodManifest.Open(file, text, out _) is { } manifest)
        {
            return manifest.Observe();
        }

        return Documents(file, text, verdict) is [YamlMapping config, ..] ? Observe(file, config) : NotFound(file, "configuration of RKE2", verdict);
    }

    private static ObservedApiServer Observe(string file, YamlMapping config)
    {
        ImmutableArray<ObservedFlag> own = config["profile"] is YamlScalar { Text: ['c', 'i', 's', ..] } profile
            ?
            [
                .. new[] { ("audit-policy-file", s_paths.Policy), ("audit-log-path", s_paths.LogFile), ("audit-log-maxage", "30"), ("audit-log-maxbackup", "10"), ("audit-log-maxsize", "100") }
                    .Select(flag => new ObservedFlag(flag.Item1, flag.Item2, new Place(file, profile.Line, profile.Column))),
            ]
            : [];
        ImmutableArray<ObservedFlag> policy = config["audit-policy-file"] is YamlScalar path ? [new ObservedFlag("audit-policy-file", path.Text, new Place(file, path.Line, path.Column))] : [];
        ImmutableArray<ObservedFlag> given = ListedFlags.Read(file, config["kube-apiserver-arg"], config["kube-apiserver-arg+"]);

        // What the profile gives and an argument gives again is as RKE2 means it: the argument counts.
        return new ObservedApiServer { File = file, Flags = [.. own.Concat(policy).Where(flag => !given.Any(other => other.Name == flag.Name)).DistinctBy(flag => flag.Name, StringComparer.Ordinal), .. given] };
    }
}
