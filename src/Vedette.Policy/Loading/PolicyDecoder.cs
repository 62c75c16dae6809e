using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Documents.Manifests;
using Vedette.Policy.Model;

namespace Vedette.Policy.Loading;

/// <summary>
/// Makes a policy of a manifest as Kubernetes' JSON decoder does (sigs.k8s.io/json, UnmarshalStrict): the first wrong type is the error, unknown and duplicate members are strict errors, null leaves
/// texts and switches alone and empties lists, and a duplicate list in JSON is decoded over the elements of the first.
/// </summary>
internal sealed class PolicyDecoder(string file, KubernetesVersion version)
{
    /// <summary>Most strict errors kept (sigs.k8s.io/json, decode.go).</summary>
    private const int MaxStrictErrors = 100;

    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<DroppedField> _dropped = [];

    /// <summary>Strict errors in the decoder's order.</summary>
    public List<string> StrictErrors { get; } = [];

    /// <summary>What there is to tell about strict errors and the type error.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>The first value of a wrong type, in Go's words; null when there is none.</summary>
    public string? TypeError { get; private set; }

    /// <summary>Decodes the policy. With a <see cref="TypeError"/> the result is of no use.</summary>
    public AuditPolicy Decode(ManifestMap root)
    {
        PolicyDraft draft = new();
        Scope scope = new("Policy", "", "", PolicyFields.OfPolicy, null);
        foreach (ManifestMember member in Known(root, scope))
        {
            Scope inside = scope.Enter(member.Name);
            switch (member.Name)
            {
                case "metadata":
                    draft.Name = new ObjectMetaDecoder(this).Decode(member.Value, inside, draft.Name);
                    break;
                case "rules":
                    DecodeList(draft.Rules, member.Value, inside, "v1.PolicyRule", () => new RuleDraft(), DecodeRule);
                    break;
                case "omitStages":
                    draft.OmitStages = DecodeTexts(draft.OmitStages, member, inside, "v1.Stage");
                    break;
                case "omitManagedFields":
                    draft.OmitManagedFields = DecodeSwitch(draft.OmitManagedFields, member.Value, inside);
                    break;
            }
        }

        return new AuditPolicy
        {
            File = file,
            Name = draft.Name,
            Rules = [.. draft.Rules.Select((rule, index) => rule.ToRule(index))],
            OmitStages = draft.OmitStages,
            OmitManagedFields = draft.OmitManagedFields,
            DroppedFields = [.. _dropped],
        };
    }

    internal void Mismatch(ManifestNode node, Scope scope, string type) =>
        Fail($"json: cannot unmarshal {node.Kind} into Go struct field {scope.Struct}.{scope.TypePath} of type {type}", node, scope.Path, type);

    internal void Fail(string message, ManifestNode node, string path, string type)
    {
        if (TypeError is null)
        {
            TypeError = message;
            Diagnostics.Add(new Diagnostic(
                LoadProblem.WrongType, DiagnosticSeverity.Error, file, node.Line, node.Column, $"{path}: {message}; kube-apiserver does not start", MendType(node, type)));
        }
    }

