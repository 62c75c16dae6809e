using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vedette.Audit.Json;

/// <summary>
/// Finds members of the objects of one text, and remembers where those of each object are that was asked for: whoever reads many paths of the same text goes over each object once. Its answers are those of
/// <see cref="JsonValue.Member(ReadOnlySpan{byte})"/>. One per thread; its memory is used again for the next text.
/// </summary>
public sealed class JsonObjectMemory
{
    /// <summary>Most members that are remembered of one text; objects that have no room are gone over again each time.</summary>
    public const int MaxMembers = 1 << 14;

    // Heads of the chains in which objects are looked for: a power of two.
    private const int Chains = 256;

    private readonly (int Epoch, int Object)[] _heads = new (int, int)[Chains];
    private ObjectPlace[] _objects = new ObjectPlace[64];
    private MemberPlace[] _members = new MemberPlace[512];
    private int _objectCount;
    private int _memberCount;
    private int _epoch = 1;

    /// <summary>Forgets the text, before the next one.</summary>
    public void Forget()
    {
        _objectCount = 0;
        _memberCount = 0;
        if (++_epoch == int.MaxValue)
        {
            Array.Clear(_heads);
            _epoch = 1;
        }
    }

    /// <summary>The member of an object with exactly this name; of several the last. Missing for every other kind.</summary>
    /// <param name="of">An object of the text.</param>
    /// <param name="name">The name, unescaped UTF-8.</param>
    public JsonValue Member(JsonValue of, ReadOnlySpan<byte> name)
    {
        if (of.Kind != JsonKind.Object)
        {
            return default;
        }

        // An object so far from the text's end that its place is not known is gone over again each time.
        if (of.Following == JsonExtent.MaxFollowing || !TryFind(of, out ObjectPlace place))
        {
            return of.Member(name);
        }

        for (int i = place.FirstMember + place.MemberCount - 1; i >= place.FirstMember; i--)
        {
            ref readonly MemberPlace member = ref _members[i];
            if (member.Name.IsEscaped ? ValueAt(of, member.Name).StringEquals(name) : IsAt(of.Raw, member.Name, name))
            {
                return ValueAt(of, member.Value);
            }
        }

        return default;
    }

    private static bool IsAt(ReadOnlySpan<byte> raw, JsonRange place, ReadOnlySpan<byte> name) =>
        place.Length == name.Length && raw.Slice(place.Start, place.Length).SequenceEqual(name);

    private static JsonValue ValueAt(JsonValue of, JsonRange place) =>
        new(of.Raw.Slice(place.Start, place.Length), place.Kind, place.IsEscaped, of.Following + of.Raw.Length - place.Start - place.Length);

    private bool TryFind(JsonValue of, out ObjectPlace place)
    {
        // No two objects of a text end in the same place.
        ref (int Epoch, int Object) head = ref _heads[(of.Following ^ of.Following >> 8) & (Chains - 1)];
        int first = head.Epoch == _epoch ? head.Object : -1;
        for (int i = first; i >= 0; i = _objects[i].Next)
        {
            if (_objects[i].Following == of.Following)
            {
                place = _objects[i];
                return true;
            }
        }

        if (!TryRead(of, first, out place))
        {
            return false;
        }

        if (_objectCount == _objects.Length)
        {
            Array.Resize(ref _objects, _objects.Length * 2);
        }

        head = (_epoch, _objectCount);
        _objects[_objectCount++] = place;
        return true;
    }

    private bool TryRead(JsonValue of, int next, out ObjectPlace place)
    {
        int start = _memberCount;
        foreach (JsonMember member in of.Members())
        {
            if (_memberCount == MaxMembers)
            {
                _memberCount = start;
                place = default;
                return false;
            }

            if (_memberCount == _members.Length)
            {
                Array.Resize(ref _members, _members.Length * 2);
            }

            _members[_memberCount++] = new MemberPlace(PlaceOf(of, member.NameValue), PlaceOf(of, member.Value));
        }

        place = new ObjectPlace(of.Following, next, start, _memberCount - start);
        return true;
    }

    private static JsonRange PlaceOf(JsonValue of, JsonValue part) => new(
        (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(of.Raw), ref MemoryMarshal.GetReference(part.Raw)), part.Raw.Length, part.Kind, part.IsEscaped);

    /// <param name="Following">Bytes of the text behind the object.</param>
    /// <param name="Next">The next object of its chain; -1 at the end.</param>
    /// <param name="FirstMember">Its first member.</param>
    /// <param name="MemberCount">How many it has.</param>
    private readonly record struct ObjectPlace(int Following, int Next, int FirstMember, int MemberCount);

    /// <param name="Name">Where the name stands, from the object's start.</param>
    /// <param name="Value">Where the value stands.</param>
    private readonly record struct MemberPlace(JsonRange Name, JsonRange Value);
}
