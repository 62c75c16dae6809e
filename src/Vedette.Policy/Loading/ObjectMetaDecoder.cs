using System.Collections.Immutable;
using System.Globalization;
using Vedette.Documents.Manifests;

namespace Vedette.Policy.Loading;

/// <summary>
/// Checks <c>metadata</c> as Kubernetes' decoder does (meta/v1, ObjectMeta): nothing of it matters to a policy, yet a value of the wrong type keeps kube-apiserver from starting.
/// </summary>
internal sealed class ObjectMetaDecoder(PolicyDecoder decoder)
{
    private static readonly ImmutableArray<string> s_meta =
    [
        "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
        "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
    ];

    private static readonly ImmutableArray<string> s_owner = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"];

    private static readonly ImmutableArray<string> s_managed = ["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"];

    /// <summary>Checks it; gives metadata.name.</summary>
    public string Decode(ManifestNode node, PolicyDecoder.Scope scope, string former)
    {
        if (node is not ManifestMap map)
        {
            Expect(node is ManifestNull, node, scope, "v1.ObjectMeta");
            return former;
        }

        string name = former;
        scope = scope with { Struct = "ObjectMeta", Fields = s_meta };
        foreach (ManifestMember member in decoder.Known(map, scope))
        {
            PolicyDecoder.Scope inside = scope.Enter(member.Name);
            ManifestNode value = member.Value;
            switch (member.Name)
            {
                case "creationTimestamp" or "deletionTimestamp":
                    Time(value, inside);
                    break;
                case "generation" or "deletionGracePeriodSeconds":
                    Whole(value, inside);
                    break;
                case "labels" or "annotations":
                    TextMap(value, inside);
                    break;
                case "finalizers":
                    Each(value, inside, "string", (item, at) => Text(item, at));
                    break;
                case "ownerReferences":
                    Each(value, inside, "v1.OwnerReference", (item, at) => Members(item, at, "OwnerReference", s_owner));
                    break;
                case "managedFields":
                    Each(value, inside, "v1.ManagedFieldsEntry", (item, at) => Members(item, at, "ManagedFieldsEntry", s_managed));
                    break;
                default:
                    Text(value, inside, member.Name == "uid" ? "types.UID" : "string");
                    name = member.Name == "name" && value is ManifestText text ? text.Value : name;
                    break;
            }
        }

        return name;
    }

    private void Members(ManifestNode node, PolicyDecoder.Scope scope, string type, ImmutableArray<string> fields)
    {
        if (node is not ManifestMap map)
        {
            Expect(node is ManifestNull, node, scope, "v1." + type);
            return;
        }

        scope = scope with { Struct = type, Fields = fields };
        foreach (ManifestMember member in decoder.Known(map, scope))
        {
            PolicyDecoder.Scope inside = scope.Enter(member.Name);
            switch (member.Name)
            {
                case "controller" or "blockOwnerDeletion":
                    Expect(member.Value is ManifestBoolean or ManifestNull, member.Value, inside, "bool");
                    break;
                case "time":
                    Time(member.Value, inside);
                    break;
                case "fieldsV1":
                    break;
                default:
                    Text(member.Value, inside, member.Name == "uid" ? "types.UID" : member.Name == "operation" ? "v1.ManagedFieldsOperationType" : "string");
                    break;
            }
        }
    }

    private void Each(ManifestNode node, PolicyDecoder.Scope scope, string type, Action<ManifestNode, PolicyDecoder.Scope> check)
    {
        if (node is not ManifestList list)
        {
            Expect(node is ManifestNull, node, scope, "[]" + type);
            return;
        }

        for (int i = 0; i < list.Items.Length; i++)
        {
            check(list.Items[i], scope.At(i));
        }
    }

    private void TextMap(ManifestNode node, PolicyDecoder.Scope scope)
    {
        if (node is not ManifestMap map)
        {
            Expect(node is ManifestNull, node, scope, "map[string]string");
            return;
        }

        scope = scope with { Fields = [.. map.Members.Select(member => member.Name)] };
        foreach (ManifestMember member in decoder.Known(map, scope))
        {
            Text(member.Value, scope);
        }
    }

    private void Text(ManifestNode node, PolicyDecoder.Scope scope, string type = "string") => Expect(node is ManifestText or ManifestNull, node, scope, type);

    private void Whole(ManifestNode node, PolicyDecoder.Scope scope)
    {
        bool fits = node is ManifestNull || node is ManifestNumber number && long.TryParse(number.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        Expect(fits, node, scope, "int64");
    }

    /// <summary>A time of RFC 3339 (meta/v1, Time.UnmarshalJSON).</summary>
    private void Time(ManifestNode node, PolicyDecoder.Scope scope)
    {
        if (node is ManifestText text)
        {
            string[] formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
            if (!(text.Value.EndsWith('Z') || text.Value.LastIndexOfAny(['+', '-']) > 10)
                || !DateTimeOffset.TryParseExact(text.Value, formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
            {
                string quoted = GoText.Quote(text.Value);
                decoder.Fail($"parsing time {quoted} as \"2006-01-02T15:04:05Z07:00\": cannot parse {quoted}", node, scope.Path, "time");
            }
        }
        else if (node is not ManifestNull)
        {
            decoder.Fail($"json: cannot unmarshal {node.Kind} into Go value of type string", node, scope.Path, "string");
        }
    }

    private void Expect(bool fits, ManifestNode node, PolicyDecoder.Scope scope, string type)
    {
        if (!fits)
        {
            decoder.Mismatch(node, scope, type);
        }
    }
}
