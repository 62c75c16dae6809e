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

        JsonValue role = into.Member(WrittenObject.Of(view, into), "roleRef"u8);
        if (into.Member(role, "name"u8) is { Kind: JsonKind.String } name)
        {
            int start = into.BeginText();
            into.Write(into.Member(role, "kind"u8));
            into.Write("/"u8);
            into.Write(name);
            into.AddWritten(start);
        }
    }

    /// <summary>Adds whom a binding names: <c>User/alice</c>, <c>Group/system:authenticated</c>, <c>ServiceAccount/dev/builder</c>.</summary>
    public static void ReadSubjects(in EventView view, FieldResolver into)
    {
        if (!IsBinding(view))
        {
            return;
        }

        foreach (JsonValue subject in into.Member(WrittenObject.Of(view, into), "subjects"u8).Elements())
        {
            JsonValue kind = into.Member(subject, "kind"u8);
            int start = into.BeginText();
            into.Write(kind);
            if (kind.StringEquals("ServiceAccount"u8))
            {
                into.Write("/"u8);
                into.Write(into.Member(subject, "namespace"u8));
            }

            into.Write("/"u8);
            into.Write(into.Member(subject, "name"u8));
            into.AddWritten(start);
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
        foreach (JsonValue rule in into.Member(WrittenObject.Of(view, into), "rules"u8).Elements())
        {
            foreach (JsonValue verb in into.Member(rule, "verbs"u8).Elements())
            {
                foreach (JsonValue url in into.Member(rule, "nonResourceURLs"u8).Elements())
                {
                    if (!TryAdd(verb, default, "url:"u8, url, ref left, into))
                    {
                        return;
                    }
                }

                foreach (JsonValue group in into.Member(rule, "apiGroups"u8).Elements())
                {
                    foreach (JsonValue resource in into.Member(rule, "resources"u8).Elements())
                    {
                        bool isCore = group.Raw.IsEmpty || group.Kind == JsonKind.Null;
                        if (!TryAdd(verb, isCore ? default : group, isCore ? "core/"u8 : "/"u8, resource, ref left, into))
                        {
                            return;
                        }
                    }
                }
            }
        }
    }

    private static bool TryAdd(JsonValue verb, JsonValue group, ReadOnlySpan<byte> between, JsonValue what, ref int left, FieldResolver into)
    {
        if (left-- <= 0)
        {
            into.AddText(TooMany);
            return false;
        }

        int start = into.BeginText();
        into.Write(verb);
        into.Write(" "u8);
        into.Write(group);
        into.Write(between);
        into.Write(what);
        into.AddWritten(start);
        return true;
    }

    private static bool IsResource(in EventView view, ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        JsonValue subresource = view[AuditField.ObjectSubresource];
        JsonValue resource = view[AuditField.ObjectResource];
        return subresource.Raw.IsEmpty && (resource.StringEquals(one) || resource.StringEquals(other));
    }
}
