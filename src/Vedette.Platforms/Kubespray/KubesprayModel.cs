using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Kubespray;

/// <summary>
/// What Kubespray makes of variables: the audit lines of its templates kubeadm-config.v1beta*.yaml.j2, apiserver-audit-policy.yaml.j2 and apiserver-audit-webhook-config.yaml.j2, which are the same from v2.18 to master.
/// </summary>
internal sealed partial class KubesprayModel
{
    /// <summary>Most variables that lead to one another.</summary>
    private const int MaxDepth = 10;

    private static readonly Lazy<string> s_ownPolicy = new(ReadOwnPolicy);

    private readonly FrozenDictionary<string, InventoryVariable> _given;
    private readonly KubesprayVersion _version;
    private readonly string _file;

    /// <param name="variables">Variables that reach kube-apiserver; the last of a name counts.</param>
    /// <param name="version">Version of Kubespray.</param>
    /// <param name="file">What to name where nothing is written.</param>
    public KubesprayModel(IEnumerable<InventoryVariable> variables, KubesprayVersion version, string file)
    {
        _given = variables.GroupBy(variable => variable.Name, StringComparer.Ordinal).ToFrozenDictionary(same => same.Key, same => same.Last(), StringComparer.Ordinal);
        _version = version;
        _file = file;
    }

    /// <summary>Is the log on?</summary>
    public bool HasLog => IsTrue("kubernetes_audit");

    /// <summary>Is the webhook on?</summary>
    public bool HasWebhook => IsTrue("kubernetes_audit_webhook");

    /// <summary>Extra arguments, with their places.</summary>
    public IEnumerable<YamlMember> ExtraArguments => (Given("kube_kubeadm_apiserver_extra_args")?.Value as YamlMapping)?.Members ?? [];

    /// <summary>
    /// Are the mounts of the webhook left out where the system has no directories of CAs (SUSE and others)? The template's condition for extraVolumes names the log, not the webhook.
    /// </summary>
    public bool ForgetsMounts => HasWebhook && !HasLog && !IsTrue("kube_token_auth") && !IsTrue("kube_webhook_token_auth") && ExtraVolumes().Length == 0;

    /// <summary>Where a variable is set; null when it is not.</summary>
    public InventoryVariable? Given(string name) => _given.GetValueOrDefault(name);

    /// <summary>Value of a variable, its references followed.</summary>
    public string Value(string name) => Value(name, 0);

    /// <summary>Jinja takes a text for true when it is not empty: <c>"false"</c> too.</summary>
    public bool IsTrue(string name) => Given(name)?.Value switch
    {
        YamlScalar { IsPlain: true } plain => plain.Text is not ("" or "~" or "null") && (YamlTyping.TypeOf(plain, out bool truth, out decimal number, out _) switch
        {
            YamlType.Boolean => truth,
            YamlType.Number => number != 0,
            _ => true,
        }),
        YamlScalar text => text.Text.Length > 0,
        YamlMapping map => map.Members.Length > 0,
        YamlSequence list => list.Items.Length > 0,
        _ => Defaults(name) == "true",
    };

    /// <summary>The policy that Kubespray writes to the node: its own, or one with the custom rules.</summary>
    public string Policy() => Given("audit_policy_custom_rules")?.Value is YamlScalar { Text.Length: > 0 } rules
        ? "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n" + string.Concat(rules.Text.TrimEnd('\n').Split('\n').Select(line => line.Length == 0 ? "\n" : "  " + line + "\n"))
        : s_ownPolicy.Value;

