using System.Collections.Concurrent;

namespace Vedette.Storage.Journals;

/// <summary>Compressors with their tables, kept for the next batch. Safe for threads; each compressor is for one at a time.</summary>
/// <param name="level">Level of zstd.</param>
internal sealed class CompressorPool(int level) : IDisposable
{
    /// <summary>Most that are kept.</summary>
    private const int MaxIdle = 16;

    private readonly ConcurrentBag<ZstdSharp.Compressor> _idle = [];

    /// <summary>A compressor, to be given back, or disposed of when a frame was left unfinished in it.</summary>
    public ZstdSharp.Compressor Rent() => _idle.TryTake(out ZstdSharp.Compressor? idle) ? idle : new ZstdSharp.Compressor(level);

    /// <summary>Takes a compressor back.</summary>
    public void Return(ZstdSharp.Compressor compressor)
    {
        if (_idle.Count < MaxIdle)
        {
            _idle.Add(compressor);
        }
        else
        {
            compressor.Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        while (_idle.TryTake(out ZstdSharp.Compressor? compressor))
        {
            compressor.Dispose();
        }
    }
}
