using Vedette.Sinks;
using Vedette.Sinks.Routing;
using Vedette.Storage.Journals;

namespace Vedette.Pipeline.Telling;

/// <summary>How telling a receiver goes. Read by any thread; counts only rise, while the program runs.</summary>
public sealed class ReceiverStatus
{
    private static readonly IReadOnlyDictionary<string, long> s_none = new Dictionary<string, long>(StringComparer.Ordinal);

    private readonly Journal _journal;
    private readonly Lock _lock = new();
    private long _next;
    private long _held;
    private long _sent;
    private long _failed;
    private long _refused;
    private long _silenced;
    private long _rateLimited;
    private long _notRouted;
    private long _lost;
    private long _seen = -1;
    private DateTimeOffset? _lastSuccess;
    private DateTimeOffset? _lastErrorTime;
    private string? _lastError;
    private bool _isFailing;

    internal ReceiverStatus(ReceiverSettings receiver, Journal journal, bool isEvents)
    {
        Receiver = receiver.Name;
        Kind = receiver.Sink.Kind;
        Address = receiver.Sink.Address;
        IsEvents = isEvents;
        _journal = journal;
        _next = journal.End;
    }

    /// <summary>Name of the receiver.</summary>
    public string Receiver { get; }

    /// <summary>Its kind, as settings call it.</summary>
    public string Kind { get; }

    /// <summary>Where it is, without path and credentials.</summary>
    public string Address { get; }

    /// <summary>Is this about the events it is forwarded? Else about findings.</summary>
    public bool IsEvents { get; }

    /// <summary>Findings (or events) that are stored and not dealt with yet, those that wait for their group included.</summary>
    public long Lag => Math.Max(0, _journal.End - Interlocked.Read(ref _next)) + Interlocked.Read(ref _held);

    /// <summary>Findings of <see cref="Lag"/> that have been read and wait for their group, their limit's end or the receiver.</summary>
    public long Waiting => Interlocked.Read(ref _held);

    /// <summary>Findings (or events) that the receiver took.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>Attempts that failed and were, or will be, made again.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Findings (or events) that the receiver would not take, each told in the log. They stay in the store.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Findings not told because of a silence.</summary>
    public long Silenced => Interlocked.Read(ref _silenced);

    /// <summary>Findings told only in a summary.</summary>
    public long RateLimited => Interlocked.Read(ref _rateLimited);

    /// <summary>Findings that no route has for this receiver.</summary>
    public long NotRouted => Interlocked.Read(ref _notRouted);

    /// <summary>Findings (or events) that retention removed, or damage took, before they were told.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>When the receiver last took something.</summary>
    public DateTimeOffset? LastSuccess => Read(ref _lastSuccess);

    /// <summary>When an attempt last failed.</summary>
    public DateTimeOffset? LastErrorTime => Read(ref _lastErrorTime);

    /// <summary>Why an attempt last failed; null when none did. Without secrets.</summary>
    public string? LastError => Read(ref _lastError);

    /// <summary>Is it failing now: was the last attempt a failure?</summary>
    public bool IsFailing => Read(ref _isFailing);

    /// <summary>Failures by instance, for receivers that have several.</summary>
    public IReadOnlyDictionary<string, long> InstanceFailures => Instances?.InstanceFailures ?? s_none;

    internal IManyInstances? Instances { get; set; }

    internal void At(long next, int held)
    {
        Interlocked.Exchange(ref _next, next);
        Interlocked.Exchange(ref _held, held);
    }

    /// <summary>Is this looked at for the first time? Asked by one thread.</summary>
    internal bool IsNew(long sequence)
    {
        bool isNew = sequence > _seen;
        _seen = Math.Max(_seen, sequence);
        return isNew;
    }

    internal void CountSent(int number, DateTimeOffset now)
    {
        Interlocked.Add(ref _sent, number);
        lock (_lock)
        {
            _lastSuccess = now;
            _isFailing = false;
        }
    }

    internal void CountFailure(string problem, DateTimeOffset now)
    {
        Interlocked.Increment(ref _failed);
        Fail(problem, now);
    }

    internal void CountRefused(string problem, DateTimeOffset now)
    {
        Interlocked.Increment(ref _refused);
        Fail(problem, now);
    }

    internal void CountSilenced() => Interlocked.Increment(ref _silenced);

    internal void CountRateLimited() => Interlocked.Increment(ref _rateLimited);

    internal void CountNotRouted() => Interlocked.Increment(ref _notRouted);

    internal void CountLost(long number) => Interlocked.Add(ref _lost, number);

    private void Fail(string problem, DateTimeOffset now)
    {
        lock (_lock)
        {
            _lastErrorTime = now;
            _isFailing = true;
            _lastError = problem;
        }
    }

    private T Read<T>(ref T field)
    {
        lock (_lock)
        {
            return field;
        }
    }
}
