namespace Vedette.Detection.Stateful;

/// <summary>
/// How many bytes stateful detection may take, for all clusters together. Four kinds of what is remembered have a share each; beyond it the holder that has most of it gives up what it would miss least.
/// Bytes are counted as what is packed or written in texts, plus a fixed overhead for each thing that is about what its objects and its places in tables take: what is shared by several is counted for each, so
/// that the count is rather too high. One thread.
/// </summary>
public sealed class StateMemory
{
    /// <summary>Bytes unless said otherwise, which is for the log of one cluster: as many matches wait for order as <see cref="EventOrder"/> takes by their number, even long ones.</summary>
    public const long DefaultBytes = 512L * 1024 * 1024;

    /// <summary>Divides bytes.</summary>
    /// <param name="bytes">Most bytes.</param>
    public StateMemory(long bytes = DefaultBytes)
    {
        Limit = bytes;
        Order = new MemoryShare(bytes / 4);
        Windows = new MemoryShare(bytes * 3 / 8);
        Terms = new MemoryShare(bytes / 4);
        Findings = new MemoryShare(bytes / 8);
    }

    /// <summary>Most bytes.</summary>
    public long Limit { get; }

    /// <summary>Bytes in use, as they are counted.</summary>
    public long Used => Order.Used + Windows.Used + Terms.Used + Findings.Used;

    /// <summary>Matches that wait for their place in order: a quarter. The earliest go on before their time.</summary>
    public MemoryShare Order { get; }

    /// <summary>Windows of correlations: three eighths. Groups unused for longest are forgotten.</summary>
    public MemoryShare Windows { get; }

    /// <summary>Terms, peers and unfinished requests: a quarter. Those unseen for longest are forgotten.</summary>
    public MemoryShare Terms { get; }

    /// <summary>Findings that more can go into, and which requests have findings: an eighth. Those that close first are closed, the oldest requests forgotten.</summary>
    public MemoryShare Findings { get; }

    /// <summary>What a text takes.</summary>
    internal static int SizeOf(string? text) => text is null ? 0 : 24 + (2 * text.Length);

    /// <summary>What packed bytes take.</summary>
    internal static int SizeOf(ReadOnlySpan<byte> packed) => 24 + packed.Length;
}
