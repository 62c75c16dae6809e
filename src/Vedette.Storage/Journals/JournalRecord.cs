namespace Vedette.Storage.Journals;

/// <summary>A record of a journal, good until the reader goes on.</summary>
public readonly ref struct JournalRecord
{
    /// <summary>Its place in the journal: 0, 1, 2 … in the order in which records were stored.</summary>
    public required long Sequence { get; init; }

    /// <summary>Its identity.</summary>
    public required UInt128 Identity { get; init; }

    /// <summary>When it was stored, by our clock.</summary>
    public required DateTimeOffset Stored { get; init; }

    /// <summary>What it is and where it came from.</summary>
    public required ReadOnlySpan<byte> Label { get; init; }

    /// <summary>Its bytes.</summary>
    public required ReadOnlySpan<byte> Bytes { get; init; }
}
