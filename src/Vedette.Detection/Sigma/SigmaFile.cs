using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>A file of Sigma documents.</summary>
public sealed class SigmaFile
{
    private readonly Lazy<string> _text;
    private readonly Func<ImmutableArray<YamlNode>>? _documents;

    /// <summary>A file that is to be read.</summary>
    /// <param name="name">Name for messages.</param>
    /// <param name="text">Its YAML text.</param>
    public SigmaFile(string name, string text)
        : this(name, null, () => text)
    {
    }

    /// <summary>A file whose text is had when it is needed.</summary>
    /// <param name="name">Name for messages.</param>
    /// <param name="documents">Gives its documents, where it was read before and there is nothing to say against it, neither as YAML nor as rules; null: they are read from the text.</param>
    /// <param name="text">Gives its YAML text, asked for at most once.</param>
    public SigmaFile(string name, Func<ImmutableArray<YamlNode>>? documents, Func<string> text)
    {
        Name = name;
        _documents = documents;
        _text = new Lazy<string>(text);
    }

    /// <summary>Name for messages.</summary>
    public string Name { get; }

    /// <summary>Its YAML text.</summary>
    public string Text => _text.Value;

    /// <summary>True when it was read before and there is nothing to say against it.</summary>
    internal bool IsKnown => _documents is not null;

    /// <summary>Its documents.</summary>
    /// <param name="diagnostics">Takes what is wrong with it as YAML.</param>
    internal ImmutableArray<YamlNode> Read(ICollection<Diagnostic> diagnostics) => _documents?.Invoke() ?? YamlReader.Read(Name, Text, diagnostics);
}
