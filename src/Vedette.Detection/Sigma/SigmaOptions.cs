using System.Collections.Immutable;

namespace Vedette.Detection.Sigma;

/// <summary>How Sigma files are read.</summary>
public sealed record SigmaOptions
{
    /// <summary>Values of <c>%name%</c> placeholders for the <c>expand</c> modifier.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Placeholders { get; init; } =
        ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Whether to note where the tests of conditions stand (<see cref="Rules.ConditionPlaces"/>), which nobody needs who only runs rules.</summary>
    public bool NotesPlaces { get; init; } = true;

    /// <summary>What is done to field names; nothing by default.</summary>
    public FieldMapping Mapping { get; init; } = FieldMapping.None;
}
