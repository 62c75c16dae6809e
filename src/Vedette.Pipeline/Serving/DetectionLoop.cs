using System.Collections.Concurrent;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Vedette.Storage.Threads;

namespace Vedette.Pipeline.Serving;

/// <summary>
/// Follows the journal of events and stores what the rules find. Findings are durable before the place in the journal is; what was evaluated twice because of a crash is stored once, by its id.
/// A disk that takes no findings stops detection, not intake: it goes on where it was when the disk is back.
/// </summary>
public sealed class DetectionLoop : IAsyncDisposable
{
    /// <summary>Name of the snapshot, and of the cursor that keeps events from being removed before they were evaluated.</summary>
    public const string Consumer = "detect";

    /// <summary>Events evaluated before findings are stored.</summary>
    private const int MaxChunk = 2_000;

    // How long what is stored already is evaluated when the server ends; what is left then comes after the next start.
    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly Store _store;
    private readonly DetectionOptions _options;
    private readonly TimeProvider _time;
    private readonly IDetectionObserver _observer;
    private readonly CancellationTokenSource _stop = new();
    private readonly EventDecoder _decoder = new();
    private readonly RecordBatch _findings = new();
    private readonly List<(Finding Finding, bool IsUpdate)> _told = [];
    private readonly SteadyClock _clock;
    private readonly EvaluationSpeed _speed = new();
    private readonly DetectorState _state;
    private readonly Task _following;
    private CompiledRules? _next;
    private byte[] _labelBytes = [];
    private EventLabel? _label;
    private long _position;

    // Ahead of the position by what was evaluated and whose findings are not stored yet.
    private long _evaluated;
    private long _seen;
    private long _lag;
    private DateTimeOffset? _newest;
    private long _newestAt;

    private DetectionLoop(Store store, CompiledRules rules, DetectionOptions options, TimeProvider time, IDetectionObserver observer)
    {
        (_store, _options, _time, _observer) = (store, options, time, observer);
        _clock = new SteadyClock(time);
        _state = new DetectorState(store, rules, options);
        _following = OwnThread.Run("detection", FollowAsync);
    }

    /// <summary>Place of the next event to evaluate.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Place of the first event that is needed: after a crash it goes on from the saved state, and with what had to wait for its order then.</summary>
    public long NeededFrom => _state.NeededFrom;

    /// <summary>How long the event evaluated last had been stored by then.</summary>
    public TimeSpan Lag => new(Interlocked.Read(ref _lag));

    /// <summary>How long it will take to evaluate what is stored already, as fast as that went lately.</summary>
    public TimeSpan Behind => _speed.TimeOf(Math.Max(0, _store.Events.End - Math.Max(Position, Interlocked.Read(ref _evaluated))));

    /// <summary>Events that could not be evaluated: damaged, or of one cluster too many.</summary>
    public long Skipped { get; private set; }

    /// <summary>Why detection does not go on; null when it does.</summary>
    public string? Problem { get; private set; }

    /// <summary>What detection remembers and what it gave up, as of a second ago.</summary>
    public DetectionUse Use => _state.Use;

    /// <summary>How often each rule was blind, by its id, over all clusters since the start.</summary>
    public ConcurrentDictionary<string, long> Blind => _state.Blind;

    /// <summary>Begins where it was left, or at the journal's beginning.</summary>
    /// <param name="store">The store.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="options">Options.</param>
    /// <param name="time">Clock.</param>
    /// <param name="observer">Told what is seen.</param>
    public static DetectionLoop Start(Store store, CompiledRules rules, DetectionOptions options, TimeProvider time, IDetectionObserver observer) => new(store, rules, options, time, observer);

    /// <summary>Goes on with other rules; what is remembered stays, as far as the rules are the same.</summary>
    public void Replace(CompiledRules rules) => Interlocked.Exchange(ref _next, rules);

