namespace Vedette.Audit.Batches;

/// <summary>
/// The unit that flows: many events over one pooled buffer. Input is read into the buffer (<see cref="GetWriteSpan"/>, <see cref="Advance"/>), events are
/// marked where they stand in it, and an event that had to be unwrapped or built is kept in a second buffer, the arena.
/// One owner at a time; not thread-safe; disposing gives both buffers back.
/// </summary>
public sealed class EventBatch : IDisposable
{
    private readonly List<Entry> _entries = [];
    private BatchBuffer _input;
    private BatchBuffer _arena;
    private int _arenaLength;
    private int _expected;
    private readonly bool _isOver;

    /// <summary>An empty batch.</summary>
    /// <param name="capacity">First size of the input buffer in bytes; it grows when asked.</param>
    public EventBatch(int capacity = 1 << 20) => _input = BatchBuffers.Rent(capacity);

    /// <summary>A batch over the input of another, with events of its own: for a second reader of it. The input stays the other's, who adds nothing to it and is not disposed meanwhile.</summary>
    /// <param name="other">The other batch.</param>
    public EventBatch(EventBatch other) => (_input, InputLength, _isOver) = (other._input, other.InputLength, true);

    /// <summary>Number of events marked.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes of input in the buffer.</summary>
    public int InputLength { get; private set; }

    /// <summary>The input read so far.</summary>
    public ReadOnlySpan<byte> Input => _input.Span[..InputLength];

    /// <summary>The JSON bytes of an event.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            Entry entry = _entries[index];
            return (entry.InArena ? _arena : _input).Span.Slice(entry.Start, entry.Length);
        }
    }

    /// <summary>Where an event came from.</summary>
    public EventOrigin OriginOf(int index) => _entries[index].Origin;

    /// <summary>True for an event that was built from a provider's record and not written by kube-apiserver byte for byte.</summary>
    public bool IsDerived(int index) => _entries[index].Derived;

    /// <summary>Says how much input will most likely come in all. No room is made for it before it comes, and none beyond it while it is right.</summary>
    public void Expect(long length) => _expected = (int)Math.Clamp(length, 0, Array.MaxLength / 2);

    /// <summary>Room for at least this many more bytes of input.</summary>
    public Span<byte> GetWriteSpan(int atLeast)
    {
        Grow(ref _input, InputLength, atLeast, _expected);
        return _input.Span[InputLength..];
    }

    /// <summary>The same as memory, for reads that wait.</summary>
    public Memory<byte> GetWriteMemory(int atLeast)
    {
        Grow(ref _input, InputLength, atLeast, _expected);
        return _input.Memory[InputLength..];
    }

    /// <summary>Says that this many bytes were written to the room given by <see cref="GetWriteSpan"/> or <see cref="GetWriteMemory"/>.</summary>
    public void Advance(int written)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(written, _input.Length - InputLength);
        InputLength += written;
    }

    /// <summary>Adds input that is in memory already.</summary>
    /// <param name="bytes">The bytes, which are copied.</param>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetWriteSpan(bytes.Length));
        Advance(bytes.Length);
    }

    /// <summary>Adds one line of input, and the line feed that ends it.</summary>
    /// <param name="line">The line without its end, which is copied.</param>
    public void AppendLine(ReadOnlySpan<byte> line)
    {
        Span<byte> room = GetWriteSpan(line.Length + 1);
        line.CopyTo(room);
        room[line.Length] = (byte)'\n';
        Advance(line.Length + 1);
    }

    /// <summary>Marks an event that stands in the input.</summary>
    public void AddFromInput(int start, int length, EventOrigin origin)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, InputLength - start);
        _entries.Add(new Entry(InArena: false, start, length, Derived: false, origin));
    }

    /// <summary>Copies an unwrapped or built event into the arena.</summary>
    public void Add(ReadOnlySpan<byte> json, EventOrigin origin, bool derived)
    {
        Grow(ref _arena, _arenaLength, json.Length, expected: 0);
        json.CopyTo(_arena.Span[_arenaLength..]);
        _entries.Add(new Entry(InArena: true, _arenaLength, json.Length, derived, origin));
        _arenaLength += json.Length;
    }

    /// <summary>Moves the end of the input to the end of another batch's.</summary>
    /// <param name="start">Where the end begins.</param>
    /// <param name="into">The other batch.</param>
    public void MoveEnd(int start, EventBatch into)
    {
        into.Append(Input[start..]);
        InputLength = start;
    }

    /// <summary>Lets go the input behind these first bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, InputLength);
        InputLength = length;
    }

    /// <summary>Gives room back that the input did not need, once all of it has come.</summary>
    public void Trim() => _input = BatchBuffers.Trim(_input, InputLength);

    /// <summary>Gives room back that a large input needed, once it is empty.</summary>
    /// <param name="most">Bytes that may stay.</param>
    public void Shrink(int most)
    {
        if (InputLength == 0 && _input.Length > most)
        {
            BatchBuffers.Return(_input);
            _input = BatchBuffers.Rent(most);
        }

        if (_arenaLength == 0 && _arena.Length > most)
        {
            BatchBuffers.Return(_arena);
            _arena = default;
        }
    }

    /// <summary>Forgets all events, of which nothing may be in use any more. The input stays.</summary>
    public void ForgetEvents()
    {
        _entries.Clear();
        _arenaLength = 0;
    }

    /// <summary>Forgets all events and the first bytes of the input; what follows them moves to the front.</summary>
    /// <param name="consumed">Bytes of input that are done with.</param>
    public void Reset(int consumed)
    {
        ForgetEvents();
        Input[consumed..].CopyTo(_input.Span);
        InputLength -= consumed;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        BatchBuffers.Return(_isOver ? default : _input);
        BatchBuffers.Return(_arena);
        _input = default;
        _arena = default;
        InputLength = 0;
        ForgetEvents();
    }

    private static void Grow(ref BatchBuffer buffer, int used, int atLeast, int expected)
    {
        if (buffer.Length - used >= atLeast)
        {
            return;
        }

        int needed = checked(used + atLeast);
        long wanted = Math.Min(Array.MaxLength, buffer.Length * 2L);
        if (used <= expected)
        {
            wanted = Math.Min(wanted, (long)expected + atLeast);
        }

        BatchBuffer larger = BatchBuffers.Rent((int)Math.Max(needed, wanted));
        buffer.Span[..used].CopyTo(larger.Span);
        BatchBuffers.Return(buffer);
        buffer = larger;
    }

    private readonly record struct Entry(bool InArena, int Start, int Length, bool Derived, EventOrigin Origin);
}
