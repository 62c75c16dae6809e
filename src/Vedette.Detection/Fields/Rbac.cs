using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>What a role grants, and whom a binding gives which role.</summary>
internal static class Rbac
{
    /// <summary>Most grants listed of one role; one that has more gets the further text <see cref="TooMany"/>.</summary>
    public const int MaxGrants = 4096;

    /// <summary>Says that a role has more grants than are listed.</summary>
    public const string TooMany = "vedette:too-many";

    /// <summary>Is the request about a binding?</summary>
    public static bool IsBinding(in EventView view) => IsResource(view, "rolebindings"u8, "clusterrolebindings"u8);

    /// <summary>Is the request about a role?</summary>
    public static bool IsRole(in EventView view) => IsResource(view, "roles"u8, "clusterroles"u8);

    /// <summary>Adds what a binding refers to: <c>ClusterRole/cluster-admin</c>.</summary>
    public static void ReadRole(in EventView view, FieldResolver into)
    {
        if (!IsBinding(view))
        {
            return;
        }

        JsonValue role = WrittenObject.Of(view).Member("roleRef"u8);
        if (role.Member("name"u8) is { Kind: JsonKind.String } name)
        {
            into.AddText($"{role.Member("kind"u8).AsString()}/{name.AsString()}");
        }
    }

    /// <summary>Adds whom a binding names: <c>User/alice</c>, <c>Group/system:authenticated</c>, <c>ServiceAccount/dev/builder</c>.</summary>
    public static void ReadSubjects(in EventView view, FieldResolver into)
    {
        if (!IsBinding(view))
        {
            return;
        }

        foreach (JsonValue subject in WrittenObject.Of(view).Member("subjects"u8).Elements())
        {
            string kind = subject.Member("kind"u8).AsString() ?? "";
            string name = subject.Member("name"u8).AsString() ?? "";
            into.AddText(kind == "ServiceAccount" ? $"{kind}/{subject.Member("namespace"u8).AsString()}/{name}" : $"{kind}/{name}");
        }
    }

    /// <summary>Adds what a role grants: <c>VERB GROUP/RESOURCE</c> or <c>VERB url:PATH</c>, the core group as <c>core</c>, per rule every combination.</summary>
    public static void ReadGrants(in EventView view, FieldResolver into)
    {
        if (!IsRole(view))
        {
            return;
        }

        int left = MaxGrants;
        foreach (JsonValue rule in WrittenObject.Of(view).Member("rules"u8).Elements())
        {
            foreach (JsonValue verb in rule.Member("verbs"u8).Elements())
            {
                foreach (JsonValue url in rule.Member("nonResourceURLs"u8).Elements())
                {
                    if (!TryAdd($"{verb.AsString()} url:{url.AsString()}", ref left, into))
                    {
                        return;
                    }
                }

                foreach (JsonValue group in rule.Member("apiGroups"u8).Elements())
                {
                    foreach (JsonValue resource in rule.Member("resources"u8).Elements())
                    {
                        string groupName = group.AsString() is { Length: > 0 } name ? name : "core";
                        if (!TryAdd($"{verb.AsString()} {groupName}/{resource.AsString()}", ref left, into))
                        {
                            return;
                        }
                    }
                }
            }
        }
    }

    private static bool TryAdd(string grant, ref int left, FieldResolver into)
    {
        into.AddText(left > 0 ? grant : TooMany);
        return left-- > 0;
    }

    private static bool IsResource(in EventView view, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        JsonValue subresource = view[AuditField.ObjectSubresource];
        JsonValue resource = view[AuditField.ObjectResource];
        return subresource.Raw.IsEmpty && (resource.StringEquals(one) || resource.StringEquals(other));
    }
}
