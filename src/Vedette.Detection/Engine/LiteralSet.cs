using Vedette.Audit.Text;

namespace Vedette.Detection.Engine;

/// <summary>Texts that a field may be: two sets of the same texts are equal, in whatever order they were given.</summary>
internal sealed class LiteralSet : IEquatable<LiteralSet>
{
    private readonly int _hash;

    /// <summary>A set.</summary>
    /// <param name="texts">Its texts, as often as they come.</param>
    /// <param name="caseSensitive">False when the texts are folded.</param>
    public LiteralSet(IEnumerable<byte[]> texts, bool caseSensitive)
    {
        (Texts, CaseSensitive) = (new HashSet<byte[]>(texts, Utf8Comparer.Instance), caseSensitive);
        foreach (byte[] text in Texts)
        {
            _hash += Utf8Comparer.Instance.GetHashCode(text);
        }
    }

    /// <summary>The texts.</summary>
    public HashSet<byte[]> Texts { get; }

    /// <summary>False when the texts are folded.</summary>
    public bool CaseSensitive { get; }

    /// <inheritdoc />
    public bool Equals(LiteralSet? other) => other is not null && other._hash == _hash && other.CaseSensitive == CaseSensitive && other.Texts.SetEquals(Texts);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as LiteralSet);

    /// <inheritdoc />
    public override int GetHashCode() => _hash;
}
