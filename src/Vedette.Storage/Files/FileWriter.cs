using System.Buffers;
using Vedette.Storage.Journals;

namespace Vedette.Storage.Files;

/// <summary>Writes to a file what is written to it, a piece at a time, and adds up its checksum. Not thread-safe.</summary>
/// <param name="file">The file.</param>
/// <param name="start">Where in it to begin.</param>
internal sealed class FileWriter(IFile file, long start) : IBufferWriter<byte>, IDisposable
{
    private const int PieceLength = 256 * 1024;

    private byte[] _piece = ArrayPool<byte>.Shared.Rent(PieceLength);
    private int _used;
    private uint _checksum = Crc32C.Initial;

    /// <summary>Bytes written to the file.</summary>
    public long Written { get; private set; }

    /// <summary>Checksum of what was written to the file.</summary>
    public uint Checksum => Crc32C.End(_checksum);

    /// <inheritdoc />
    public void Advance(int count) => _used += count;

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        sizeHint = Math.Max(sizeHint, 1);
        if (_piece.Length - _used < sizeHint)
        {
            Flush();
        }

        if (_piece.Length < sizeHint)
        {
            ArrayPool<byte>.Shared.Return(_piece);
            _piece = ArrayPool<byte>.Shared.Rent(sizeHint);
        }

        return _piece.AsMemory(_used);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Writes what is left.</summary>
    public void Flush()
    {
        ReadOnlySpan<byte> piece = _piece.AsSpan(0, _used);
        if (!piece.IsEmpty)
        {
            file.Write(piece, start + Written);
            _checksum = Crc32C.Add(_checksum, piece);
            Written += _used;
            _used = 0;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_piece);
        _piece = [];
    }
}
