using System.IO.Compression;
using Vedette.Audit.Batches;
using Vedette.Sources.Files;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Vedette.Sources.Bodies;

/// <summary>Reads bodies that senders post, decompressed, within limits. What a body claims about its length is not believed, only what comes counts.</summary>
public static class BodyDecoder
{
    /// <summary>Bytes asked for at once.</summary>
    private const int ReadLength = 64 * 1024;

    /// <summary>
    /// Largest window of a zstd body, as a power of two: 8 MB, which decoders should take (RFC 8878, section 3.1.1.1.2), and more than all levels without "ultra" ask for. It is allocated for who only claims it.
    /// </summary>
    private const int MaxZstdWindowLog = 23;

    /// <summary>Appends a body to a batch.</summary>
    /// <param name="body">The body as sent.</param>
    /// <param name="contentEncoding">The header of this name; null or empty for none.</param>
    /// <param name="into">Where to; what it holds when the body is not taken is of no use.</param>
    /// <param name="limits">Limits.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="IOException">The body's stream fails.</exception>
    public static async ValueTask<BodyProblem> ReadAsync(Stream body, string? contentEncoding, EventBatch into, BodyLimits limits, CancellationToken cancellation)
    {
        CountedStream stored = new(body);
        bool isPlain = IsPlain(contentEncoding);
        Stream? plain = isPlain ? body : Open(stored, contentEncoding);
        if (plain is null)
        {
            return BodyProblem.UnknownEncoding;
        }

        // The body's own stream is its owner's to close.
        await using Stream? decompressed = isPlain ? null : plain;
        long total = 0;
        while (true)
        {
            int read;
            Memory<byte> room = into.GetWriteMemory(ReadLength);
            // A byte more than may come tells a body that is too large from one that just fits.
            room = room[..(int)Math.Min(room.Length, limits.MaxPlainLength - total + 1)];
            try
            {
                read = await plain.ReadAsync(room, cancellation);
            }
            catch (Exception exception) when (exception is InvalidDataException or ZstdException or EndOfStreamException)
            {
                return BodyProblem.Damaged;
            }

            total += read;
            if (read == 0)
            {
                into.Trim();
                // An empty gzip or zstd body still has a header.
                return !isPlain && stored.BytesRead == 0 ? BodyProblem.Damaged : BodyProblem.None;
            }

            if (total > limits.MaxPlainLength)
            {
                return BodyProblem.TooLarge;
            }

            if (!isPlain && total > BodyLimits.FreeLength && total / limits.MaxRatio > stored.BytesRead)
            {
                return BodyProblem.Bomb;
            }

            if (limits.Reserve is { } reserve && !reserve(read))
            {
                return BodyProblem.NoRoom;
            }

            into.Advance(read);
        }
    }

    private static bool IsPlain(string? contentEncoding) => contentEncoding.AsSpan().Trim() is var encoding && (encoding.IsEmpty || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase));

    private static Stream? Open(CountedStream stored, string? contentEncoding)
    {
        ReadOnlySpan<char> encoding = contentEncoding.AsSpan().Trim();
        if (encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase) || encoding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase))
        {
            return new GZipStream(stored, CompressionMode.Decompress, leaveOpen: true);
        }

        if (encoding.Equals("zstd", StringComparison.OrdinalIgnoreCase))
        {
            DecompressionStream zstd = new(stored, leaveOpen: true);
            zstd.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxZstdWindowLog);
            return zstd;
        }

        return null;
    }
}
