namespace Vedette.Audit.Batches;

/// <summary>Where an event or a rejected piece of input stood, so that a person can find it again.</summary>
/// <param name="Source">Name of the file, or <c>-</c> for standard input.</param>
/// <param name="Line">Line of the input on which it starts, from 1.</param>
/// <param name="Item">Index within a document that holds several (EventList, provider envelope), from 0; -1 for a document of its own.</param>
public readonly record struct EventOrigin(string Source, long Line, int Item = -1)
{
    /// <summary><c>file:line</c>, or <c>file:line[item]</c>.</summary>
    public override string ToString() => Item < 0 ? $"{Source}:{Line}" : $"{Source}:{Line}[{Item}]";
}
