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

/// <summary>What an object says by which it may be an operation of a JSON patch.</summary>
internal ref struct PatchOperation
{
    private bool _hasOperation;
    private int _paths;
    private JsonValue _path;

    /// <summary>Looks at a member of the object.</summary>
    public void Add(JsonMember member)
    {
        _hasOperation |= member.NameEquals("op"u8);
        if (member.NameEquals("path"u8))
        {
            _paths++;
            _path = member.Value;
        }
    }

    /// <summary>Is the object an operation, and what does it write to? Where it names several paths, which no reader need agree on, its value is taken for a secret.</summary>
    public readonly bool TryRead(SecretKinds kinds, out PatchTarget target)
    {
        target = PatchTarget.Other;
        if (!_hasOperation || _paths == 0)
        {
            return false;
        }

        target = _paths == 1 && _path.Kind == JsonKind.String ? TargetOf(_path.AsString()!, kinds) : PatchTarget.Secret;
        return true;
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
