using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Vedette.Documents;
using Vedette.Documents.Editing;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Talos;

/// <summary>
/// Talos: audits by default, Metadata for all, into /var/log/audit/kube; the policy, flags and files are parts of the machine configuration (talos internal/app/machined/pkg/controllers/k8s/control_plane_final.go).
/// </summary>
public sealed class TalosPlatform : ApiServerPlatform
{
    /// <summary>Where Talos itself puts the policy; nobody else can.</summary>
    private const string PolicyFile = "/system/config/kubernetes/kube-apiserver/auditpolicy.yaml";

    private static readonly NodePaths s_paths = new(PolicyFile, "/var/log/audit/kube/kube-apiserver.log", "/var/etc/vedette/audit-webhook.kubeconfig");

    /// <inheritdoc />
    public override string Name => "talos";

    /// <inheritdoc />
    public override string Title => "Talos Linux";

    /// <inheritdoc />
    public override string Summary => "Talos control-plane machines";

    private protected override string ConfigHelp => "A machine configuration of a control-plane machine ('talosctl get machineconfig -o yaml'), or a patch of one.";

    private protected override string ConfigFile => "controlplane-patch.yaml";

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, s_paths);
        StringBuilder text = new();
        text.Append("cluster:\n  apiServer:\n    auditPolicy:\n").Append(TextBlock.Indent(request.Policy.Text, 6)).Append("    extraArgs:\n");

        // Policy and log path are Talos' own.
        foreach ((string name, string value) in plan.Flags.Where(flag => flag.Name is not ("audit-policy-file" or "audit-log-path")))
        {
            text.Append("      ").Append(name).Append(": ").Append(YamlScalars.Quote(value)).Append('\n');
        }

        if (!request.Backend.HasFlag(Backend.Log))
        {
            output.Note("Talos always writes the log file too.");
            text.Append("      audit-log-maxage: \"30\"\n");
        }

        if (plan.Files.FirstOrDefault(file => file.Path == s_paths.Webhook) is { } webhook)
        {
            text.Append("    extraVolumes:\n    - hostPath: ").Append(webhook.Path).Append("\n      mountPath: ").Append(webhook.Path).Append("\n      readonly: true\n");
            text.Append("machine:\n  files:\n  - path: ").Append(webhook.Path).Append("\n    op: create\n    permissions: 0o644\n    content: |\n").Append(TextBlock.Indent(webhook.Content, 6));
            output.Note("kube-apiserver runs as nobody on Talos, so the file with the webhook's token is readable by every process that sees /var of the node: forbid hostPath volumes to workloads.");
        }

        output.Add(new RenderedFile(ConfigFile, text.ToString(), "a patch of the machine configuration of control-plane machines", request.Backend.HasFlag(Backend.Webhook) ? RenderedFile.Private : RenderedFile.Readable));
        output.ShellValue("CONTROL_PLANE_NODES", "addresses of the control-plane machines, with blanks between them");
        output.Apply(new Step(
            "Patch the machines", "One after the other; Talos restarts kube-apiserver by itself, also after every change of the policy.",
            $"""
            for node in $CONTROL_PLANE_NODES; do
                talosctl --nodes "$node" patch machineconfig --mode no-reboot --patch @{ConfigFile}
                talosctl --nodes "$node" health --wait-timeout 10m
            done
            """,
            "kube-apiserver of each machine, one after the other."));
        output.Check(new Step(
            "Look at the log", "",
            $$"""
            for node in $CONTROL_PLANE_NODES; do
                talosctl --nodes "$node" read {{s_paths.LogFile}} | vedette scan -
            done
            kubectl get --raw /metrics | vedette verify talos --config {{ConfigFile}} --metrics -
            """));
        output.Undo(new Step(
            "Take the patch away", "Remove the same members from the machine configuration. Without an auditPolicy of its own Talos records Metadata of everything.",
            """
            for node in $CONTROL_PLANE_NODES; do
                talosctl --nodes "$node" edit machineconfig --mode no-reboot
            done
            """,
            "kube-apiserver of each machine."));
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict)
    {
        if (YamlEditor.Open(file, text, out Diagnostic? problem) is not { } editor)
        {
            verdict.Wrong(ApiServerChecks.Readable, new Place(file, problem!.Line, problem.Column), problem.Message, problem.Help ?? "mend the YAML");
            return null;
        }

        YamlTextMapping[] documents = [.. editor.Documents.OfType<YamlTextMapping>()];
        YamlTextMapping? apiServer = documents.Select(document => Map(Map(document, "cluster"), "apiServer")).FirstOrDefault(found => found is not null);
        YamlTextNode? policy = apiServer?["auditPolicy"]?.Value.Resolved
            ?? documents.FirstOrDefault(document => document["kind"]?.Value.Text == "KubeAuditPolicyConfig")?["configuration"]?.Value.Resolved;
        if (apiServer is null && policy is null)
        {
            return NotFound(file, "cluster.apiServer", verdict);
        }

        ImmutableArray<ObservedFlag>.Builder flags = ImmutableArray.CreateBuilder<ObservedFlag>();
        foreach (YamlTextMember member in Map(apiServer, "extraArgs")?.Members ?? [])
        {
            if (member.Key.Text is ['a', 'u', 'd', 'i', 't', ..] name)
            {
                flags.Add(new ObservedFlag(name, member.Value.Text ?? "", PlaceOf(member.Key)));
            }
        }

        foreach ((string name, string value) in (ReadOnlySpan<(string, string)>)
            [("audit-policy-file", PolicyFile), ("audit-log-path", s_paths.LogFile), ("audit-log-maxage", "30"), ("audit-log-maxbackup", "10"), ("audit-log-maxsize", "100")])
        {
            if (!flags.Any(flag => flag.Name == name))
            {
                flags.Add(new ObservedFlag(name, value, new Place(file)));
            }
        }

        Dictionary<string, string> files = new(StringComparer.Ordinal)
        {
            // What Talos does when nobody says otherwise.
            [PolicyFile] = policy is null ? "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n" : editor.TextOf(policy),
        };
        foreach (YamlTextMapping item in documents.SelectMany(document => (Map(document, "machine")?["files"]?.Value.Resolved as YamlTextSequence)?.Items ?? []).OfType<YamlTextMapping>())
        {
            files[item["path"]?.Value.Text ?? ""] = item["content"]?.Value.Text ?? "";
        }

        return new ObservedApiServer { File = file, Flags = flags.ToImmutable(), InlineFiles = files.ToFrozenDictionary(StringComparer.Ordinal) };

        Place PlaceOf(YamlTextNode node)
        {
            (int line, int column) = editor.PlaceOf(node.Start);
            return new Place(file, line, column);
        }
    }

    private static YamlTextMapping? Map(YamlTextMapping? map, string name) => map?[name]?.Value.Resolved as YamlTextMapping;
}
