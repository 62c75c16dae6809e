using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>One value of a field of the event at hand: a range of the event's bytes or of the resolver's scratch memory.</summary>
internal struct FieldValue
{
    /// <summary>First byte.</summary>
    public int Start;

    /// <summary>Number of bytes.</summary>
    public int Length;

    /// <summary>Where its case-folded text starts in scratch memory; -1 before anybody asked.</summary>
    public int FoldedStart;

    /// <summary>Length of the folded text.</summary>
    public int FoldedLength;

    /// <summary>What it is.</summary>
    public JsonKind Kind;

    /// <summary>True when the range lies in scratch memory.</summary>
    public bool InScratch;

    /// <summary>True when the range is the value's text: escapes resolved, objects compact.</summary>
    public bool IsText;
}
