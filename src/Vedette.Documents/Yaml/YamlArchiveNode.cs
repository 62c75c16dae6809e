namespace Vedette.Documents.Yaml;

/// <summary>What a node of a <see cref="YamlArchive"/> is.</summary>
internal enum YamlArchiveNode : byte
{
    /// <summary>A scalar without quotes.</summary>
    Plain,

    /// <summary>A scalar in quotes, or a block of text.</summary>
    Quoted,

    /// <summary>A list.</summary>
    Sequence,

    /// <summary>A map.</summary>
    Mapping,
}
