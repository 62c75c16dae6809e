using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Kops;

/// <summary>kOps: fields of the cluster's specification, and file assets; kOps mounts what the fields name (kops docs/cluster_spec.md).</summary>
public sealed class KopsPlatform : ApiServerPlatform
{
    /// <summary>Flags that kOps has a field for. It has none for truncation.</summary>
    private static readonly FrozenDictionary<string, string> s_fields = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["audit-policy-file"] = "auditPolicyFile",
        ["audit-log-path"] = "auditLogPath",
        ["audit-log-maxage"] = "auditLogMaxAge",
        ["audit-log-maxbackup"] = "auditLogMaxBackups",
        ["audit-log-maxsize"] = "auditLogMaxSize",
        ["audit-webhook-config-file"] = "auditWebhookConfigFile",
        ["audit-webhook-mode"] = "auditWebhookMode",
        ["audit-webhook-batch-buffer-size"] = "auditWebhookBatchBufferSize",
        ["audit-webhook-batch-max-size"] = "auditWebhookBatchMaxSize",
        ["audit-webhook-batch-max-wait"] = "auditWebhookBatchMaxWait",
        ["audit-webhook-batch-throttle-enable"] = "auditWebhookBatchThrottleEnable",
        ["audit-webhook-batch-throttle-qps"] = "auditWebhookBatchThrottleQps",
        ["audit-webhook-batch-throttle-burst"] = "auditWebhookBatchThrottleBurst",
        ["audit-webhook-initial-backoff"] = "auditWebhookInitialBackoff",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> s_flags = s_fields.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <inheritdoc />
    public override string Name => "kops";

    /// <inheritdoc />
    public override string Title => "kOps";

    /// <inheritdoc />
    public override string Summary => "clusters made by kOps";

    private protected override string ConfigHelp => "The cluster's specification ('kops get cluster -o yaml'), or a part of it.";

    private protected override string ConfigFile => "cluster-audit.yaml";

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        AuditPlan plan = AuditPlan.For(request, output, NodePaths.Kubernetes);
        StringBuilder text = new();
        text.Append("# To be merged into the specification of the cluster ('kops edit cluster').\nspec:\n  kubeAPIServer:\n");
        foreach ((string name, string value) in plan.Flags.Where(flag => s_fields.ContainsKey(flag.Name)))
        {
            // The fields have types of their own: numbers and booleans stand without quotes, quantities and durations are texts.
            text.Append("    ").Append(s_fields[name]).Append(": ").Append(name.EndsWith("-qps", StringComparison.Ordinal) || AuditFlag.All[name].Type == AuditFlagType.Duration ? YamlScalars.DoubleQuote(value) : value).Append('\n');
        }

        text.Append("  fileAssets:\n");
        foreach (RenderedFile file in plan.Files)
        {
            text.Append("  - name: ").Append(Path.GetFileNameWithoutExtension(file.Path)).Append("-audit\n    path: ").Append(file.Path).Append("\n    mode: \"").Append(file.OctalMode);
            text.Append("\"\n    roles: [ControlPlane]\n    content: |\n").Append(TextBlock.Indent(file.Content, 6));
        }

        output.Add(new RenderedFile(ConfigFile, text.ToString(), "fields and files for the specification of the cluster", request.Backend.HasFlag(Backend.Webhook) ? RenderedFile.Private : RenderedFile.Readable));
        string cluster = output.ShellValue("KOPS_CLUSTER_NAME", "name of the cluster (`kops get clusters`)");
        output.Apply(new Step("Merge the fields into the specification", $"Add what stands in `{ConfigFile}` below `spec`; existing fileAssets stay.", $"kops edit cluster --name {cluster}"));
        output.Apply(new Step(
            "Roll it out", "Look at what the second command would change before the third.",
            $"""
            kops update cluster --name {cluster}
            kops update cluster --name {cluster} --yes
            kops rolling-update cluster --name {cluster} --instance-group-roles=control-plane --yes
            """,
            "every control-plane instance is replaced, one after the other. The same for every change of the policy."));
        NodeSteps.Check(output, request, "static-pod", NodePaths.Kubernetes.LogFile, "--config /etc/kubernetes/manifests/kube-apiserver.manifest --root /");
        output.Undo(new Step(
            "Take the fields out again", "And roll that out as above.",
            $"kops edit cluster --name {cluster}", "every control-plane instance is replaced, one after the other."));
        if (request.Backend.HasFlag(Backend.Webhook))
        {
            output.Note("kOps has no field for truncation: an event of several MiB goes to the webhook as it is. The token of the webhook stands in the specification, in kOps' state store.");
        }
    }

    private protected override ObservedApiServer? Read(string file, string text, Verdict verdict)
    {
        YamlMapping? spec = Documents(file, text, verdict).OfType<YamlMapping>().Select(document => document["spec"] as YamlMapping).FirstOrDefault(found => found?["kubeAPIServer"] is not null);
        if (spec?["kubeAPIServer"] is not YamlMapping apiServer)
        {
            return NotFound(file, "spec.kubeAPIServer", verdict);
        }

        ImmutableArray<ObservedFlag>.Builder flags = ImmutableArray.CreateBuilder<ObservedFlag>();
        foreach (YamlMember member in apiServer.Members.Where(member => member.Key.Text.StartsWith("audit", StringComparison.Ordinal)))
        {
            flags.Add(new ObservedFlag(s_flags.GetValueOrDefault(member.Key.Text) ?? member.Key.Text, (member.Value as YamlScalar)?.Text ?? "", new Place(file, member.Key.Line, member.Key.Column)));
        }

        FrozenDictionary<string, string> files = (spec["fileAssets"] as YamlSequence)?.Items.OfType<YamlMapping>()
            .Where(item => item["path"] is YamlScalar && item["content"] is YamlScalar).DistinctBy(item => ((YamlScalar)item["path"]!).Text, StringComparer.Ordinal)
            .ToFrozenDictionary(item => ((YamlScalar)item["path"]!).Text, item => ((YamlScalar)item["content"]!).Text, StringComparer.Ordinal) ?? FrozenDictionary<string, string>.Empty;
        return new ObservedApiServer { File = file, Flags = flags.ToImmutable(), InlineFiles = files };
    }
}