    /// <summary>Evaluates what is stored already, as far as that goes quickly, saves its state, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _following;
        _findings.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        bool isLoaded = false;
        while (true)
        {
            try
            {
                if (!isLoaded)
                {
                    Load();
                    isLoaded = true;
                }

                await FollowJournalAsync();
                return;
            }
            catch (Exception exception) when (StoreProblem.IsOfDisk(exception) || exception is InvalidDataException)
            {
                // Go on where the last stored finding was: the state in memory has seen what came before.
                Tell($"detection waits: {exception.Message}");
                isLoaded = false;
            }
            catch (Exception exception)
            {
                // A defect of vedette must not end detection unseen: readiness is down, and it is tried again from the saved state.
                Tell($"detection met a defect of vedette and begins again: {exception}");
                isLoaded = false;
            }

            try
            {
                await Task.Delay(s_retry, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task FollowJournalAsync()
    {
        using JournalReader reader = _store.Events.Read(_position, damage => Tell($"{damage.File}: bytes {damage.From} to {damage.To} are damaged; {damage.Records} events cannot be evaluated"));
        await using StateSaving saving = new(_state, _options, _time, _position);
        long counted = _time.GetTimestamp();
        long? stopping = null;
        while (true)
        {
            TakeNextRules();
            long began = _time.GetTimestamp();
            int evaluated = Evaluate(reader, out DateTimeOffset arrival);
            if (evaluated > 0)
            {
                (_newest, _newestAt) = (arrival, _time.GetTimestamp());
                Advance(arrival - _options.Grace);
            }
            else if (!_stop.IsCancellationRequested)
            {
                Advance(Now() - _options.Grace);
            }

            foreach (ToldFinding told in _observer.TakeFindings(_time.GetUtcNow()))
            {
                _told.Add((told.Finding, told.Occasion == ToldOccasion.Update));
            }

            await StoreFindingsAsync();
            Interlocked.Exchange(ref _position, reader.Position);
            _store.Events.Forget(reader.Position);
            if (evaluated > 0)
            {
                _speed.Note(evaluated, _time.GetElapsedTime(began));
            }

            if (_time.GetElapsedTime(counted) >= s_idle)
            {
                counted = _time.GetTimestamp();
                _state.NoteUse();
            }

            stopping = _stop.IsCancellationRequested ? stopping ?? _time.GetTimestamp() : null;
            bool isEnd = stopping is { } since && (evaluated == 0 || _time.GetElapsedTime(since) >= s_drain);
            await saving.GoOnAsync(_position, isEnd);
            if (saving.Problem is { } problem)
            {
                Tell(problem);
            }
            else
            {
                Problem = null;
            }

            if (isEnd)
            {
                return;
            }

            if (evaluated == 0)
            {
                await WaitAsync();
            }
        }
    }

    private async Task WaitAsync()
    {
        using CancellationTokenSource idle = new(s_idle, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(idle.Token, _stop.Token);
        try
        {
            await _store.Events.WaitAsync(_position, either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time to look at the clock, or to end.
        }
    }

    private int Evaluate(JournalReader reader, out DateTimeOffset arrival)
    {
        int events = 0;
        arrival = DateTimeOffset.UnixEpoch;
        while (events < MaxChunk && reader.TryRead(out JournalRecord record))
        {
            events++;
            Interlocked.Exchange(ref _evaluated, record.Sequence);
            bool isNew = record.Sequence >= _seen;
            _seen = Math.Max(_seen, record.Sequence + 1);
            if (LabelOf(record.Label) is not { } label || _decoder.Decode(record.Bytes, out EventView view) != DecodeStatus.Ok || _state.Detectors.Of(label.Cluster) is not { } detector)
            {
                Skipped += isNew ? 1 : 0;
                continue;
            }

            arrival = label.Arrival;
            DateTimeOffset? claimed = EventTime.Of(view);
            detector.Add(view, claimed, label.Source, label.Arrival, record.Sequence);
            if (isNew)
            {
                _observer.OnEvent(view, claimed, label);
            }

            Take(detector);
            if (events == 1)
            {
                Interlocked.Exchange(ref _lag, Math.Max(0, (_time.GetUtcNow() - record.Stored).Ticks));
            }
        }

        if (events == 0)
        {
            Interlocked.Exchange(ref _lag, 0);
        }

        return events;
    }

    /// <summary>Reads a label; the events of one delivery have the same.</summary>
    private EventLabel? LabelOf(ReadOnlySpan<byte> label)
    {
        if (!label.SequenceEqual(_labelBytes))
        {
            _labelBytes = label.ToArray();
            _label = EventLabel.Read(label);
        }

        return _label;
    }

    /// <summary>
    /// Up to when windows may close while nothing comes. A time of day that was set forward counts only once an event has come by it: set back again, it has closed no window before its time.
    /// </summary>
    private DateTimeOffset Now()
    {
        DateTimeOffset timeOfDay = _time.GetUtcNow();
        DateTimeOffset steady = _clock.Now;
        DateTimeOffset sinceLast = _newest is { } newest ? newest + _time.GetElapsedTime(_newestAt) : steady;
        DateTimeOffset latest = sinceLast > steady ? sinceLast : steady;
        return timeOfDay < latest ? timeOfDay : latest;
    }

    private void Advance(DateTimeOffset now)
    {
        foreach (StreamDetector detector in _state.Detectors.All)
        {
            detector.Advance(now);
        }

        // After all have: one that needs room may have made others go on.
        foreach (StreamDetector detector in _state.Detectors.All)
        {
            Take(detector);
        }
    }

    private void Take(StreamDetector detector)
    {
        foreach (ToldFinding told in detector.Take())
        {
            _told.Add((told.Finding, told.Occasion == ToldOccasion.Update));
        }
    }

    /// <summary>Stores what was found, however long that takes.</summary>
    private async Task StoreFindingsAsync()
    {
        if (_told.Count == 0)
        {
            return;
        }

        _findings.Clear();
        foreach ((Finding finding, bool isUpdate) in _told)
        {
            FindingRecord.Add(finding, isUpdate, _findings);
        }

        while (await TryStoreAsync() is { } problem)
        {
            Tell(problem);
            if (_stop.IsCancellationRequested)
            {
                // Not stored, so neither is the place: they are found again at the next start.
                throw new IOException(problem);
            }

            try
            {
                await Task.Delay(s_retry, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                // One last try.
            }
        }

        for (int i = 0; i < _told.Count; i++)
        {
            if (_findings.IsNew(i))
            {
                _observer.OnFinding(_told[i].Finding, _told[i].IsUpdate);
            }
        }

        _told.Clear();
    }

    private async ValueTask<string?> TryStoreAsync()
    {
        if (_observer.Hold is { } hold)
        {
            return $"findings wait: {hold}";
        }

        AppendResult result = await _store.Findings.AppendAsync(_findings, CancellationToken.None);
        return result.IsDurable ? null : $"findings cannot be stored: {result.Problem.Message}";
    }

    private void Tell(string problem)
    {
        if (Problem != problem)
        {
            Problem = problem;
            _observer.OnProblem(problem);
        }
    }

    private void TakeNextRules()
    {
        if (Interlocked.Exchange(ref _next, null) is { } rules)
        {
            _state.Replace(rules);
        }
    }

    /// <summary>State and place as they were saved; where there are none, or they are damaged, from the journal's beginning.</summary>
    private void Load()
    {
        _told.Clear();
        Interlocked.Exchange(ref _evaluated, 0);
        Interlocked.Exchange(ref _position, 0);
        try
        {
            Interlocked.Exchange(ref _position, _state.Load());
        }
        catch (InvalidDataException exception)
        {
            Tell($"the saved state of detection is damaged; everything stored is evaluated again: {exception.Message}");
        }

        _seen = Math.Max(_seen, _position);
    }
}
