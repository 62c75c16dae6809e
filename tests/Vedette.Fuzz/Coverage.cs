using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Vedette.Fuzz;

/// <summary>What inputs reach, in a program that sharpfuzz has instrumented: each branch it counts, by the branch before.</summary>
internal sealed unsafe class Coverage(FuzzTarget target)
{
    /// <summary>Places that SharpFuzz and AFL have room for.</summary>
    private const int MapSize = 1 << 16;

    private readonly bool[] _reached = new bool[MapSize];
    private byte* _map;

    /// <summary>Places reached so far.</summary>
    public int Count { get; private set; }

    /// <summary>Runs an input.</summary>
    /// <returns>True when it holds what is promised and reaches something that none before it did.</returns>
    public bool TryAdd(byte[] input)
    {
        if (_map is null)
        {
            // Instrumented code writes here, so there must be a map before any of it runs; it is needed until the program ends.
            _map = (byte*)NativeMemory.AllocZeroed(MapSize);
            Trace.SharedMem = _map;
        }

        try
        {
            // Only the second time is what the input does: the first may initialise what all inputs need.
            target.Run(input);
            NativeMemory.Clear(_map, MapSize);
            Trace.PrevLocation = 0;
            target.Run(input);
        }
        catch (Exception)
        {
            return false;
        }

        int before = Count;
        for (int place = 0; place < MapSize; place++)
        {
            if (_map[place] != 0 && !_reached[place])
            {
                _reached[place] = true;
                Count++;
            }
        }

        return Count > before;
    }
}
