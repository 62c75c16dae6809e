using System.IO.Compression;

namespace Vedette.Sinks.Forwarding;

/// <summary>What is forwarded: JSON lines, packed with gzip.</summary>
/// <param name="Bytes">The body.</param>
/// <param name="IsGzip">Is it packed?</param>
internal readonly record struct ForwardingBody(ReadOnlyMemory<byte> Bytes, bool IsGzip)
{
    /// <summary>Type of JSON lines, as the receiving side knows them.</summary>
    public const string ContentType = "application/x-ndjson";

    /// <summary>
    /// What shrinks to less than one of so many parts goes unpacked. A receiver takes it for a decompression bomb otherwise, and an event that somebody padded on purpose would never arrive.
    /// </summary>
    public const int MaxRatio = 100;

    /// <summary>Packs lines.</summary>
    public static ForwardingBody Of(ReadOnlyMemory<byte> lines)
    {
        using MemoryStream packed = new(lines.Length / 8);
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(lines.Span);
        }

        return packed.Length * MaxRatio < lines.Length ? new ForwardingBody(lines, IsGzip: false) : new ForwardingBody(packed.GetBuffer().AsMemory(0, (int)packed.Length), IsGzip: true);
    }
}
