using System.Numerics;

namespace Vedette.Policy.Reachability;

/// <summary>A set of terms, a bit for each. Sets that meet are of one size.</summary>
internal readonly struct TermSet(ulong[] words) : IEquatable<TermSet>
{
    private readonly ulong[] _words = words;

    /// <summary>Has it no term?</summary>
    public bool IsEmpty => !_words.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>The first term; -1 when there is none.</summary>
    public int First
    {
        get
        {
            int word = _words.AsSpan().IndexOfAnyExcept(0UL);
            return word < 0 ? -1 : word * 64 + BitOperations.TrailingZeroCount(_words[word]);
        }
    }

    /// <summary>All terms.</summary>
    public IEnumerable<int> Terms
    {
        get
        {
            for (int term = 0; term < _words.Length * 64; term++)
            {
                if (Has(term))
                {
                    yield return term;
                }
            }
        }
    }

    /// <summary>The terms, of so many, that are told to be in.</summary>
    public static TermSet Where(int count, Func<int, bool> isIn)
    {
        ulong[] words = new ulong[(count + 63) / 64];
        for (int term = 0; term < count; term++)
        {
            if (isIn(term))
            {
                words[term / 64] |= 1UL << (term % 64);
            }
        }

        return new TermSet(words);
    }

    /// <summary>Is the term in it?</summary>
    public bool Has(int term) => (_words[term / 64] >> (term % 64) & 1) != 0;

    /// <summary>Is anything in both?</summary>
    public bool Meets(TermSet other)
    {
        for (int word = 0; word < _words.Length; word++)
        {
            if ((_words[word] & other._words[word]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Of these terms, numbered anew in their order, those that are in it.</summary>
    public TermSet Of(int[] terms)
    {
        TermSet from = this;
        return Where(terms.Length, term => from.Has(terms[term]));
    }

    /// <summary>What is in both.</summary>
    public static TermSet operator &(TermSet left, TermSet right)
    {
        ulong[] result = new ulong[left._words.Length];
        for (int word = 0; word < result.Length; word++)
        {
            result[word] = left._words[word] & right._words[word];
        }

        return new TermSet(result);
    }

    /// <summary>What is in either.</summary>
    public static TermSet operator |(TermSet left, TermSet right)
    {
        ulong[] result = new ulong[left._words.Length];
        for (int word = 0; word < result.Length; word++)
        {
            result[word] = left._words[word] | right._words[word];
        }

        return new TermSet(result);
    }

    /// <summary>This without what comes after a term in another set.</summary>
    public TermSet WithoutAfter(int term, TermSet other)
    {
        ulong[] result = [.. _words];
        for (int word = term / 64; word < result.Length; word++)
        {
            ulong after = word > term / 64 ? ulong.MaxValue : ulong.MaxValue << (term % 64) << 1;
            result[word] &= ~(after & other._words[word]);
        }

        return new TermSet(result);
    }

    /// <inheritdoc />
    public bool Equals(TermSet other) => _words.AsSpan().SequenceEqual(other._words);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is TermSet other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (ulong word in _words)
        {
            hash.Add(word);
        }

        return hash.ToHashCode();
    }
}
