using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Vedette.Sources.Files;

/// <summary>
/// Reads a stream on a thread of its own, a few chunks ahead of who takes its bytes: decompression then runs beside decoding. What goes wrong there is thrown here, after the bytes that
/// came before it. One reader.
/// </summary>
internal sealed class ReadAhead : IDisposable
{
    /// <summary>Most chunks that wait to be taken; with the one being filled and the one being taken this bounds the memory.</summary>
    public const int MaxChunks = 4;

    /// <summary>Bytes of a chunk.</summary>
    private const int ChunkLength = 256 * 1024;

    private readonly BlockingCollection<Chunk> _filled = new(MaxChunks);
    private readonly CancellationTokenSource _stop = new();
    private readonly Stream _inner;
    private Chunk _current;
    private int _taken;

    /// <summary>Starts reading.</summary>
    /// <param name="inner">The stream; from now on its thread's, which closes it.</param>
    public ReadAhead(Stream inner)
    {
        _inner = inner;
        // In the background, so that a read from a terminal or pipe that never ends does not keep the program alive.
        new Thread(Fill) { IsBackground = true, Name = "read ahead" }.Start();
    }

    /// <summary>Takes bytes; 0 at the end.</summary>
    public int Read(Span<byte> buffer)
    {
        while (_taken == _current.Length)
        {
            if (_current is { Buffer: not null, Length: 0 })
            {
                // The end, or the failure: both stay.
                _current.Failure?.Throw();
                return 0;
            }

            Return(_current);
            _current = _filled.Take();
            _taken = 0;
        }

        int length = Math.Min(buffer.Length, _current.Length - _taken);
        _current.Buffer.AsSpan(_taken, length).CopyTo(buffer);
        _taken += length;
        return length;
    }

    /// <inheritdoc />
    public void Dispose() => _stop.Cancel();

    private void Fill()
    {
        using Stream inner = _inner;
        try
        {
            while (true)
            {
                byte[] buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
                int length = 0;
                ExceptionDispatchInfo? failure = null;
                try
                {
                    length = inner.Read(buffer);
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }

                _filled.Add(new Chunk(buffer, length, failure), _stop.Token);
                if (length == 0)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody takes the rest.
        }
    }

    private static void Return(Chunk chunk)
    {
        if (chunk.Buffer is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private readonly record struct Chunk(byte[]? Buffer, int Length, ExceptionDispatchInfo? Failure);
}
