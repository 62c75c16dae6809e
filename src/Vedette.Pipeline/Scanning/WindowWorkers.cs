using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Detection.Engine;
using Vedette.Detection.Stateful;

namespace Vedette.Pipeline.Scanning;

/// <summary>
/// Threads that read the events of windows and evaluate rules on them, each with a reader and an evaluator of its own. A thread starts when there is a window for it. Disposing ends them: what
/// waits is given back unread.
/// </summary>
internal sealed class WindowWorkers : IDisposable
{
    private readonly BlockingCollection<LogWindow> _waiting = [];
    private readonly List<Thread> _threads = [];
    private readonly SharedFacets _facets;
    private readonly ScanOptions _options;
    private volatile bool _isEnding;

    /// <summary>Workers for a scan; none runs yet.</summary>
    public WindowWorkers(CompiledRules rules, ScanOptions options)
    {
        _facets = new SharedFacets(rules);
        _options = options;
    }

    /// <summary>Takes a window; <see cref="LogWindow.Wait"/> says when it is done. Who gives windows bounds how many wait.</summary>
    public void Add(LogWindow window)
    {
        if (_threads.Count < _options.Threads)
        {
            Thread thread = new(Work) { IsBackground = true, Name = "scan" };
            _threads.Add(thread);
            thread.Start();
        }

        _waiting.Add(window);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _isEnding = true;
        _waiting.CompleteAdding();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        _waiting.Dispose();
    }

    private void Work()
    {
        EventMatcher matcher = new(_facets, _options.Cluster);
        WorkerMemory memory = new();
        foreach (LogWindow window in _waiting.GetConsumingEnumerable())
        {
            if (memory.IsVoid)
            {
                matcher.ForgetTerms();
                memory = new WorkerMemory();
            }

            window.Memory = memory;
            try
            {
                Read(window, matcher);
            }
            catch (Exception exception)
            {
                // Thrown again by who reads the input, when it comes to this window.
                window.Failure = ExceptionDispatchInfo.Capture(exception);
            }

            window.Complete();
        }
    }

    private void Read(LogWindow window, EventMatcher matcher)
    {
        RejectLog rejects = new((reason, origin, content) => window.Rejects.Add(new RejectedPiece(reason, origin, _options.Rejects is null ? [] : content.ToArray())));
        AuditLogReader reader = new(window.Source, rejects);
        reader.Skip(window.Start, window.LinesBefore);
        reader.Begin(window.Batch, window.IsFinal);
        matcher.Begin();
        while (!_isEnding && !reader.LookedAhead && reader.TryRead(out EventView view))
        {
            window.Events++;
            window.Period.Add(view);
            if (matcher.TryMatch(view, window.IsLearning, arrival: null, out MatchedEvent matched, window.Room))
            {
                window.Matches.Add(matched);
            }
        }

        window.Repeats.AddRange(matcher.Repeats);
        matcher.Repeats.Clear();
        window.StandsAlone = reader.StandsAlone;
        window.Earliest = matcher.Earliest;
        window.Counts = matcher.Evaluator.TakeCounts(window.Counts);
    }
}
