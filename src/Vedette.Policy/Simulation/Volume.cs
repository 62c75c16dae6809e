namespace Vedette.Policy.Simulation;

/// <summary>Events and their bytes as JSON lines, line ends included.</summary>
public record struct Volume(long Events, long Bytes)
{
    /// <summary>Adds one event.</summary>
    public void Add(long bytes)
    {
        Events++;
        Bytes += bytes;
    }
}

/// <summary>What the log holds of something, and what would be left of it.</summary>
public sealed class Share
{
    private Volume _before;
    private Volume _after;

    /// <summary>In the log.</summary>
    public Volume Before => _before;

    /// <summary>Under the policy.</summary>
    public Volume After => _after;

    internal void AddBefore(long bytes) => _before.Add(bytes);

    internal void AddAfter(long bytes) => _after.Add(bytes);
}
