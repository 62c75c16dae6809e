using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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

    // Of the hash: bytes a step, and wyhash's constants.
    private const int StepSize = 2 * sizeof(ulong);
    private const ulong Secret = 0xa0761d6478bd642f;
    private const ulong OtherSecret = 0xe7037ed1a0b428db;

    private static readonly ulong s_processSeed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    // A look-up should touch little memory. A place is half of its value's hash above the number of a row; rows are numbered as they are learnt, from 1 on. Behind a row's words stand its value's kind, length and bytes.
    private readonly ulong[] _places;
    private readonly byte[] _uses;
    private readonly ulong[] _awaited;
    private readonly ulong _seed;
    private readonly int _words;
    private ulong[]?[] _rows = new ulong[]?[16];
    private int _rowCount = 1;
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
        int places = Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)(MaxRowBytes / rowBytes + 1)) / 2, Ways, MaxValues);
        _places = new ulong[places];
        _uses = new byte[places];
        _awaited = new ulong[places];
        _credit = places * EventsPerRow;
    }

    /// <summary>The row of a value, or null.</summary>
    /// <param name="kind">Of what kind the value is.</param>
    /// <param name="key">The value.</param>
    /// <param name="toLearn">Where <see cref="Learn"/> may put it; -1 when it should not.</param>
    /// <returns>The row's words, and behind them what is this memory's own.</returns>
    public ulong[]? Find(int kind, ReadOnlySpan<byte> key, out int toLearn)
    {
        _credit = Math.Min(_credit + 1, _places.Length * EventsPerRow);
        toLearn = -1;
        ulong head = HeadOf(kind, key);
        ulong hash = Hash(head, key);
        int first = FirstPlace(hash);
        uint same = Vector256.Equals(Vector256.LoadUnsafe(ref _places[first]) >>> 32, Vector256.Create((ulong)(uint)hash)).ExtractMostSignificantBits();
        if (same != 0)
        {
            // Should two values ever look alike here, only the first is found.
            int place = first + BitOperations.TrailingZeroCount(same);
            if (_rows[(uint)_places[place]] is { } row && row[_words] == head && KeyOf(row).SequenceEqual(key))
            {
                if (_uses[place] < MaxUses)
                {
                    _uses[place]++;
                }

                return row;
            }
        }

        toLearn = Await(hash, first);
        return null;
    }

    /// <summary>Gives a value a place.</summary>
    /// <param name="kind">Of what kind the value is.</param>
    /// <param name="key">The value.</param>
    /// <param name="place">As <see cref="Find"/> said.</param>
    /// <returns>Its row, to be filled in; only its words, what lies behind them is this memory's own.</returns>
    public ulong[] Learn(int kind, ReadOnlySpan<byte> key, int place)
    {
        uint number = (uint)_places[place];
        if (number == 0)
        {
            number = (uint)_rowCount++;
            if (number == _rows.Length)
            {
                Array.Resize(ref _rows, _rows.Length * 2);
            }
        }

        int length = _words + 1 + (key.Length + sizeof(ulong) - 1) / sizeof(ulong);
        ulong[] row = _rows[number] is { } old && old.Length >= length ? old : new ulong[BitOperations.RoundUpToPowerOf2((uint)length)];
        ulong head = HeadOf(kind, key);
        row[_words] = head;
        key.CopyTo(MemoryMarshal.AsBytes(row.AsSpan(_words + 1)));
        _rows[number] = row;
        _places[place] = Hash(head, key) << 32 | number;
        _uses[place] = 1;
        return row;
    }

    private int FirstPlace(ulong hash) => (int)(hash >> 32) & (_places.Length - Ways);

    private static ulong HeadOf(int kind, ReadOnlySpan<byte> key) => (ulong)kind << 32 | (uint)key.Length;

    private ReadOnlySpan<byte> KeyOf(ulong[] row) => MemoryMarshal.AsBytes(row.AsSpan(_words + 1))[..(int)row[_words]];

    /// <summary>The place that a value gets when it was awaited and may be learnt now, else -1: it is noted then that it came.</summary>
    private int Await(ulong hash, int first)
    {
        int least = first;
        int awaited = -1;
        for (int place = first; place < first + Ways; place++)
        {
            least = _uses[place] < _uses[least] ? place : least;
            awaited = _uses[place] == 0 && _awaited[place] == hash ? place : awaited;
        }

        if (awaited >= 0)
        {
            bool isAffordable = _credit >= EventsPerRow;
            _credit -= isAffordable ? EventsPerRow : 0;
            return isAffordable ? awaited : -1;
        }

        // At one of its places that is free to be taken: in turn, so that two values that come by turns do not always overwrite each other's note.
        int turn = first + (_turn++ & (Ways - 1));
        int free = _uses[turn] == 0 ? turn : least;
        if (_uses[free] > 0)
        {
            _uses[free]--;
        }
        else
        {
            _awaited[free] = hash;
        }

        return -1;
    }

    // Multiply and fold, sixteen bytes a step, as wyhash does, in two rows that do not wait for each other; the last ones once more.
    private ulong Hash(ulong head, ReadOnlySpan<byte> key)
    {
        ulong hash = _seed ^ head;
        ulong other = BitOperations.RotateLeft(_seed, 32) ^ OtherSecret;
        ReadOnlySpan<byte> rest = key;
        for (; rest.Length > 2 * StepSize; rest = rest[(2 * StepSize)..])
        {
            hash = Step(hash, rest);
            other = Step(other, rest[StepSize..]);
        }

        hash ^= other;
        if (rest.Length > StepSize)
        {
            hash = Step(hash, rest);
        }

        ulong first = 0;
        ulong last = 0;
        if (key.Length >= StepSize)
        {
            first = MemoryMarshal.Read<ulong>(key[^StepSize..]);
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
        return Fold(hash ^ Secret, _seed ^ OtherSecret ^ head);
    }

    private ulong Step(ulong hash, ReadOnlySpan<byte> bytes) =>
        Fold(hash ^ MemoryMarshal.Read<ulong>(bytes), MemoryMarshal.Read<ulong>(bytes[sizeof(ulong)..]) ^ Secret ^ _seed);

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
