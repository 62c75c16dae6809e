using Vedette.Audit.Batches;

namespace Vedette.Audit.Shapes;

/// <summary>Counts what gave no event, by reason, and hands it on to whoever wants to keep it.</summary>
/// <param name="keep">Told of every rejected piece; its content is good during the call only. May be null.</param>
public sealed class RejectLog(RejectHandler? keep = null)
{
    private readonly long[] _counts = new long[Enum.GetValues<RejectReason>().Length];

    /// <summary>All rejected pieces.</summary>
    public long Total => _counts.Sum();

    /// <summary>How many for this reason.</summary>
    public long Count(RejectReason reason) => _counts[(int)reason];

    /// <summary>The reasons that occurred, with their number.</summary>
    public IEnumerable<(RejectReason Reason, long Count)> Counts =>
        Enum.GetValues<RejectReason>().Where(reason => _counts[(int)reason] > 0).Select(reason => (reason, _counts[(int)reason]));

    /// <summary>Counts what another has counted, which it has handed on itself.</summary>
    public void Include(RejectLog other)
    {
        for (int reason = 0; reason < _counts.Length; reason++)
        {
            _counts[reason] += other._counts[reason];
        }
    }

    /// <summary>Counts one.</summary>
    public void Add(RejectReason reason, EventOrigin origin, ReadOnlySpan<byte> content)
    {
        _counts[(int)reason]++;
        keep?.Invoke(reason, origin, content);
    }
}

/// <summary>Takes a rejected piece of input.</summary>
public delegate void RejectHandler(RejectReason reason, EventOrigin origin, ReadOnlySpan<byte> content);
