using System.Buffers;

namespace Vedette.Audit.Redaction;

/// <summary>Where a secret stands in the bytes of an event.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">The byte after its last.</param>
/// <param name="Quotes">
/// What a text must be put into to stand there: 0, it stands between quotes already; 1, quotes; n + 1, quotes escaped n times, since the value is in JSON inside n strings.
/// </param>
/// <param name="ContentStart">Where the secret itself, all escapes resolved, begins in <see cref="SecretRanges.Content"/>.</param>
/// <param name="ContentLength">Its length.</param>
internal readonly record struct SecretRange(int Start, int End, int Quotes, int ContentStart, int ContentLength);

/// <summary>The secrets of an event, in the order in which they stand. Keeps its memory from one event to the next.</summary>
internal sealed class SecretRanges
{
    private readonly List<SecretRange> _ranges = [];
    private readonly ArrayBufferWriter<byte> _content = new();

    /// <summary>Number of secrets.</summary>
    public int Count => _ranges.Count;

    /// <summary>One of them.</summary>
    public SecretRange this[int index] => _ranges[index];

    /// <summary>The secret itself.</summary>
    public ReadOnlySpan<byte> Content(SecretRange range) => _content.WrittenSpan.Slice(range.ContentStart, range.ContentLength);

    /// <summary>Notes one.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">The byte after its last.</param>
    /// <param name="quotes">As <see cref="SecretRange.Quotes"/>.</param>
    /// <param name="content">The secret itself.</param>
    public void Add(int start, int end, int quotes, ReadOnlySpan<byte> content)
    {
        _ranges.Add(new SecretRange(start, end, quotes, _content.WrittenCount, content.Length));
        _content.Write(content);
    }

    /// <summary>Forgets all, the secrets' bytes too.</summary>
    public void Clear()
    {
        _ranges.Clear();
        _content.Clear();
    }
}
