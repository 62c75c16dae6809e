using Vedette.Audit.Json;

namespace Vedette.Audit.Redaction;

/// <summary>What an operation of a JSON patch (RFC 6902) writes to.</summary>
internal enum PatchTarget
{
    /// <summary>No part that has secrets by its name.</summary>
    Other,

    /// <summary>metadata.</summary>
    Metadata,

    /// <summary>All annotations.</summary>
    Annotations,

    /// <summary>One annotation.</summary>
    Annotation,

    /// <summary>stringData of a Secret.</summary>
    StringData,

    /// <summary>data of a Secret.</summary>
    Data,

    /// <summary>A secret, in Base64.</summary>
    EncodedSecret,

    /// <summary>A secret.</summary>
    Secret,
}

/// <summary>Reads the operations of JSON patches.</summary>
internal static class PatchOperation
{
    /// <summary>Is this object an operation, and what does it write to? Where it names several paths, which no reader need agree on, its value is taken for a secret.</summary>
    public static bool TryRead(JsonValue value, SecretKinds kinds, out PatchTarget target)
    {
        target = PatchTarget.Other;
        int paths = 0;
        bool hasOperation = false;
        foreach (JsonMember member in value.Members())
        {
            hasOperation |= member.NameEquals("op"u8);
            if (member.NameEquals("path"u8))
            {
                paths++;
                target = member.Value.Kind == JsonKind.String ? TargetOf(member.Value.AsString()!, kinds) : PatchTarget.Secret;
            }
        }

        target = paths > 1 ? PatchTarget.Secret : target;
        return hasOperation && paths > 0;
    }

    /// <summary>Reads a JSON pointer (RFC 6901); ~1 and ~0 stand for / and ~.</summary>
    private static PatchTarget TargetOf(string path, SecretKinds kinds)
    {
        string[] parts = path.Split('/');
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = parts[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        }

        if (kinds.HasFlag(SecretKinds.Token) && Is(parts[^1], "token"))
        {
            return PatchTarget.Secret;
        }

        // A path begins with a slash, so the first part is empty.
        return parts switch
        {
            [_, var data] when kinds.HasFlag(SecretKinds.Secret) && Is(data, "data") => PatchTarget.Data,
            [_, var data, ..] when kinds.HasFlag(SecretKinds.Secret) && Is(data, "data") => PatchTarget.EncodedSecret,
            [_, var data] when kinds.HasFlag(SecretKinds.Secret) && Is(data, "stringData") => PatchTarget.StringData,
            [_, var data, ..] when kinds.HasFlag(SecretKinds.Secret) && Is(data, "stringData") => PatchTarget.Secret,
            [.., var metadata] when Is(metadata, "metadata") => PatchTarget.Metadata,
            [.., var metadata, var annotations] when Is(metadata, "metadata") && Is(annotations, "annotations") => PatchTarget.Annotations,
            [.., var metadata, var annotations, _] when Is(metadata, "metadata") && Is(annotations, "annotations") => PatchTarget.Annotation,
            _ => PatchTarget.Other,
        };
    }

    private static bool Is(string part, string name) => part.Equals(name, StringComparison.OrdinalIgnoreCase);
}
