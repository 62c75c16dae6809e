using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Findings;

/// <summary>
/// Gathers the matches of a scan into findings: the stages of one request are one finding, the same event read twice (from the log and from a webhook's record) counts once, and the result
/// does not depend on the order in which events arrive.
/// </summary>
/// <remarks>
/// Stages are joined on auditID, requestReceivedTimestamp, user, verb and requestURI together: the auditID alone is the client's to choose, and a repeated one must not fold an attack into one
/// finding. An event that lacks auditID or time is never joined with another.
/// </remarks>
/// <param name="cluster">Name of the cluster, for the findings.</param>
/// <param name="maxFindings">Most findings kept; further ones are counted in <see cref="Dropped"/>.</param>
public sealed class FindingCollector(string? cluster = null, int maxFindings = FindingCollector.DefaultMaxFindings)
{
    /// <summary>Most findings kept unless the constructor is told otherwise.</summary>
    public const int DefaultMaxFindings = 1_000_000;

    /// <summary>Most events named in one finding.</summary>
    public const int MaxEvents = 100;

    private readonly Dictionary<UInt128, Entry> _entries = [];

    /// <summary>Number of findings.</summary>
    public int Count => _entries.Count;

    /// <summary>Matches that made no finding because there were too many.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes a match.</summary>
    public void Add(DetectionRule rule, in EventView view) => Add(FindingPart.Of(rule, cluster, view));

    /// <summary>Takes a match that was taken out of its batch.</summary>
    public void Add(FindingPart part)
    {
        if (_entries.TryGetValue(part.Key, out Entry? entry))
        {
            entry.Add(part.Finding.Id, part.Finding);
        }
        else if (_entries.Count == maxFindings)
        {
            Dropped++;
        }
        else
        {
            _entries.Add(part.Key, new Entry(part.Finding.Id, part.Finding, _entries.Count));
        }
    }

    /// <summary>Takes a finding of a stateful rule; one with the id of an earlier one takes its place.</summary>
    public void Add(Finding finding)
    {
        UInt128 key = RequestKey.Of(finding.Rule.Id, finding.Id);
        if (_entries.TryGetValue(key, out Entry? entry))
        {
            _entries[key] = new Entry(finding.Id, finding, entry.Arrival);
        }
        else if (_entries.Count == maxFindings)
        {
            Dropped++;
        }
        else
        {
            _entries.Add(key, new Entry(finding.Id, finding, _entries.Count));
        }
    }

    /// <summary>The findings in order of time; those without one come first, in order of arrival.</summary>
    public ImmutableArray<Finding> ToFindings() =>
        [.. _entries.Values.Select(entry => (Finding: entry.ToFinding(), entry.Arrival)).OrderBy(pair => pair.Finding.Time ?? DateTimeOffset.MinValue)
            .ThenBy(pair => pair.Finding.Rule.Id, StringComparer.Ordinal).ThenBy(pair => pair.Finding.Id, StringComparer.Ordinal).ThenBy(pair => pair.Arrival)
            .Select(pair => pair.Finding)];

    private sealed class Entry(string id, Finding finding, int arrival)
    {
        // Null while there is one: of most requests no more come.
        private List<(string Id, Finding Finding)>? _stages;

        public int Arrival => arrival;

        public void Add(string later, Finding stage)
        {
            _stages ??= [(id, finding)];
            if (_stages.Count < MaxEvents && !_stages.Exists(known => known.Id == later))
            {
                _stages.Add((later, stage));
            }
        }

        /// <summary>The first stage gives identity, the last one that knows it the outcome.</summary>
        public Finding ToFinding()
        {
            if (_stages is null)
            {
                return finding;
            }

            _stages.Sort((left, right) => (left.Finding.Time, StageOrder(left.Finding), left.Id).CompareTo((right.Finding.Time, StageOrder(right.Finding), right.Id)));
            Finding first = _stages[0].Finding;
            if (_stages.Count == 1)
            {
                return first;
            }

            Finding last = _stages.FindLast(stage => stage.Finding.Code is not null).Finding ?? first;
            Finding merged = first with
            {
                Events = [.. _stages.SelectMany(stage => stage.Finding.Events)],
                Code = last.Code,
                Decision = last.Decision ?? first.Decision,
                Target = last.Target ?? first.Target,
            };
            return merged with { Message = FindingMessage.Of(merged) };
        }

        private static int StageOrder(Finding finding) => finding.Events[0].Stage switch
        {
            "RequestReceived" => 0,
            "ResponseStarted" => 1,
            "ResponseComplete" => 2,
            _ => 3,
        };
    }
}
