using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Documents.Manifests;
using Vedette.Policy.Model;

namespace Vedette.Policy.Loading;

/// <summary>
/// Loads a policy file as kube-apiserver does: strictly first, then leniently with a warning; the same files are accepted, with the same meaning, and the same refused, in Kubernetes' own words
/// (staging/src/k8s.io/apiserver/pkg/audit/policy/reader.go; apimachinery/pkg/runtime/serializer/json). Never throws on any text.
/// </summary>
public static class PolicyLoader
{
    private const string Group = "audit.k8s.io";

    private const string Scheme = "k8s.io/apiserver/pkg/audit/scheme.go:30";

    /// <summary>Kinds that Kubernetes' audit scheme has in its versions, besides Policy; none can become one.</summary>
    private static readonly ImmutableArray<string> s_otherKinds =
        ["Event", "EventList", "PolicyList", "CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions", "WatchEvent"];

    /// <summary>Loads a policy for the default version of Kubernetes.</summary>
    public static LoadedPolicy Load(string file, ReadOnlySpan<byte> text) => Load(file, text, KubernetesVersion.Default);

    /// <summary>Loads a policy.</summary>
    /// <param name="file">The file as the user named it, for messages.</param>
    /// <param name="text">Its bytes: YAML or JSON.</param>
    /// <param name="version">Version of Kubernetes.</param>
    public static LoadedPolicy Load(string file, ReadOnlySpan<byte> text, KubernetesVersion version)
    {
        Manifest manifest = Manifest.Read(text);
        if (manifest.Root is not { } root)
        {
            ManifestProblem problem = manifest.Error!;
            return Refuse(
                file, "failed decoding: " + problem.Message, LoadProblem.Unreadable, problem.Line, problem.Column, problem.Message,
                problem.Message.Contains("control characters", StringComparison.Ordinal) ? "remove it" : "check indentation, quotes, colons and braces on this line and the one before");
        }

        if (Interpret(file, root, version, out bool isInternal) is { } refused)
        {
            return refused;
        }

        PolicyDecoder decoder = new(file, version);
        AuditPolicy? policy = root is ManifestMap map && !isInternal ? decoder.Decode(map) : null;
        string? strictError = StrictError(manifest, decoder, isInternal ? root as ManifestMap : null);
        List<Diagnostic> diagnostics = [.. decoder.Diagnostics, .. manifest.DuplicateKeys.Select(problem => Duplicate(file, problem))];
        if (decoder.TypeError is { } typeError)
        {
            return new LoadedPolicy(null, "failed decoding: " + typeError, null, [.. diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)]);
        }

        if (policy is null)
        {
            return new LoadedPolicy(null, UnknownVersion("Policy"), strictError, [NoVersion(file, root)]);
        }

        if (manifest.NextDocumentLine > 0)
        {
            diagnostics.Add(new Diagnostic(
                LoadProblem.MoreDocuments, DiagnosticSeverity.Warning, file, manifest.NextDocumentLine, 1,
                "a second document begins here; kube-apiserver reads the first one only and does not say so", "put all rules into one document"));
        }

        IReadOnlyList<(string Message, Diagnostic Diagnostic)> errors = PolicyValidation.Validate(policy, version);
        string? loadError = null;
        if (errors.Count > 0)
        {
            string[] messages = [.. errors.Select(error => error.Message).Distinct(StringComparer.Ordinal)];
            loadError = messages.Length == 1 ? messages[0] : $"[{string.Join(", ", messages)}]";
            diagnostics.AddRange(errors.Select(error => error.Diagnostic));
        }
        else if (policy.Rules.IsEmpty)
        {
            loadError = "loaded illegal policy with 0 rules";
            diagnostics.Add(new Diagnostic(
                LoadProblem.NoRules, DiagnosticSeverity.Error, file, root.Line, root.Column, loadError + "; kube-apiserver does not start", "add rules; '- level: Metadata' alone records everything without bodies"));
        }

        if (version < KubernetesVersion.OldVersionsRemoved && VersionOf(root) is { Value: not (Group + "/v1") } old)
        {
            diagnostics.Add(new Diagnostic(
                LoadProblem.OldVersion, DiagnosticSeverity.Warning, file, old.Line, old.Column, $"{old.Value} is gone in Kubernetes 1.24; that kube-apiserver does not start", "write audit.k8s.io/v1"));
        }

