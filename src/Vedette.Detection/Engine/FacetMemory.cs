using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Vedette.Detection.Engine;

/// <summary>
/// Remembers for each combination of a facet's values a row of bits: which rules it does not exclude, and the answers to the facet's predicates. Bounded: places are few, and values compete for them. A value gets a place when it comes a second time and
/// the value that has the place has not been seen for a while, so that values that come once (made up by a client, say) neither cost work nor drive out the others. The hash has a seed of the process
/// that no client knows. One per thread.
/// </summary>
internal sealed class FacetMemory
{
    /// <summary>Most combinations of values.</summary>
    public const int MaxValues = 4096;

    /// <summary>Most memory for rows, in bytes: with very many rules fewer values are remembered.</summary>
    public const int MaxRowBytes = 8 * 1024 * 1024;

    /// <summary>Longest combination of values, in bytes as they stand in the log.</summary>
    public const int MaxKeyLength = 1024;

    // Places in which one value may lie, and how often a value that has one can be asked for ahead of being passed over.
    private const int Ways = 4;
    private const int MaxUses = 15;

    // Working out a row costs far more than finding one: at most one for so many events, with a stock for the start.
    private const int EventsPerRow = 8;

    private static readonly ulong s_processSeed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private readonly Place[] _places;
    private readonly ulong _seed;
    private readonly int _words;
    private int _credit;
    private int _turn;

    /// <summary>A memory for rows of so many words.</summary>
    /// <param name="words">Length of a row.</param>
    /// <param name="seed">Of the hash; the process's where it is not given.</param>
    public FacetMemory(int words, ulong? seed = null)
    {
        _words = words;
        _seed = seed ?? s_processSeed;
        int rowBytes = Math.Max(words, 1) * sizeof(ulong);
        _places = new Place[Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)(MaxRowBytes / rowBytes + 1)) / 2, Ways, MaxValues)];
        _credit = _places.Length * EventsPerRow;
    }

    /// <summary>The row of a value, or null.</summary>
    /// <param name="key">The value.</param>
    /// <param name="toLearn">Where <see cref="Learn"/> may put it; -1 when it should not.</param>
    public ulong[]? Find(ReadOnlySpan<byte> key, out int toLearn)
    {
        _credit = Math.Min(_credit + 1, _places.Length * EventsPerRow);
        ulong hash = Hash(key);
        int first = (int)(hash >> 32) & (_places.Length - Ways);
        int least = first;
        int awaited = -1;
        for (int place = first; place < first + Ways; place++)
        {
            ref Place here = ref _places[place];
            if (here.Hash == hash && here.Row is not null && here.Key.AsSpan(0, here.KeyLength).SequenceEqual(key))
            {
                here.Uses = Math.Min(here.Uses + 1, MaxUses);
                toLearn = -1;
                return here.Row;
            }

            least = here.Uses < _places[least].Uses ? place : least;
            awaited = here.Uses == 0 && here.Awaited == hash ? place : awaited;
        }

        toLearn = -1;
        if (awaited < 0)
        {
            Await(hash, first, least);
        }
        else if (_credit >= EventsPerRow)
        {
            _credit -= EventsPerRow;
            toLearn = awaited;
        }

        return null;
    }

    /// <summary>Gives a value a place.</summary>
    /// <param name="key">The value.</param>
    /// <param name="place">As <see cref="Find"/> said.</param>
    /// <returns>Its row, to be filled in.</returns>
    public ulong[] Learn(ReadOnlySpan<byte> key, int place)
    {
        ref Place here = ref _places[place];
        if (here.Key is null || here.Key.Length < key.Length)
        {
            here.Key = new byte[BitOperations.RoundUpToPowerOf2((uint)key.Length)];
        }

        key.CopyTo(here.Key);
        here.KeyLength = key.Length;
        here.Hash = Hash(key);
        here.Uses = 1;
        return here.Row ??= new ulong[_words];
    }

    /// <summary>Notes that a value came, at one of its places that is free to be taken: in turn, so that two values that come by turns do not always overwrite each other's note.</summary>
    private void Await(ulong hash, int first, int least)
    {
        int turn = first + (_turn++ & (Ways - 1));
        ref Place free = ref _places[_places[turn].Uses == 0 ? turn : least];
        if (free.Uses > 0)
        {
            free.Uses--;
        }
        else
        {
            free.Awaited = hash;
        }
    }

    // Multiply and fold, sixteen bytes a step, as wyhash does; the last ones once more.
    private ulong Hash(ReadOnlySpan<byte> key)
    {
        const ulong Secret = 0xa0761d6478bd642f;
        const ulong OtherSecret = 0xe7037ed1a0b428db;
        ulong hash = _seed ^ (ulong)key.Length;
        ReadOnlySpan<byte> rest = key;
        for (; rest.Length > 2 * sizeof(ulong); rest = rest[(2 * sizeof(ulong))..])
        {
            hash = Fold(hash ^ MemoryMarshal.Read<ulong>(rest), MemoryMarshal.Read<ulong>(rest[sizeof(ulong)..]) ^ Secret ^ _seed);
        }

        ulong first = 0;
        ulong last = 0;
        if (key.Length >= 2 * sizeof(ulong))
        {
            first = MemoryMarshal.Read<ulong>(key[^(2 * sizeof(ulong))..]);
            last = MemoryMarshal.Read<ulong>(key[^sizeof(ulong)..]);
        }
        else if (key.Length >= sizeof(ulong))
        {
            first = MemoryMarshal.Read<ulong>(key);
            last = MemoryMarshal.Read<ulong>(key[^sizeof(ulong)..]);
        }
        else
        {
            foreach (byte value in key)
            {
                last = last << 8 | value;
            }
        }

        hash = Fold(hash ^ first, last ^ Secret ^ _seed);
        return Fold(hash ^ Secret, _seed ^ OtherSecret ^ (ulong)key.Length);
    }

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }

    private struct Place
    {
        public ulong Hash;
        public ulong Awaited;
        public byte[]? Key;
        public ulong[]? Row;
        public int KeyLength;
        public int Uses;
    }
}
