using System.Collections.Immutable;
using System.Text;
using Vedette.Audit.Events;

namespace Vedette.Audit.Decoding;

/// <summary>
/// The members that one object of an audit event can have, in the order kube-apiserver writes them, each with its field and, where it is an object whose
/// members are fields too, their table. Built once from <see cref="FieldCatalogue"/>.
/// </summary>
internal sealed class FieldTable
{
    private readonly Entry[] _entries;
    private readonly byte[] _slots;
    private readonly uint _multiplier;

    private FieldTable(string prefix, ImmutableArray<AuditField> members, bool isMap)
    {
        IsMap = isMap;
        _entries = [.. members.Select(member => new Entry(prefix, member))];
        _slots = new byte[64];
        _multiplier = FindMultiplier();
    }

    /// <summary>The table of the event itself.</summary>
    public static FieldTable Root { get; } = new("", RootFields(), isMap: false);

    /// <summary>True for annotations: names are free text, dots included.</summary>
    public bool IsMap { get; }

    /// <summary>Number of members known.</summary>
    public int Count => _entries.Length;

    /// <summary>A member by its place.</summary>
    public Entry this[int index] => _entries[index];

    /// <summary>Finds a member by name; -1 when there is none.</summary>
    /// <param name="name">Unescaped name.</param>
    /// <param name="expected">The place to look at first: the one after the last found, since writers keep the order.</param>
    public int Find(ReadOnlySpan<byte> name, int expected)
    {
        if ((uint)expected < (uint)_entries.Length && name.SequenceEqual(_entries[expected].Name))
        {
            return expected;
        }

        if (name.IsEmpty)
        {
            return -1;
        }

        int index = _slots[Hash(name, _multiplier)] - 1;
        return index >= 0 && name.SequenceEqual(_entries[index].Name) ? index : -1;
    }

    private static uint Hash(ReadOnlySpan<byte> name, uint multiplier) =>
        ((uint)(name[0] | name[^1] << 8 | name[name.Length / 2] << 16) + ((uint)name.Length << 24)) * multiplier >> 26;

    private uint FindMultiplier()
    {
        // Few names, 64 slots: an odd multiplier without collisions is found within some hundred tries.
        for (uint multiplier = 0x9E37_79B1; ; multiplier += 0x61C8_8646)
        {
            Array.Clear(_slots);
            int placed = 0;
            for (; placed < _entries.Length; placed++)
            {
                ref byte slot = ref _slots[Hash(_entries[placed].Name, multiplier)];
                if (slot != 0)
                {
                    break;
                }

                slot = (byte)(placed + 1);
            }

            if (placed == _entries.Length)
            {
                return multiplier;
            }
        }
    }

    private static ImmutableArray<AuditField> RootFields() => ChildrenOf("");

    private static ImmutableArray<AuditField> ChildrenOf(string prefix)
    {
        // "annotations.authorization.k8s.io/decision" is a child of annotations although its name has dots.
        bool isMap = prefix == Prefix(AuditField.Annotations);
        return
        [
            .. Enum.GetValues<AuditField>().Where(field =>
            {
                string path = FieldCatalogue.PathOf(field);
                return path.StartsWith(prefix, StringComparison.Ordinal)
                    && (isMap || !path.AsSpan(prefix.Length).Contains('.'));
            }),
        ];
    }

    private static string Prefix(AuditField field) => FieldCatalogue.PathOf(field) + ".";

    /// <summary>One member of an object.</summary>
    internal sealed class Entry
    {
        public Entry(string prefix, AuditField field)
        {
            Name = Encoding.UTF8.GetBytes(FieldCatalogue.PathOf(field)[prefix.Length..]);
            Field = field;
            ImmutableArray<AuditField> children = ChildrenOf(Prefix(field));
            if (!children.IsEmpty)
            {
                Children = new FieldTable(Prefix(field), children, isMap: field == AuditField.Annotations);
                Descendants = children;
                for (int i = 0; i < Children.Count; i++)
                {
                    Descendants = Descendants.AddRange(Children[i].Descendants);
                }
            }

            Self = FieldSet.Of(field);
            WithDescendants = FieldSet.Of([field, .. Descendants]);
        }

        /// <summary>Its name.</summary>
        public byte[] Name { get; }

        /// <summary>Its field.</summary>
        public AuditField Field { get; }

        /// <summary>The set of just this field.</summary>
        public FieldSet Self { get; }

        /// <summary>The members of its value, where they are fields too.</summary>
        public FieldTable? Children { get; }

        /// <summary>All fields below it.</summary>
        public ImmutableArray<AuditField> Descendants { get; } = [];

        /// <summary>It and all fields below it: who wants none of these may skip the value.</summary>
        public FieldSet WithDescendants { get; }
    }
}
