using System.Diagnostics.CodeAnalysis;

namespace Vedette.Detection.FirstSeen;

/// <summary>Names a member of a set by texts that need not be strings.</summary>
/// <param name="set">The set.</param>
/// <param name="member">The member.</param>
internal readonly ref struct SetMember(ReadOnlySpan<char> set, ReadOnlySpan<char> member)
{
    /// <summary>The set.</summary>
    public ReadOnlySpan<char> Set { get; } = set;

    /// <summary>The member.</summary>
    public ReadOnlySpan<char> Member { get; } = member;

    /// <summary>Compares by their characters. Hashes are seeded per process.</summary>
    internal sealed class Comparer : IEqualityComparer<(string Set, string Member)>, IAlternateEqualityComparer<SetMember, (string Set, string Member)>
    {
        public static readonly Comparer Instance = new();

        public bool Equals((string Set, string Member) x, (string Set, string Member) y) => x.Member == y.Member && x.Set == y.Set;

        public int GetHashCode([DisallowNull] (string Set, string Member) obj) => GetHashCode(new SetMember(obj.Set, obj.Member));

        public bool Equals(SetMember alternate, (string Set, string Member) other) => alternate.Member.SequenceEqual(other.Member) && alternate.Set.SequenceEqual(other.Set);

        public int GetHashCode(SetMember alternate) => HashCode.Combine(string.GetHashCode(alternate.Set, StringComparison.Ordinal), string.GetHashCode(alternate.Member, StringComparison.Ordinal));

        public (string Set, string Member) Create(SetMember alternate) => (alternate.Set.ToString(), alternate.Member.ToString());
    }
}
