using System.Buffers;
using System.Runtime.CompilerServices;

namespace Vedette.Audit.Redaction;

/// <summary>Room for a while, which is empty again when it is given back. Pooled where it is small: what a hostile text once needed would stay in the pool otherwise. Dispose it once.</summary>
/// <typeparam name="T">What there is room for.</typeparam>
internal readonly struct ShortRoom<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Most bytes that come from the pool.</summary>
    private const int MaxPooled = 64 * 1024;

    private readonly T[] _array;
    private readonly int _length;

    /// <summary>Room for so many, with anything in it.</summary>
    public ShortRoom(int length)
    {
        _length = length;
        _array = IsPooled ? ArrayPool<T>.Shared.Rent(length) : GC.AllocateUninitializedArray<T>(length);
    }

    /// <summary>The room.</summary>
    public Span<T> Span => _array.AsSpan(0, _length);

    private bool IsPooled => (long)_length * Unsafe.SizeOf<T>() <= MaxPooled;

    /// <inheritdoc />
    public void Dispose()
    {
        if (IsPooled)
        {
            Span.Clear();
            ArrayPool<T>.Shared.Return(_array);
        }
    }
}