        return new LoadedPolicy(loadError is null ? policy : null, loadError, strictError, [.. diagnostics.OrderBy(diagnostic => diagnostic.Line).ThenBy(diagnostic => diagnostic.Column)]);
    }

    /// <summary>
    /// Finds version and kind (runtime/serializer/json/meta.go: names in any case, last one wins) and refuses what is no policy.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="root">The document.</param>
    /// <param name="version">Version of Kubernetes.</param>
    /// <param name="isInternal">True when there is no version: Kubernetes then takes its internal type, and refuses that in the end.</param>
    private static LoadedPolicy? Interpret(string file, ManifestNode root, KubernetesVersion version, out bool isInternal)
    {
        isInternal = true;
        if (root is not (ManifestMap or ManifestNull))
        {
            const string type = """struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }""";
            return Refuse(
                file, $"failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal {root.Kind} into Go value of type {type}", LoadProblem.WrongKind,
                root.Line, root.Column, $"this is no map but a single {root.Kind}", "an audit policy begins with 'apiVersion: audit.k8s.io/v1'");
        }

        foreach (ManifestMember member in (root as ManifestMap)?.Members ?? [])
        {
            string? field = member.Name.Equals("apiVersion", StringComparison.OrdinalIgnoreCase) ? "apiVersion" : member.Name.Equals("kind", StringComparison.OrdinalIgnoreCase) ? "kind" : null;
            if (field is not null && member.Value is not (ManifestText or ManifestNull))
            {
                return Refuse(
                    file, $"failed decoding: couldn't get version/kind; json parse error: json: cannot unmarshal {member.Value.Kind} into Go struct field .{field} of type string",
                    LoadProblem.WrongKind, member.Value.Line, member.Value.Column, $"{field} is a {member.Value.Kind}, not a text", "write audit.k8s.io/v1 and Policy");
            }
        }

        ManifestText? apiVersion = VersionOf(root);
        ManifestText? kindText = MemberOf(root, "kind");
        string kind = kindText?.Value is { Length: > 0 } named ? named : "Policy";
        string[] parts = (apiVersion?.Value ?? "").Split('/');
        if (parts.Length > 2)
        {
            return Refuse(
                file, $"failed decoding: unexpected GroupVersion string: {apiVersion!.Value}", LoadProblem.WrongKind, apiVersion.Line, apiVersion.Column,
                $"'{apiVersion.Value}' is no apiVersion", "write audit.k8s.io/v1");
        }

        string group = parts.Length == 2 ? parts[0] : "";
        string number = parts[^1];
        if (apiVersion is null || number.Length == 0 && group is "" or Group || group == Group && number == "__internal")
        {
            return kind == "Policy" ? null : Refuse(
                file, $"failed decoding: no kind {GoText.Quote(kind)} is registered for the internal version of group {GoText.Quote(Group)} in scheme {GoText.Quote(Scheme)}",
                LoadProblem.WrongKind, kindText!.Line, kindText.Column, $"kind is {kind}, not Policy, and apiVersion is missing", "write apiVersion: audit.k8s.io/v1 and kind: Policy");
        }

        isInternal = false;
        bool isKnown = group == Group && (number == "v1" || version < KubernetesVersion.OldVersionsRemoved && number is "v1alpha1" or "v1beta1");
        if (isKnown && kind == "Policy")
        {
            return null;
        }

        if (isKnown && s_otherKinds.Contains(kind, StringComparer.Ordinal))
        {
            return Refuse(
                file, $"failed decoding: converting ({number}.{kind}) to (audit.Policy): unknown conversion", LoadProblem.WrongKind, kindText!.Line, kindText.Column,
                $"kind is {kind}, not Policy", "write kind: Policy");
        }

        ManifestText at = isKnown ? kindText! : apiVersion;
        return Refuse(
            file, $"failed decoding: no kind {GoText.Quote(kind)} is registered for version {GoText.Quote(apiVersion.Value)} in scheme {GoText.Quote(Scheme)}", LoadProblem.WrongKind,
            at.Line, at.Column, isKnown ? $"there is no kind {kind}" : $"Kubernetes {version} has no audit policy of version {apiVersion.Value}",
            isKnown ? "write kind: Policy" : "write apiVersion: audit.k8s.io/v1");
    }

    private static ManifestText? VersionOf(ManifestNode root) => MemberOf(root, "apiVersion");

    private static ManifestText? MemberOf(ManifestNode root, string name) =>
        (root as ManifestMap)?.Members.Where(member => member.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(member => member.Value).OfType<ManifestText>().LastOrDefault();

    /// <summary>Kubernetes' text of everything strict that was found.</summary>
    /// <param name="manifest">Has the duplicate keys of YAML.</param>
    /// <param name="decoder">Has the rest.</param>
    /// <param name="internalRoot">The document when it has no version: the internal type has none of the members that a policy file has, but kind and apiVersion.</param>
    private static string? StrictError(Manifest manifest, PolicyDecoder decoder, ManifestMap? internalRoot)
    {
        List<string> errors = [];
        if (manifest.DuplicateKeys.Length > 0)
        {
            errors.Add("yaml: unmarshal errors:\n" + string.Join('\n', manifest.DuplicateKeys.Select(problem => "  " + problem.Message)));
        }

        errors.AddRange(decoder.StrictErrors);
        errors.AddRange((internalRoot?.Members ?? [])
            .Where(member => member.Name is not ("kind" or "apiVersion" or "ObjectMeta" or "Rules" or "OmitStages" or "OmitManagedFields"))
            .Select(member => $"unknown field {GoText.Quote(member.Name)}").Distinct(StringComparer.Ordinal));
        return errors.Count == 0 ? null : "strict decoding error: " + string.Join(", ", errors);
    }

    private static Diagnostic Duplicate(string file, ManifestProblem problem) => new(
        LoadProblem.DuplicateField, DiagnosticSeverity.Warning, file, problem.Line, problem.Column,
        $"yaml: {problem.Message}; kube-apiserver starts and takes the last one", "remove one of them");

    private static string UnknownVersion(string kind) => $"unknown group version field {Group}/__internal, Kind={kind} in policy";

    private static Diagnostic NoVersion(string file, ManifestNode root) => new(
        LoadProblem.WrongKind, DiagnosticSeverity.Error, file, root.Line, root.Column,
        UnknownVersion("Policy") + (root is ManifestNull ? ": the file is empty" : ": apiVersion is missing") + "; kube-apiserver does not start", "begin with 'apiVersion: audit.k8s.io/v1' and 'kind: Policy'");

    private static LoadedPolicy Refuse(string file, string error, string code, int line, int column, string what, string mend) =>
        new(null, error, null, [new Diagnostic(code, DiagnosticSeverity.Error, file, line, column, $"{what}; kube-apiserver does not start", mend)]);
}
