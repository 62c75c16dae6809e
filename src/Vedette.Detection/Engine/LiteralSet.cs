using Vedette.Audit.Text;

namespace Vedette.Detection.Engine;

/// <summary>Texts that a field may be, each once and in order: two sets of the same texts are equal.</summary>
internal sealed class LiteralSet : IEquatable<LiteralSet>
{
    private readonly int _hash;

    /// <summary>A set.</summary>
    /// <param name="texts">Its texts, in any order and as often as they come.</param>
    /// <param name="caseSensitive">False when the texts are folded.</param>
    public LiteralSet(IEnumerable<byte[]> texts, bool caseSensitive)
    {
        byte[][] once = [.. new HashSet<byte[]>(texts, Utf8Comparer.Instance)];
        Array.Sort(once, static (left, right) => left.AsSpan().SequenceCompareTo(right));
        (Texts, CaseSensitive) = (once, caseSensitive);
        HashCode hash = default;
        hash.Add(caseSensitive);
        foreach (byte[] text in once)
        {
            hash.AddBytes(text);
            hash.Add(text.Length);
        }

        _hash = hash.ToHashCode();
    }

    /// <summary>The texts.</summary>
    public byte[][] Texts { get; }

    /// <summary>False when the texts are folded.</summary>
    public bool CaseSensitive { get; }

    /// <inheritdoc />
    public bool Equals(LiteralSet? other)
    {
        if (other is null || other.CaseSensitive != CaseSensitive || other.Texts.Length != Texts.Length)
        {
            return false;
        }

        for (int i = 0; i < Texts.Length; i++)
        {
            if (!Texts[i].AsSpan().SequenceEqual(other.Texts[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as LiteralSet);

    /// <inheritdoc />
    public override int GetHashCode() => _hash;
}
