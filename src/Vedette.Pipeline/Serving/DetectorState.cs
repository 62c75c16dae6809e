using System.Buffers;
using System.Collections.Concurrent;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Stateful;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Serving;

/// <summary>
/// The detectors of all clusters with what is on disk of them: saved together with their place in the journal, taken up again with the events whose matches had to wait for their order then, and carried over to
/// other rules. One thread; <see cref="NeededFrom"/>, <see cref="Blind"/> and <see cref="Use"/> may be read from any.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="rules">The rules.</param>
/// <param name="options">Options.</param>
internal sealed class DetectorState(Store store, CompiledRules rules, DetectionOptions options)
{
    private readonly EventDecoder _decoder = new();
    private readonly Dictionary<string, long> _blindBefore = new(StringComparer.Ordinal);
    private CompiledRules _rules = rules;
    private StateStatistics _before = new();
    private DetectionUse _use = new(new StateStatistics(), 0, 0, 0, 0, options.Memory);
    private long _needed;

    /// <summary>The detectors.</summary>
    public ClusterDetectors Detectors { get; private set; } = Begin(rules, options);

    /// <summary>Place of the first event that is needed: after a crash it goes on from the saved state, and with what had to wait for its order then.</summary>
    public long NeededFrom => Interlocked.Read(ref _needed);

    /// <summary>What is remembered and what was given up since the start, when <see cref="NoteUse"/> was last called.</summary>
    public DetectionUse Use => Volatile.Read(ref _use);

    /// <summary>How often each rule was blind, by its id, over all clusters since the start.</summary>
    public ConcurrentDictionary<string, long> Blind { get; } = new(StringComparer.Ordinal);

    /// <summary>Takes up what was saved.</summary>
    /// <returns>Its place in the journal; that of the journal's beginning where nothing was saved, or by another version.</returns>
    /// <exception cref="InvalidDataException">It is damaged: the detectors have seen nothing, and begin with the journal.</exception>
    public long Load()
    {
        _before += Detectors.Statistics;
        Detectors = Begin(_rules, options);
        Interlocked.Exchange(ref _needed, 0);
        foreach ((string rule, long blind) in Blind)
        {
            // Counted up to the saved state, from which it is counted on.
            _blindBefore[rule] = blind;
        }

        try
        {
            if (store.Snapshots.Load(DetectionLoop.Consumer) is { } snapshot && Restore(snapshot.State.Span))
            {
                Interlocked.Exchange(ref _needed, NeededBy(snapshot.Position));
                return snapshot.Position;
            }

            return 0;
        }
        catch (InvalidDataException)
        {
            Detectors = Begin(_rules, options);
            throw;
        }
    }

    /// <summary>
    /// Saves everything as it is now; what takes as long as the disk does goes on beside detection. When the disk does not take it, what is in memory is right all the same: it is saved later, and a crash until
    /// then costs that more is evaluated again.
    /// </summary>
    /// <param name="position">Place of the next event to evaluate.</param>
    /// <returns>Ends when it is durable. Until then nothing may be saved or loaded.</returns>
    /// <exception cref="IOException">It cannot be saved.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be saved.</exception>
    public async Task SaveAsync(long position)
    {
        using StagedFile state = store.Snapshots.Stage(DetectionLoop.Consumer, position, Detectors.Save);
        long needed = NeededBy(position);
        NoteBlind();

        // It must not need detection's own thread to end: that may be busy for as long as events come.
        await Task.Run(() =>
        {
            state.Commit();
            Interlocked.Exchange(ref _needed, needed);
            store.Cursors.Set(DetectionLoop.Consumer, position);
        }).ConfigureAwait(false);
    }

    /// <summary>Goes on with other rules; what is remembered stays, as far as the rules are the same.</summary>
    public void Replace(CompiledRules next)
    {
        ArrayBufferWriter<byte> state = new(64 * 1024);
        Detectors.Save(state);
        NoteBlind(isLast: true);
        _before += Detectors.Statistics;
        _rules = next;
        Detectors = Begin(next, options);
        Restore(state.WrittenSpan);
    }

    /// <summary>Counts anew what is remembered and what was given up.</summary>
    public void NoteUse()
    {
        StateMemory memory = Detectors.Memory;
        Volatile.Write(ref _use, new DetectionUse(_before + Detectors.Statistics, memory.Order.Used, memory.Windows.Used, memory.Terms.Used, memory.Findings.Used, memory.Limit));
    }

    /// <summary>Place of the first event that is needed to take up the state in memory again.</summary>
    private long NeededBy(long position) => Math.Min(position, Detectors.HeldFrom ?? position);

    /// <summary>Counts anew how often each rule was blind: before the rules in use, and with them in all clusters.</summary>
    private void NoteBlind(bool isLast = false)
    {
        for (int rule = 0; rule < _rules.Rules.Length; rule++)
        {
            string id = _rules.Rules[rule].Id;
            long blind = _blindBefore.GetValueOrDefault(id) + Detectors.Blind(rule);
            if (blind > 0)
            {
                Blind[id] = blind;
                if (isLast)
                {
                    _blindBefore[id] = blind;
                }
            }
        }
    }

    private bool Restore(ReadOnlySpan<byte> state)
    {
        bool isRead = Detectors.Load(state, out SortedDictionary<long, StreamDetector> held);
        AddHeld(held);
        return isRead;
    }

    private void AddHeld(SortedDictionary<long, StreamDetector> held)
    {
        if (held.Count == 0)
        {
            return;
        }

        using JournalReader reader = store.Events.Read(held.Keys.First());
        long last = held.Keys.Last();
        while (reader.Position <= last && reader.TryRead(out JournalRecord record))
        {
            if (held.TryGetValue(record.Sequence, out StreamDetector? detector) && EventLabel.Read(record.Label) is { } label
                && _decoder.Decode(record.Bytes, out EventView view) == DecodeStatus.Ok)
            {
                detector.AddHeld(view, label.Source, label.Arrival, record.Sequence);
            }
        }
    }

    private static ClusterDetectors Begin(CompiledRules rules, DetectionOptions options) => new(rules, new EventOrderOptions { Lateness = options.Lateness, MaxHeld = int.MaxValue }, options.MaxClusters, options.Memory);
}
