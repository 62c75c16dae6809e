namespace Vedette.Sources.Tailing;

/// <summary>What following files may cost. All of it is per source.</summary>
internal sealed record TailLimits
{
    /// <summary>Bytes kept of a line that is too long.</summary>
    public const int MaxTooLongKept = 64 * 1024;

    /// <summary>Bytes read at once, and so before what was read is durable; more for a line that is longer.</summary>
    public int MaxChunkLength { get; init; } = 2 * 1024 * 1024;

    /// <summary>Longest line.</summary>
    public int MaxLineLength { get; init; } = FileTail.MaxLineLength;

    /// <summary>Most logs; what comes beyond is not read, and told.</summary>
    public int MaxLogs { get; init; } = FileTail.MaxLogs;

    /// <summary>Most files of one log.</summary>
    public int MaxFiles { get; init; } = FileTail.MaxFiles;
}
