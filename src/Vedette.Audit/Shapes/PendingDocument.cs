namespace Vedette.Audit.Shapes;

/// <summary>A document that was unwrapped and waits to be read.</summary>
/// <param name="Memory">Its bytes, or null when it stands in the input.</param>
/// <param name="Start">First byte in the input.</param>
/// <param name="Length">Length in the input.</param>
/// <param name="Depth">How many envelopes are around it.</param>
internal readonly record struct PendingDocument(byte[]? Memory, int Start, int Length, int Depth)
{
    /// <summary>A line of a log that may be about anything.</summary>
    public bool IsMessage { get; init; }

    /// <summary>Built by us from a provider's record.</summary>
    public bool IsBuilt { get; init; }
}
