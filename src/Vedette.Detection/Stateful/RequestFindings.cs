using Vedette.Detection.Findings;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>
/// Joins the stages of one request into one finding while events go on coming: the first stage that matches is told at once, a later one makes it complete and is told as an update with the same id.
/// The newest requests are remembered, of the newest of those whose end has not come the finding too.
/// </summary>
internal sealed class RequestFindings
{
    /// <summary>Most requests remembered; a stage that comes after this many others is a finding of its own.</summary>
    public const int MaxRequests = 100_000;

    /// <summary>Most findings kept to be completed; of others later stages are not told.</summary>
    public const int MaxUnfinished = 10_000;

    /// <summary>Bytes of a request, in the table and in the queues.</summary>
    private const int RequestSize = 72;

    private readonly Dictionary<UInt128, Finding?> _known = [];
    private readonly Queue<UInt128> _requests = new();
    private readonly Queue<UInt128> _unfinished = new();
    private readonly MemoryAccount _account;

    /// <summary>Requests of which none is known.</summary>
    /// <param name="share">Bytes for it.</param>
    public RequestFindings(MemoryShare share) => _account = share.Open(TryEvict);

    /// <summary>Requests forgotten for lack of bytes: a later stage of theirs is a finding of its own.</summary>
    public long Evicted { get; private set; }

    /// <summary>Takes a match.</summary>
    /// <param name="part">What the rule tells of the event.</param>
    /// <param name="told">Gets what is to be told.</param>
    public void Add(FindingPart part, List<ToldFinding> told)
    {
        UInt128 key = part.Key;
        if (!_known.TryGetValue(key, out Finding? first))
        {
            Remember(key, part.Finding);
            told.Add(new ToldFinding(part.Finding, ToldOccasion.Event));
        }
        else if (first is not null && !first.Events.Contains(part.Finding.Events[0]))
        {
            FindingCollector stages = new();
            stages.Add(FindingPart.Of(part.Key, first));
            stages.Add(part);
            Finding merged = stages.ToFindings()[0] with { Id = first.Id, Time = first.Time };
            Set(key, merged.Events.Length < FindingCollector.MaxEvents ? merged : null);
            told.Add(new ToldFinding(merged, ToldOccasion.Update));
        }
    }

    /// <summary>Writes which requests are known.</summary>
    public void Save(PackedWriter writer)
    {
        writer.Number(_requests.Count);
        foreach (UInt128 key in _requests)
        {
            writer.Identity(key);
        }
    }

    /// <summary>Takes up which requests were known.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public void Load(ref PackedReader reader)
    {
        for (int left = reader.Count(); left > 0; left--)
        {
            Remember(reader.Identity(), null);
        }
    }

    private void Remember(UInt128 key, Finding? finding)
    {
        if (_requests.Count == MaxRequests)
        {
            TryForget();
        }

        bool isUnfinished = finding is { Events: [{ Stage: not ("ResponseComplete" or "Panic") }, ..] };
        Set(key, isUnfinished ? finding : null);
        _requests.Enqueue(key);
        if (isUnfinished)
        {
            _unfinished.Enqueue(key);
            if (_unfinished.Count > MaxUnfinished && _unfinished.Dequeue() is var oldest && _known.ContainsKey(oldest))
            {
                Set(oldest, null);
            }
        }

        _account.MakeRoom();
    }

    private void Set(UInt128 key, Finding? finding)
    {
        long before = _known.TryGetValue(key, out Finding? known) ? RequestSize + (known?.Size ?? 0) : 0;
        _known[key] = finding;
        _account.Add(RequestSize + (finding?.Size ?? 0) - before);
    }

    private bool TryEvict()
    {
        bool isForgotten = TryForget();
        Evicted += isForgotten ? 1 : 0;
        return isForgotten;
    }

    /// <summary>Forgets the oldest request.</summary>
    private bool TryForget()
    {
        if (!_requests.TryDequeue(out UInt128 oldest))
        {
            return false;
        }

        if (_known.Remove(oldest, out Finding? finding))
        {
            _account.Add(-RequestSize - (finding?.Size ?? 0));
        }

        return true;
    }
}
