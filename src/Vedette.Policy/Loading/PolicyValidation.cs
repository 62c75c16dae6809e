using System.Text;
using System.Text.RegularExpressions;
using Vedette.Documents;
using Vedette.Documents.Manifests;
using Vedette.Policy.Model;

namespace Vedette.Policy.Loading;

/// <summary>
/// Kubernetes' validation of a decoded policy, check by check in its order (staging/src/k8s.io/apiserver/pkg/apis/audit/validation/validation.go). What it does not look at, kube-apiserver
/// accepts, however meaningless.
/// </summary>
internal sealed partial class PolicyValidation
{
    private const string SubdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character "
        + @"(e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private readonly List<(string Message, Diagnostic Diagnostic)> _errors = [];
    private readonly AuditPolicy _policy;
    private readonly KubernetesVersion _version;

    private PolicyValidation(AuditPolicy policy, KubernetesVersion version)
    {
        _policy = policy;
        _version = version;
    }

    /// <summary>The errors; none when kube-apiserver accepts the policy.</summary>
    public static IReadOnlyList<(string Message, Diagnostic Diagnostic)> Validate(AuditPolicy policy, KubernetesVersion version)
    {
        PolicyValidation validation = new(policy, version);
        validation.OmitStages(policy.OmitStages, "omitStages");
        foreach (PolicyRule rule in policy.Rules)
        {
            string path = $"rules[{rule.Index}]";
            validation.Level(rule, $"{path}.level");
            validation.NonResourceUrls(rule.NonResourceUrls, $"{path}.nonResourceURLs");
            validation.Resources(rule, $"{path}.resources");
            validation.OmitStages(rule.OmitStages, $"{path}.omitStages");
            if (rule.NonResourceUrls.Items.Length > 0 && rule.IsForResources)
            {
                validation.Add(
                    rule.NonResourceUrls.Line, rule.NonResourceUrls.Column,
                    $"{path}.nonResourceURLs: Invalid value: {GoText.Json(rule.NonResourceUrls.Values)}: rules cannot apply to both regular resources and non-resource URLs",
                    "make two rules of it");
            }
        }

        return validation._errors;
    }

    /// <summary>The level of exactly this name.</summary>
    public static AuditLevel? LevelNamed(string name) => name switch
    {
        "None" => AuditLevel.None,
        "Metadata" => AuditLevel.Metadata,
        "Request" => AuditLevel.Request,
        "RequestResponse" => AuditLevel.RequestResponse,
        _ => null,
    };

    private void Level(PolicyRule rule, string path)
    {
        PolicyText level = rule.LevelText;
        if (level.Value.Length == 0)
        {
            Add(level.Line, level.Column, $"{path}: Required value", "give the rule a level: None, Metadata, Request or RequestResponse");
        }
        else if (LevelNamed(level.Value) is null)
        {
            string? meant = Enum.GetNames<AuditLevel>().FirstOrDefault(name => name.Equals(level.Value.Trim(), StringComparison.OrdinalIgnoreCase));
            Add(
                level.Line, level.Column,
                $"{path}: Unsupported value: {GoText.Json(level.Value)}: supported values: \"None\", \"Metadata\", \"Request\", \"RequestResponse\"",
                meant is null ? "levels are None, Metadata, Request, RequestResponse" : $"write {meant}");
        }
    }

    private void NonResourceUrls(PolicyList urls, string path)
    {
        for (int i = 0; i < urls.Items.Length; i++)
        {
            PolicyText url = urls.Items[i];
            if (url.Value == "*")
            {
                continue;
            }

            string where = $"{path}[{i}]: Invalid value: {GoText.Quote(url.Value)}: ";
            if (!url.Value.StartsWith('/'))
            {
                Add(url.Line, url.Column, where + "non-resource URL rules must begin with a '/' character", "write the whole path, or * for all");
            }

            if (url.Value.AsSpan(0, Math.Max(0, url.Value.Length - 1)).Contains('*'))
            {
                Add(
                    url.Line, url.Column, where + "non-resource URL wildcards '*' must be the final character of the rule",
                    "a star stands at the end only and means: begins with");
            }
        }
    }

    private void Resources(PolicyRule rule, string path)
    {
        foreach (GroupResources entry in rule.Resources)
        {
            string group = entry.Group.Value;
            if (group.Length > 0 && !(group == "*" && _version >= KubernetesVersion.GroupWildcard))
            {
                List<string> messages = [];
                if (Encoding.UTF8.GetByteCount(group) > 253)
                {
                    messages.Add("must be no more than 253 bytes");
                }

                if (!Subdomain().IsMatch(group))
                {
                    messages.Add(SubdomainMessage);
                }

                if (messages.Count > 0)
                {
                    Add(entry.Group.Line, entry.Group.Column, $"{path}.group: Invalid value: {GoText.Quote(group)}: {string.Join(',', messages)}", MendGroup(group));
                }
            }

            if (entry.ResourceNames.Items.Length > 0 && entry.Resources.Items.Length == 0)
            {
                Add(
                    entry.ResourceNames.Line, entry.ResourceNames.Column,
                    $"{path}.resourceNames: Invalid value: {GoText.Json(entry.ResourceNames.Values)}: using resourceNames requires at least one resource",
                    "name the resources too, or resources: [\"*\"]");
            }
        }
    }

    private void OmitStages(PolicyList stages, string path)
    {
        for (int i = 0; i < stages.Items.Length; i++)
        {
            PolicyText stage = stages.Items[i];
            if (AuditStages.Named(stage.Value) == AuditStage.None)
            {
                Add(
                    stage.Line, stage.Column,
                    $"{path}[{i}]: Invalid value: {GoText.Quote(stage.Value)}: allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic",
                    "spell it exactly so");
            }
        }
    }

    private string MendGroup(string group) => group switch
    {
        "*" => $"Kubernetes {_version} has no wildcard for groups (1.36 has): name each group",
        _ when group.Contains('/', StringComparison.Ordinal) => $"leave the version out: {group[..group.IndexOf('/', StringComparison.Ordinal)]}",
        _ when Subdomain().IsMatch(group.ToLowerInvariant()) => $"write {group.ToLowerInvariant()}",
        _ => "group names are as in apiVersion, without the version; \"\" is the core group",
    };

    private void Add(int line, int column, string message, string help) =>
        _errors.Add((message, new Diagnostic(LoadProblem.Invalid, DiagnosticSeverity.Error, _policy.File, line, column, message + "; kube-apiserver does not start", help)));

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Subdomain();
}
