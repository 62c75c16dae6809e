namespace Vedette.Sources.Tailing;

/// <summary>How a source that is read goes. Written by who reads it, read by anybody at any time.</summary>
/// <param name="name">Name of the source.</param>
/// <param name="cluster">Its cluster.</param>
public sealed class SourceStatus(string name, string cluster)
{
    private long _bytes;
    private long _events;
    private long _rejects;
    private long _duplicates;
    private long _others;
    private long _problems;
    private long _gaps;
    private long _files;
    private long _lag;
    private long _lastRead;
    private long _lastEvent;
    private volatile SourceProblem? _problem;
    private volatile SourceProblem? _lastProblem;

    /// <summary>Name of the source.</summary>
    public string Name => name;

    /// <summary>Its cluster.</summary>
    public string Cluster => cluster;

    /// <summary>Files that are there and followed.</summary>
    public long Files => Interlocked.Read(ref _files);

    /// <summary>Bytes read and made durable, decompressed, since the start.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Events in them, those included that were stored before.</summary>
    public long Events => Interlocked.Read(ref _events);

    /// <summary>Events of them that were stored before.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Pieces that were no event.</summary>
    public long Rejects => Interlocked.Read(ref _rejects);

    /// <summary>Records that were about something else, such as another log of the cloud: neither events nor rejects.</summary>
    public long Others => Interlocked.Read(ref _others);

    /// <summary>Bytes that are there and not read yet, as stored.</summary>
    public long LagBytes => Interlocked.Read(ref _lag);

    /// <summary>When bytes were last made durable; null before the first.</summary>
    public DateTimeOffset? LastRead => Time(ref _lastRead);

    /// <summary>The latest time that an event claims; null before the first.</summary>
    public DateTimeOffset? LastEvent => Time(ref _lastEvent);

    /// <summary>What is wrong now; null when nothing is.</summary>
    public SourceProblem? Problem => _problem;

    /// <summary>What was wrong last, also when it is over.</summary>
    public SourceProblem? LastProblem => _lastProblem;

    /// <summary>How often something was wrong since the start.</summary>
    public long Problems => Interlocked.Read(ref _problems);

    /// <summary>Files that were gone before it was known that they had been read to their end.</summary>
    public long Gaps => Interlocked.Read(ref _gaps);

    /// <summary>Says what a chunk held that is durable.</summary>
    /// <param name="events">Events.</param>
    /// <param name="duplicates">Events of them that were stored before.</param>
    /// <param name="rejects">Pieces that were no event.</param>
    /// <param name="others">Records that were about something else.</param>
    /// <param name="lastEvent">The latest time an event claims, where one does.</param>
    public void Stored(long events, long duplicates, long rejects, long others, DateTimeOffset? lastEvent)
    {
        Interlocked.Add(ref _events, events);
        Interlocked.Add(ref _duplicates, duplicates);
        Interlocked.Add(ref _rejects, rejects);
        Interlocked.Add(ref _others, others);
        if (lastEvent is { } time && time.UtcTicks > Interlocked.Read(ref _lastEvent))
        {
            Interlocked.Exchange(ref _lastEvent, time.UtcTicks);
        }
    }

    internal void Read(long bytes, DateTimeOffset now)
    {
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Exchange(ref _lastRead, now.UtcTicks);
    }

    internal void Looked(long files, long lag)
    {
        Interlocked.Exchange(ref _files, files);
        Interlocked.Exchange(ref _lag, lag);
    }

    /// <summary>Says that something is wrong; the same again is counted once.</summary>
    public void Wrong(SourceProblem problem)
    {
        if (_problem?.Message != problem.Message)
        {
            _problem = _lastProblem = problem;
            Interlocked.Increment(ref _problems);
        }
    }

    internal void Gap() => Interlocked.Increment(ref _gaps);

    /// <summary>Says that nothing is wrong any more.</summary>
    public void Well() => _problem = null;

    private static DateTimeOffset? Time(ref long ticks) => Interlocked.Read(ref ticks) is > 0 and var value ? new DateTimeOffset(value, TimeSpan.Zero) : null;
}

/// <summary>What is wrong with a source: it is tried again.</summary>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Since">Since when.</param>
public sealed record SourceProblem(string Message, DateTimeOffset Since);
