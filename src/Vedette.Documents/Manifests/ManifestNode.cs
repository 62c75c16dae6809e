using System.Collections.Immutable;

namespace Vedette.Documents.Manifests;

/// <summary>A value of a manifest as Kubernetes sees it once YAML has become JSON, with its place in the text.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public abstract record ManifestNode(int Line, int Column)
{
    /// <summary>What Go's JSON decoder calls the kind in its errors: string, number, bool, array, object or null.</summary>
    public abstract string Kind { get; }
}

/// <summary>null, <c>~</c> or nothing at all.</summary>
public sealed record ManifestNull(int Line, int Column) : ManifestNode(Line, Column)
{
    /// <inheritdoc />
    public override string Kind => "null";
}

/// <summary>A boolean; in YAML <c>yes</c>, <c>off</c>, <c>y</c> and their like too.</summary>
public sealed record ManifestBoolean(bool Value, int Line, int Column) : ManifestNode(Line, Column)
{
    /// <inheritdoc />
    public override string Kind => "bool";
}

/// <summary>A number as written.</summary>
public sealed record ManifestNumber(string Text, int Line, int Column) : ManifestNode(Line, Column)
{
    /// <inheritdoc />
    public override string Kind => "number";
}

/// <summary>A text.</summary>
public sealed record ManifestText(string Value, int Line, int Column) : ManifestNode(Line, Column)
{
    /// <inheritdoc />
    public override string Kind => "string";
}

/// <summary>A list.</summary>
public sealed record ManifestList(ImmutableArray<ManifestNode> Items, int Line, int Column) : ManifestNode(Line, Column)
{
    /// <inheritdoc />
    public override string Kind => "array";
}

/// <summary>
/// An object. From JSON: its members as written, duplicates included. From YAML: duplicates and merge keys resolved and the names in order, since Kubernetes turns YAML into JSON by way of a map.
/// </summary>
public sealed record ManifestMap(ImmutableArray<ManifestMember> Members, int Line, int Column) : ManifestNode(Line, Column)
{
    /// <inheritdoc />
    public override string Kind => "object";
}

/// <summary>A member of an object; the place is its name's.</summary>
public sealed record ManifestMember(string Name, ManifestNode Value, int Line, int Column);
