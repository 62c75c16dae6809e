using System.Collections.Immutable;
using System.Numerics;

namespace Vedette.Audit.Events;

/// <summary>A set of audit fields, as one machine word.</summary>
public readonly record struct FieldSet
{
    private readonly ulong _bits;

    private FieldSet(ulong bits) => _bits = bits;

    /// <summary>No field.</summary>
    public static FieldSet None => default;

    /// <summary>Every field of the catalogue.</summary>
    public static FieldSet All { get; } = Of([.. Enum.GetValues<AuditField>()]);

    /// <summary>How many fields are in the set.</summary>
    public int Count => BitOperations.PopCount(_bits);

    /// <summary>The set of these fields.</summary>
    public static FieldSet Of(params ImmutableArray<AuditField> fields)
    {
        ulong bits = 0;
        foreach (AuditField field in fields)
        {
            bits |= 1UL << (int)field;
        }

        return new FieldSet(bits);
    }

    /// <summary>Is this field in the set?</summary>
    public bool Contains(AuditField field) => (_bits >> (int)field & 1) != 0;

    /// <summary>Have the two sets a field in common?</summary>
    public bool Intersects(FieldSet other) => (_bits & other._bits) != 0;

    /// <summary>The fields of both.</summary>
    public static FieldSet operator |(FieldSet left, FieldSet right) => new(left._bits | right._bits);
}
