using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Minikube;

/// <summary>
/// minikube: flags by --extra-config. Mounts cannot be given, so files lie in a directory that kube-apiserver sees anyway, and the log goes to standard output (minikube's tutorial "Audit Policy").
/// </summary>
public sealed partial class MinikubePlatform : ApiServerPlatform
{
    private const string Script = "minikube-start.sh";

    private static readonly NodePaths s_paths = new("/etc/ssl/certs/audit-policy.yaml", "-", "/etc/ssl/certs/audit-webhook.kubeconfig");

    /// <inheritdoc />
    public override string Name => "minikube";

    /// <inheritdoc />
    public override string Title => "minikube";

    /// <inheritdoc />
    public override string Summary => "a minikube cluster";

    private protected override string ConfigHelp => "A script that runs 'minikube start --extra-config=…'.";

    private protected override string ConfigFile => Script;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, s_paths);
        StringBuilder text = new();
        text.Append("#!/bin/sh\n# Puts the files where minikube takes them into its node, and starts it with auditing.\nset -eu\ncd \"$(dirname \"$0\")\"\n");
        text.Append("files=\"${MINIKUBE_HOME:-$HOME/.minikube}/files\"\nmkdir -p \"$files\"\ncp -R ").Append(AuditPlan.NodeFolder).Append("/. \"$files/\"\nexec minikube start");
        foreach ((string name, string value) in plan.Flags)
        {
            text.Append(" \\\n    --extra-config=apiserver.").Append(name).Append('=').Append(value);
        }

        output.Add(new RenderedFile(Script, text.Append(" \\\n    \"$@\"\n").ToString(), "starts minikube with auditing", RenderedFile.Executable));
        plan.AddFiles(output);
        output.Apply(new Step("Start minikube", "A cluster that is there keeps its flags: delete it first (`minikube delete`).", $"./{Script}"));
        output.Check(new Step(
            "Look at the events", "They are in kube-apiserver's own log, and gone with it: minikube is for trying things.",
            "kubectl -n kube-system logs -l component=kube-apiserver --tail=-1 | grep '^{' | vedette scan -"));
        output.Check(new Step("Look at lost events", "", "kubectl get --raw /metrics | grep '^apiserver_audit_'"));
        output.Undo(new Step(
            "Start without auditing", "",
            """
            rm -f "${MINIKUBE_HOME:-$HOME/.minikube}"/files/etc/ssl/certs/audit-*
            minikube delete
            """,
            "the cluster is deleted."));
        output.Note("minikube has no way to mount a directory of the node into kube-apiserver: events go to its standard output, where nothing rotates or keeps them by age. Sizes and CIS 1.2.16 to 1.2.19 do not apply.");
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict)
    {
        ImmutableArray<ObservedFlag> flags =
        [
            .. text.Split('\n').SelectMany((line, index) => ExtraConfig().Matches(line).Select(match => ListedFlags.Parse(file, match.Groups["flag"].Value, index + 1, match.Index + 1))).OfType<ObservedFlag>(),
        ];
        return flags.IsEmpty ? NotFound(file, "--extra-config=apiserver.audit…", verdict) : new ObservedApiServer { File = file, Flags = flags, HasOnlyStandardOutput = true };
    }

    [GeneratedRegex("""--extra-config[= ]["']?apiserver\.(?<flag>audit[^\s"'\\]*)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ExtraConfig();
}
