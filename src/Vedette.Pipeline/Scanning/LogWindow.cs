using System.Runtime.ExceptionServices;
using Vedette.Audit.Batches;
using Vedette.Audit.Shapes;
using Vedette.Detection.Engine;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Stateful;

namespace Vedette.Pipeline.Scanning;

/// <summary>
/// A piece of an input that ends with a line, on its way to a worker and back: its bytes, and what the worker made of them. One owner at a time: who reads the input, then a worker, and when
/// <see cref="Wait"/> returns who reads the input again.
/// </summary>
/// <param name="capacity">Bytes for which there is room from the beginning: a window that grows while it is filled is copied, and leaves memory behind that was touched for nothing.</param>
internal sealed class LogWindow(int capacity) : IDisposable
{
    private readonly ManualResetEventSlim _done = new(initialState: false, spinCount: 0);

    /// <summary>The bytes.</summary>
    public EventBatch Batch { get; } = new(capacity);

    /// <summary>Name of the input.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Bytes of the input before it.</summary>
    public long Start { get; private set; }

    /// <summary>Line ends of the input before it.</summary>
    public long LinesBefore { get; private set; }

    /// <summary>Line ends in it.</summary>
    public long Lines { get; private set; }

    /// <summary>True when the input ends with it.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>True when its events only teach what is not new.</summary>
    public bool IsLearning { get; private set; }

    /// <summary>True when it ends with a line end. No worker looks at one that does not, unless the input ends there too.</summary>
    public bool EndsLine => Batch.Input is [.., (byte)'\n'];

    /// <summary>True when what follows holds whatever stands before it; see <see cref="AuditLogReader.StandsAlone"/>.</summary>
    public bool StandsAlone { get; set; }

    /// <summary>Events in it.</summary>
    public long Events { get; set; }

    /// <summary>When they were.</summary>
    public EventPeriod Period { get; private set; } = new();

    /// <summary>Those of them that rules matched, in order.</summary>
    public List<MatchedEvent> Matches { get; } = [];

    /// <summary>What the matches keep of their events.</summary>
    public MatchRoom Room { get; } = new();

    /// <summary>Matches that only say that a term was seen again.</summary>
    public List<TermRepeat> Repeats { get; } = [];

    /// <summary>What the worker remembered of the windows before it and of this one.</summary>
    public WorkerMemory Memory { get; set; } = new();

    /// <summary>What gave no event, in order.</summary>
    public List<RejectedPiece> Rejects { get; } = [];

    /// <summary>How often each rule matched and was blind; before a worker has had it, what the one before left.</summary>
    public RuleCounts? Counts { get; set; }

    /// <summary>Time of the earliest event, where that matters.</summary>
    public DateTimeOffset? Earliest { get; set; }

    /// <summary>What went wrong.</summary>
    public ExceptionDispatchInfo? Failure { get; set; }

    /// <summary>Places it in its input, once its bytes are there.</summary>
    public void Place(string source, long start, long linesBefore, bool isFinal, bool isLearning)
    {
        Source = source;
        Start = start;
        LinesBefore = linesBefore;
        Lines = Batch.Input.Count((byte)'\n');
        IsFinal = isFinal;
        IsLearning = isLearning;
    }

    /// <summary>Gives it back to who reads the input.</summary>
    public void Complete() => _done.Set();

    /// <summary>Waits until the worker is done with it.</summary>
    public void Wait(CancellationToken cancellation) => _done.Wait(cancellation);

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        Batch.Reset(Batch.InputLength);
        StandsAlone = false;
        Memory = new WorkerMemory();
        Events = 0;
        Period = new EventPeriod();
        Matches.Clear();
        Room.Clear();
        Repeats.Clear();
        Rejects.Clear();
        Earliest = null;
        Failure = null;
        _done.Reset();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Batch.Dispose();
        _done.Dispose();
    }
}

/// <summary>A piece of input that gave no event.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Origin">Where it stood.</param>
/// <param name="Content">Its bytes; empty when nobody keeps them.</param>
internal readonly record struct RejectedPiece(RejectReason Reason, EventOrigin Origin, byte[] Content);