    /// <summary>What kube-apiserver gets.</summary>
    public ObservedApiServer Observe()
    {
        List<ObservedFlag> flags = [];
        List<HostMount> mounts = [];
        if (HasLog || HasWebhook)
        {
            Flag("audit-policy-file", "audit_policy_file");
            mounts.Add(new HostMount(Value("audit_policy_name"), Value("audit_policy_hostpath"), Value("audit_policy_mountpath"), false, ""));
            if (Value("audit_log_path") != "-")
            {
                mounts.Add(new HostMount(Value("audit_log_name"), Value("audit_log_hostpath"), Value("audit_log_mountpath"), false, ""));
            }
        }

        if (HasLog)
        {
            Flag("audit-log-path", "audit_log_path");
            Flag("audit-log-maxage", "audit_log_maxage");
            Flag("audit-log-maxbackup", "audit_log_maxbackups");
            Flag("audit-log-maxsize", "audit_log_maxsize");
        }

        Dictionary<string, string> files = new(StringComparer.Ordinal);
        if (HasWebhook)
        {
            Flag("audit-webhook-config-file", "audit_webhook_config_file");
            Flag("audit-webhook-mode", "audit_webhook_mode");
            if (Value("audit_webhook_mode") == "batch")
            {
                Flag("audit-webhook-batch-max-size", "audit_webhook_batch_max_size");
                Flag("audit-webhook-batch-max-wait", "audit_webhook_batch_max_wait");
            }

            files[Value("audit_webhook_config_file")] = Webhook();
        }

        if (HasLog || HasWebhook)
        {
            files[Value("audit_policy_file")] = Policy();
        }

        flags.AddRange(ExtraArguments.Where(member => member.Key.Text.StartsWith("audit", StringComparison.Ordinal)).Select(member => new ObservedFlag(
            member.Key.Text, (member.Value as YamlScalar)?.Text ?? "", new Place(Given("kube_kubeadm_apiserver_extra_args")!.Place.File, member.Key.Line, member.Key.Column))));
        return new ObservedApiServer
        {
            File = Given("kubernetes_audit")?.Place.File ?? Given("kubernetes_audit_webhook")?.Place.File ?? Given("kube_kubeadm_apiserver_extra_args")?.Place.File ?? _file,
            Flags = [.. flags],
            Mounts = [.. mounts, .. ExtraVolumes()],
            InlineFiles = files.ToFrozenDictionary(StringComparer.Ordinal),
        };

        void Flag(string name, string variable) => flags.Add(new ObservedFlag(name, Value(variable), Given(variable)?.Place ?? Given("kubernetes_audit")?.Place ?? new Place(_file)));
    }

    /// <summary>apiserver_extra_volumes.</summary>
    public ImmutableArray<HostMount> ExtraVolumes() =>
    [
        .. ((Given("apiserver_extra_volumes")?.Value as YamlSequence)?.Items ?? []).OfType<YamlMapping>()
            .Select(item => new HostMount(Text(item, "name"), Text(item, "hostPath"), Text(item, "mountPath"), (Text(item, "readOnly") is { Length: > 0 } readOnly ? readOnly : Text(item, "writable") is "true" or "True" or "yes" ? "false" : "true") is "true" or "True" or "yes", "")),
    ];

    private string Webhook()
    {
        string extra = string.Concat(((Given("audit_webhook_server_extra_args")?.Value as YamlMapping)?.Members ?? [])
            .Select(member => $"    {member.Key.Text}: {YamlScalars.DoubleQuote((member.Value as YamlScalar)?.Text ?? "")}\n"));
        return $"apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: {Value("audit_webhook_server_url")}\n{extra}  name: auditsink\ncontexts:\n- context:\n    cluster: auditsink\n    user: \"\"\n  name: default-context\ncurrent-context: default-context\npreferences: {{}}\nusers: []\n";
    }

    private string Defaults(string name) => name == "audit_log_maxbackups" ? $"{_version.DefaultBackups}" : KubesprayVariable.Defaults.GetValueOrDefault(name) ?? "";

    private string Value(string name, int depth)
    {
        string text = Given(name)?.Value is YamlScalar scalar ? scalar.Text : Defaults(name);
        return depth > MaxDepth ? text : Reference().Replace(text, match =>
        {
            string inner = match.Groups["name"].Value;
            if (!_given.ContainsKey(inner) && !KubesprayVariable.Defaults.ContainsKey(inner))
            {
                return match.Value;
            }

            string value = Value(inner, depth + 1);
            return match.Groups["dirname"].Success ? value[..Math.Max(0, value.LastIndexOf('/'))] : value;
        });
    }

    private static string ReadOwnPolicy()
    {
        using StreamReader reader = new(typeof(KubesprayModel).Assembly.GetManifestResourceStream("Vedette.Platforms.kubespray.yaml")!);
        return reader.ReadToEnd();
    }

    private static string Text(YamlMapping map, string key) => (map[key] as YamlScalar)?.Text ?? "";

    [GeneratedRegex(@"\{\{\s*(?<name>\w+)\s*(?<dirname>\|\s*dirname\s*)?\}\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Reference();
}