    /// <summary>The members that the scope knows; the others are strict errors, as are those that come again.</summary>
    internal IEnumerable<ManifestMember> Known(ManifestMap map, Scope scope)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (ManifestMember member in map.Members)
        {
            string path = scope.Path.Length == 0 ? member.Name : $"{scope.Path}.{member.Name}";
            if (!scope.Fields.Contains(member.Name, StringComparer.Ordinal) || member.Name == "omitManagedFields" && version < KubernetesVersion.OmitManagedFields)
            {
                Strict(
                    $"unknown field {GoText.Quote(path)}", LoadProblem.UnknownField, member, PolicyFields.Consequence(member.Name, scope.Fields, scope.Rule),
                    PolicyFields.Mend(member.Name, scope.Fields));
                _dropped.Add(new DroppedField(path, member.Name, scope.Rule, scope.Fields == PolicyFields.OfResources, member.Line, member.Column));
                continue;
            }

            if (!names.Add(member.Name))
            {
                Strict($"duplicate field {GoText.Quote(path)}", LoadProblem.DuplicateField, member, "kube-apiserver starts and takes the last one", "remove one of them");
            }

            yield return member;
        }
    }

    private void Strict(string message, string code, ManifestMember member, string consequence, string mend)
    {
        if (StrictErrors.Count < MaxStrictErrors && _seen.Add(message))
        {
            StrictErrors.Add(message);
            Diagnostics.Add(new Diagnostic(code, DiagnosticSeverity.Warning, file, member.Line, member.Column, $"{message}; {consequence}", mend));
        }
    }

    private void DecodeRule(RuleDraft draft, ManifestNode node, Scope scope)
    {
        draft.Line = node.Line;
        draft.Column = node.Column;
        if (node is ManifestNull)
        {
            return;
        }

        if (node is not ManifestMap map)
        {
            Mismatch(node, scope, "v1.PolicyRule");
            return;
        }

        scope = scope with { Struct = "PolicyRule", Fields = PolicyFields.OfRule };
        foreach (ManifestMember member in Known(map, scope))
        {
            Scope inside = scope.Enter(member.Name);
            switch (member.Name)
            {
                case "level":
                    draft.Level = DecodeText(draft.Level, member.Value, inside, "v1.Level");
                    break;
                case "users":
                    draft.Users = DecodeTexts(draft.Users, member, inside, "string");
                    break;
                case "userGroups":
                    draft.UserGroups = DecodeTexts(draft.UserGroups, member, inside, "string");
                    break;
                case "verbs":
                    draft.Verbs = DecodeTexts(draft.Verbs, member, inside, "string");
                    break;
                case "resources":
                    draft.ResourcesPlace = (member.Line, member.Column);
                    DecodeList(draft.Resources, member.Value, inside, "v1.GroupResources", () => new ResourcesDraft(), DecodeResources);
                    break;
                case "namespaces":
                    draft.Namespaces = DecodeTexts(draft.Namespaces, member, inside, "string");
                    break;
                case "nonResourceURLs":
                    draft.NonResourceUrls = DecodeTexts(draft.NonResourceUrls, member, inside, "string");
                    break;
                case "omitStages":
                    draft.OmitStages = DecodeTexts(draft.OmitStages, member, inside, "v1.Stage");
                    break;
                case "omitManagedFields":
                    // A pointer in Go, so null takes it back.
                    draft.OmitManagedFields = member.Value is ManifestNull ? null : DecodeSwitch(draft.OmitManagedFields, member.Value, inside);
                    break;
            }
        }
    }

    private void DecodeResources(ResourcesDraft draft, ManifestNode node, Scope scope)
    {
        draft.Line = node.Line;
        draft.Column = node.Column;
        if (node is ManifestNull)
        {
            return;
        }

        if (node is not ManifestMap map)
        {
            Mismatch(node, scope, "v1.GroupResources");
            return;
        }

        scope = scope with { Struct = "GroupResources", Fields = PolicyFields.OfResources };
        foreach (ManifestMember member in Known(map, scope))
        {
            Scope inside = scope.Enter(member.Name);
            switch (member.Name)
            {
                case "group":
                    draft.Group = DecodeText(draft.Group, member.Value, inside, "string");
                    break;
                case "resources":
                    draft.Resources = DecodeTexts(draft.Resources, member, inside, "string");
                    break;
                case "resourceNames":
                    draft.ResourceNames = DecodeTexts(draft.ResourceNames, member, inside, "string");
                    break;
            }
        }
    }

    private void DecodeList<T>(List<T> into, ManifestNode node, Scope scope, string type, Func<T> create, Action<T, ManifestNode, Scope> decode)
    {
        switch (node)
        {
            case ManifestNull:
                into.Clear();
                break;
            case ManifestList list:
                for (int i = 0; i < list.Items.Length; i++)
                {
                    if (i == into.Count)
                    {
                        into.Add(create());
                    }

                    decode(into[i], list.Items[i], scope.At(i));
                }

                into.RemoveRange(list.Items.Length, into.Count - list.Items.Length);
                break;
            default:
                Mismatch(node, scope, "[]" + type);
                break;
        }
    }

    private PolicyList DecodeTexts(PolicyList former, ManifestMember member, Scope scope, string type)
    {
        switch (member.Value)
        {
            case ManifestNull:
                return PolicyList.Absent;
            case ManifestList list:
                ImmutableArray<PolicyText>.Builder items = ImmutableArray.CreateBuilder<PolicyText>(list.Items.Length);
                for (int i = 0; i < list.Items.Length; i++)
                {
                    PolicyText before = i < former.Items.Length ? former.Items[i] : new PolicyText("", list.Items[i].Line, list.Items[i].Column);
                    items.Add(DecodeText(before, list.Items[i], scope.At(i), type));
                }

                return new PolicyList(items.MoveToImmutable(), member.Line, member.Column);
            default:
                Mismatch(member.Value, scope, "[]" + type);
                return former;
        }
    }

    private PolicyText DecodeText(PolicyText former, ManifestNode node, Scope scope, string type)
    {
        switch (node)
        {
            case ManifestText text:
                return new PolicyText(text.Value, text.Line, text.Column);
            case ManifestNull:
                return former with { Line = node.Line, Column = node.Column };
            default:
                Mismatch(node, scope, type);
                return former;
        }
    }

    private PolicySwitch? DecodeSwitch(PolicySwitch? former, ManifestNode node, Scope scope)
    {
        switch (node)
        {
            case ManifestBoolean truth:
                return new PolicySwitch(truth.Value, truth.Line, truth.Column);
            case ManifestNull:
                return former;
            default:
                Mismatch(node, scope, "bool");
                return former;
        }
    }

    private static string MendType(ManifestNode node, string type) => type switch
    {
        _ when type.StartsWith("[]", StringComparison.Ordinal) => "write a list, [a, b] or a line with '- ' for each item",
        "bool" => "write true or false, without quotes",
        "string" or "v1.Level" or "v1.Stage" when node is ManifestBoolean or ManifestNumber => "put it in quotes: YAML takes it for a " + (node is ManifestNumber ? "number" : "boolean"),
        "string" or "v1.Level" or "v1.Stage" => "write a single text",
        _ => "write a map, 'name: value' on lines of their own",
    };

    /// <summary>Where the decoder is: for Go's errors, for strict errors, and which members it knows.</summary>
    internal readonly record struct Scope(string Struct, string TypePath, string Path, ImmutableArray<string> Fields, int? Rule)
    {
        public Scope Enter(string name) => this with
        {
            TypePath = TypePath.Length == 0 ? name : $"{TypePath}.{name}",
            Path = Path.Length == 0 ? name : $"{Path}.{name}",
        };

        public Scope At(int index) => this with { Path = $"{Path}[{index}]", Rule = Rule ?? (Path == "rules" ? index : null) };
    }

    private sealed class PolicyDraft
    {
        public string Name { get; set; } = "";

        public List<RuleDraft> Rules { get; } = [];

        public PolicyList OmitStages { get; set; } = PolicyList.Absent;

        public PolicySwitch? OmitManagedFields { get; set; }
    }

    private sealed class RuleDraft
    {
        public int Line { get; set; }

        public int Column { get; set; }

        public PolicyText Level { get; set; } = new("", 0, 0);

        public PolicyList Users { get; set; } = PolicyList.Absent;

        public PolicyList UserGroups { get; set; } = PolicyList.Absent;

        public PolicyList Verbs { get; set; } = PolicyList.Absent;

        public List<ResourcesDraft> Resources { get; } = [];

        public (int Line, int Column) ResourcesPlace { get; set; }

        public PolicyList Namespaces { get; set; } = PolicyList.Absent;

        public PolicyList NonResourceUrls { get; set; } = PolicyList.Absent;

        public PolicyList OmitStages { get; set; } = PolicyList.Absent;

        public PolicySwitch? OmitManagedFields { get; set; }

        public PolicyRule ToRule(int index) => new()
        {
            Index = index,
            Line = Line,
            Column = Column,
            LevelText = Level.Line == 0 ? Level with { Line = Line, Column = Column } : Level,
            Level = PolicyValidation.LevelNamed(Level.Value) ?? AuditLevel.None,
            Users = Users,
            UserGroups = UserGroups,
            Verbs = Verbs,
            Resources = [.. Resources.Select(entry => new GroupResources(
                entry.Group.Line == 0 ? entry.Group with { Line = entry.Line, Column = entry.Column } : entry.Group, entry.Resources, entry.ResourceNames, entry.Line, entry.Column))],
            ResourcesPlace = ResourcesPlace,
            Namespaces = Namespaces,
            NonResourceUrls = NonResourceUrls,
            OmitStages = OmitStages,
            OmitManagedFields = OmitManagedFields,
        };
    }

    private sealed class ResourcesDraft
    {
        public int Line { get; set; }

        public int Column { get; set; }

        public PolicyText Group { get; set; } = new("", 0, 0);

        public PolicyList Resources { get; set; } = PolicyList.Absent;

        public PolicyList ResourceNames { get; set; } = PolicyList.Absent;
    }
}
