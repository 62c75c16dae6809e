namespace Vedette.Audit.Batches;

/// <summary>Memory of <see cref="BatchBuffers"/>, of one owner at a time, who gives it back once. The default has no bytes.</summary>
public readonly struct BatchBuffer
{
    private readonly byte[]? _array;
    private readonly int _start;

    internal BatchBuffer(byte[] array, int start, int length, BufferArena? arena)
    {
        (_array, _start) = (array, start);
        (Length, Arena) = (length, arena);
    }

    /// <summary>Its bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes, with anything in them at first.</summary>
    public Span<byte> Span => new(_array, _start, Length);

    /// <summary>The same as memory, for reads that wait.</summary>
    public Memory<byte> Memory => new(_array, _start, Length);

    /// <summary>Bytes that it takes, which can be more than it has.</summary>
    public long Held => Arena is null ? _array?.Length ?? 0 : BufferArena.Held(Length);

    /// <summary>What it was cut from; null for an array of its own.</summary>
    internal BufferArena? Arena { get; }

    /// <summary>The array that it is a part of; null for the default.</summary>
    internal byte[]? Array => _array;

    /// <summary>Where it begins in the array.</summary>
    internal int Start => _start;
}
