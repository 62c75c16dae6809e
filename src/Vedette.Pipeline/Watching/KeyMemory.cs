using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Vedette.Audit.Text;

namespace Vedette.Pipeline.Watching;

/// <summary>
/// What was found out about keys, by key. Those that came last are found in one place, without the dictionary: a busy server has hardly anything near when it is asked for the next key. Bounded; safe for threads.
/// </summary>
/// <typeparam name="TEntry">What is known of a key.</typeparam>
/// <param name="most">Most entries.</param>
internal sealed class KeyMemory<TEntry>(int most)
    where TEntry : KeyedEntry
{
    /// <summary>Places of those that came last; a power of two.</summary>
    private const int NearPlaces = 4_096;

    private readonly TEntry?[] _near = new TEntry?[NearPlaces];
    private readonly ConcurrentDictionary<byte[], TEntry> _all = new(Utf8Comparer.Instance);
    private int _count;

    /// <summary>What is known of a key; null when nothing is.</summary>
    /// <param name="key">The key, at least 8 bytes.</param>
    public TEntry? Find(ReadOnlySpan<byte> key)
    {
        ref TEntry? near = ref _near[PlaceOf(key)];
        TEntry? entry = Volatile.Read(ref near);
        if (entry is not null && entry.IsOf(key))
        {
            return entry;
        }

        if (_all.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out entry))
        {
            Volatile.Write(ref near, entry);
        }

        return entry;
    }

    /// <summary>Remembers an entry, unless there are too many.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="entry">The entry; another one afterwards where somebody else remembered one first.</param>
    /// <returns>True when it is remembered.</returns>
    public bool Remember(ReadOnlySpan<byte> key, ref TEntry entry)
    {
        if (Volatile.Read(ref _count) >= most)
        {
            return false;
        }

        TEntry known = _all.GetOrAdd(key.ToArray(), entry);
        if (known == entry)
        {
            Interlocked.Increment(ref _count);
        }

        entry = known;
        return true;
    }

    /// <summary>Where a key may be among those that came last. Whoever makes keys up that share a place makes only these slower.</summary>
    private static int PlaceOf(ReadOnlySpan<byte> key)
    {
        ulong hash = 0;
        ReadOnlySpan<byte> rest = key;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest)) * 0x9E37_79B9_7F4A_7C15;
            hash ^= hash >> 32;
        }

        // The last eight bytes, some of them a second time: a key has that many.
        hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key[^sizeof(ulong)..])) * 0x9E37_79B9_7F4A_7C15;
        return (int)(hash >> 32) & (NearPlaces - 1);
    }
}

/// <summary>What is known of a key, with the key where it is compared.</summary>
internal abstract class KeyedEntry
{
    private readonly int _length;
    private readonly KeyBytes _key;
    private readonly byte[]? _longKey;

    /// <summary>An entry of a key.</summary>
    protected KeyedEntry(ReadOnlySpan<byte> key)
    {
        _length = key.Length;
        if (!key.TryCopyTo(_key))
        {
            _longKey = key.ToArray();
        }
    }

    /// <summary>Is it the entry of this key?</summary>
    public bool IsOf(ReadOnlySpan<byte> key) => _length == key.Length && key.SequenceEqual(_longKey ?? ((ReadOnlySpan<byte>)_key)[.._length]);

    [InlineArray(Length)]
    private struct KeyBytes
    {
        /// <summary>Most keys are shorter.</summary>
        private const int Length = 72;

        private byte _first;
    }
}
