using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using Vedette.Audit.Events;

namespace Vedette.Audit.Decoding;

/// <summary>
/// The members that one object of an audit event can have, in the order kube-apiserver writes them, each with its field and, where it is an object whose
/// members are fields too, their table. Built once from <see cref="FieldCatalogue"/>.
/// </summary>
internal sealed class FieldTable
{
    /// <summary>Longest name, and the room each has in the list of names: one vector.</summary>
    private const int MaxName = 32;

    private readonly Entry[] _entries;
    private readonly byte[] _names;
    private readonly byte[] _lengths;
    private readonly byte[] _slots;
    private readonly uint _multiplier;

    private FieldTable(string prefix, ImmutableArray<AuditField> members, bool isMap)
    {
        IsMap = isMap;
        _entries = [.. members.Select(member => new Entry(prefix, member))];
        _slots = new byte[64];
        _names = new byte[_entries.Length * MaxName];
        _lengths = [.. _entries.Select(entry => (byte)entry.Name.Length)];
        for (int i = 0; i < _entries.Length; i++)
        {
            // Throws, with the tests, should a name ever be longer than there is room.
            _entries[i].Name.CopyTo(_names.AsSpan(i * MaxName, MaxName));
        }

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
    /// <param name="json">The text.</param>
    /// <param name="start">First byte of the unescaped name in it.</param>
    /// <param name="length">Length of the name.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ReadOnlySpan<byte> json, int start, int length) =>
        (uint)(length - 1) >= MaxName ? -1
        : start > json.Length - MaxName ? FindAtEnd(json.Slice(start, length))
        : Find(ref Unsafe.Add(ref MemoryMarshal.GetReference(json), start), length);

    /// <summary>Looks up a name that has too little text after it for a whole vector to be read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int FindAtEnd(ReadOnlySpan<byte> name)
    {
        Span<byte> padded = stackalloc byte[MaxName];
        padded.Clear();
        name.CopyTo(padded);
        return Find(ref MemoryMarshal.GetReference(padded), name.Length);
    }

    /// <summary>One comparison in one step, no branch on what the name is: in what order members come cannot be foretold.</summary>
    private int Find(ref byte name, int length)
    {
        // A free slot names the first member, which then is not equal.
        int index = _slots[Hash(ref name, length, _multiplier)];
        uint same = Vector256.Equals(Vector256.LoadUnsafe(ref name), Vector256.LoadUnsafe(ref _names[index * MaxName])).ExtractMostSignificantBits();
        uint different = (~same & (uint)((1UL << length) - 1)) | (uint)(length ^ _lengths[index]);
        return different == 0 ? index : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Hash(ref byte name, int length, uint multiplier) =>
        ((uint)(name | Unsafe.Add(ref name, length - 1) << 8 | Unsafe.Add(ref name, length >> 1) << 16) + ((uint)length << 24)) * multiplier >> 26;

    private uint FindMultiplier()
    {
        // Few names, 64 slots: an odd multiplier without collisions is found within some hundred tries.
        for (uint multiplier = 0x9E37_79B1; ; multiplier += 0x61C8_8646)
        {
            int[] members = [.. Enumerable.Range(0, _entries.Length)];
            uint SlotOf(int member) => Hash(ref _names[member * MaxName], _lengths[member], multiplier);
            if (members.Select(SlotOf).Distinct().Count() == members.Length)
            {
                foreach (int member in members)
                {
                    _slots[SlotOf(member)] = (byte)member;
                }

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
