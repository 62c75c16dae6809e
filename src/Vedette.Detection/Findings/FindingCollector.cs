using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vedette.Audit.Events;
using Vedette.Detection.Packing;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;

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

    /// <summary>Findings that one thread makes at a time.</summary>
    private const int Together = 256;

    private readonly Dictionary<UInt128, int> _places = [];
    private readonly List<Entry> _entries = [];
    private readonly PackedPieces _pieces = new();
    private readonly List<DetectionRule> _rules = [];
    private readonly Dictionary<DetectionRule, int> _ruleNumbers = new(ReferenceEqualityComparer.Instance);
    private readonly List<Stages> _made = [];

    /// <summary>Most findings kept.</summary>
    internal int MaxFindings => maxFindings;

    /// <summary>Number of findings.</summary>
    public int Count => _entries.Count;

    /// <summary>Matches that made no finding because there were too many.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes a match.</summary>
    public void Add(DetectionRule rule, in EventView view) => Add(FindingPart.Of(rule, cluster, view));

    /// <summary>Takes a match that was taken out of its batch; one that is in a room is copied.</summary>
    public void Add(in FindingPart part)
    {
        if (!TryFind(part.Key, out int place))
        {
            if (place >= 0)
            {
                _entries.Add(part.IsPacked ? Pack(part) : Keep(part.Finding));
            }

            return;
        }

        if (_entries[place] is { IsPacked: true } packed)
        {
            if (part.IsPacked && part.Evidence.Content.SequenceEqual(EvidenceOf(packed).Content))
            {
                // The same event once more.
                return;
            }

            _entries[place] = Keep(ToFinding(packed));
        }

        _made[_entries[place].Made].Add(part.Finding);
    }

    /// <summary>Takes a finding of a stateful rule; one with the id of an earlier one takes its place.</summary>
    public void Add(Finding finding)
    {
        if (TryFind(RequestKey.Of(finding.Rule.Id, finding.Id), out int place))
        {
            if (_entries[place] is { IsPacked: false, Made: var made })
            {
                _made[made] = new Stages(finding);
            }
            else
            {
                _entries[place] = Keep(finding);
            }
        }
        else if (place >= 0)
        {
            _entries.Add(Keep(finding));
        }
    }

    /// <summary>The findings in order of time; those without one come first, in order of arrival.</summary>
    /// <param name="threads">Threads that make them.</param>
    public ImmutableArray<Finding> ToFindings(int threads = 1)
    {
        Finding[] findings = new Finding[_entries.Count];
        ThreadTeam.ForEach(threads, (findings.Length + Together - 1) / Together, part =>
        {
            for (int i = part * Together; i < Math.Min(findings.Length, (part + 1) * Together); i++)
            {
                findings[i] = _entries[i] is { IsPacked: true } packed ? ToFinding(packed) : _made[_entries[i].Made].ToFinding();
            }
        });
        int[] arrival = [.. Enumerable.Range(0, findings.Length)];
        Array.Sort(arrival, (x, y) => Compare(findings[x], findings[y]) is var order && order != 0 ? order : x.CompareTo(y));
        return [.. arrival.Select(place => findings[place])];
    }

    private static int Compare(Finding x, Finding y) =>
        (x.Time ?? DateTimeOffset.MinValue).CompareTo(y.Time ?? DateTimeOffset.MinValue) is var time && time != 0 ? time
            : string.CompareOrdinal(x.Rule.Id, y.Rule.Id) is var rule && rule != 0 ? rule
            : string.CompareOrdinal(x.Id, y.Id);

    /// <summary>Finds what has this key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="place">Its place; where there is none, the place of what is to be added now, or -1 when that is too much.</param>
    private bool TryFind(UInt128 key, out int place)
    {
        if (_entries.Count == maxFindings)
        {
            bool isThere = _places.TryGetValue(key, out place);
            place = isThere ? place : -1;
            Dropped += isThere ? 0 : 1;
            return isThere;
        }

        ref int found = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, key, out bool isKnown);
        if (!isKnown)
        {
            found = _entries.Count;
        }

        place = found;
        return isKnown;
    }

    private Entry Keep(Finding finding)
    {
        _made.Add(new Stages(finding));
        return new Entry(_made.Count - 1);
    }

    private Entry Pack(in FindingPart part)
    {
        ref int rule = ref CollectionsMarshal.GetValueRefOrAddDefault(_ruleNumbers, part.Rule, out bool isKnown);
        if (!isKnown)
        {
            rule = _rules.Count;
            _rules.Add(part.Rule);
        }

        (int piece, int start) = _pieces.Add(part.Evidence.Packed);
        return new Entry(rule, piece, start, part.Evidence.Packed.Length);
    }

    private Evidence EvidenceOf(in Entry packed) => new(_pieces[packed.Piece], packed.Start, packed.Length, packed.Length);

    private Finding ToFinding(in Entry packed) => FindingPart.Unpack(EvidenceOf(packed), _rules[packed.Rule]);

    /// <summary>A finding that is packed, or one that was made. Without references, since there may be very many.</summary>
    private readonly record struct Entry(int Rule, int Piece, int Start, int Length)
    {
        public Entry(int made)
            : this(-1, -1, -1, 0) => Made = made;

        /// <summary>Place among those that were made.</summary>
        public int Made { get; }

        public bool IsPacked => Rule >= 0;
    }

    /// <summary>The stages of one request.</summary>
    private sealed class Stages(Finding finding)
    {
        // Null while there is one: of most requests no more come.
        private List<Finding>? _stages;

        public void Add(Finding stage)
        {
            _stages ??= [finding];
            if (_stages.Count < MaxEvents && !_stages.Exists(known => known.Id == stage.Id))
            {
                _stages.Add(stage);
            }
        }

        /// <summary>The first stage gives identity, the last one that knows it the outcome.</summary>
        public Finding ToFinding()
        {
            if (_stages is null)
            {
                return finding;
            }

            _stages.Sort((left, right) => (left.Time, StageOrder(left), left.Id).CompareTo((right.Time, StageOrder(right), right.Id)));
            Finding first = _stages[0];
            if (_stages.Count == 1)
            {
                return first;
            }

            Finding last = _stages.FindLast(stage => stage.Code is not null) ?? first;
            Finding merged = first with
            {
                Events = [.. _stages.SelectMany(stage => stage.Events)],
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
