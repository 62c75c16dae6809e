using System.Buffers;
using Vedette.Detection.Engine;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>The detectors of all clusters, each made when its first event comes, with one state that is saved and taken up as a whole. One thread.</summary>
/// <param name="rules">The rules.</param>
/// <param name="order">How matches are put in order.</param>
/// <param name="maxClusters">Most clusters.</param>
/// <param name="memory">Most bytes that all of them remember together.</param>
public sealed class ClusterDetectors(CompiledRules rules, EventOrderOptions order, int maxClusters, long memory)
{
    private readonly FacetMemory[] _facets = Candidates.NewMemories(rules.Index);
    private readonly Dictionary<string, StreamDetector> _clusters = new(StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<StreamDetector> All => _clusters.Values;

    /// <summary>What they remember, in bytes.</summary>
    public StateMemory Memory { get; } = new(memory);

    /// <summary>What all of them could not do as they should.</summary>
    public StateStatistics Statistics => _clusters.Values.Aggregate(new StateStatistics(), (sum, detector) => sum + detector.Statistics);

    /// <summary>Place of the first record whose matches are held for order in some cluster; null when none is.</summary>
    public long? HeldFrom => _clusters.Values.Min(detector => detector.HeldFrom);

    /// <summary>The detector of a cluster; null when that is one too many.</summary>
    public StreamDetector? Of(string cluster)
    {
        if (!_clusters.TryGetValue(cluster, out StreamDetector? detector) && _clusters.Count < maxClusters)
        {
            detector = new StreamDetector(rules, cluster, order, Memory, _facets);
            _clusters.Add(cluster, detector);
        }

        return detector;
    }

    /// <summary>On how many events a rule was blind, in all clusters.</summary>
    /// <param name="rule">The rule, by its place.</param>
    public long Blind(int rule) => _clusters.Values.Sum(detector => detector.Evaluator.Blind[rule]);

    /// <summary>Writes everything remembered. Findings must have been taken and stored before.</summary>
    public void Save(IBufferWriter<byte> to)
    {
        PackedWriter writer = new(to);
        writer.Number(StateWriter.Version);
        writer.Number(_clusters.Count);
        foreach (StreamDetector detector in _clusters.Values)
        {
            writer.Text(detector.Cluster);
            detector.Save(to);
        }
    }

    /// <summary>Takes up a saved state; where there are no detectors yet.</summary>
    /// <param name="saved">What <see cref="Save"/> wrote.</param>
    /// <param name="held">By their places in the journal, the records that are to be given to <see cref="StreamDetector.AddHeld"/> before anything else.</param>
    /// <returns>False when it is of another version: all begin anew.</returns>
    /// <exception cref="InvalidDataException">It is damaged; make others.</exception>
    public bool Load(ReadOnlySpan<byte> saved, out SortedDictionary<long, StreamDetector> held)
    {
        held = [];
        PackedReader reader = new(saved);
        if (reader.Number() != StateWriter.Version)
        {
            return false;
        }

        for (int left = reader.Count(); left > 0; left--)
        {
            StreamDetector detector = Of(reader.Text()) ?? throw new InvalidDataException("more clusters than there may be");
            foreach (long sequence in detector.Load(ref reader))
            {
                held[sequence] = detector;
            }
        }

        return reader.Left.IsEmpty ? true : throw new InvalidDataException("something stands behind the saved state");
    }
}
