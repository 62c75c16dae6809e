using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Vedette.Sources.Tailing;

/// <summary>By what a piece of a file is known again: its length and the first 128 bits of its SHA-256.</summary>
/// <param name="Length">Bytes of the piece; 0 when nothing is known.</param>
/// <param name="Hash">The hash.</param>
internal readonly record struct Fingerprint(int Length, UInt128 Hash)
{
    /// <summary>Bytes looked at of a file's beginning. Audit events have an id and times in their first hundreds of bytes.</summary>
    public const int MaxHead = 1024;

    /// <summary>Bytes looked at before the place up to which a file was read.</summary>
    public const int MaxNear = 256;

    /// <summary>Of these bytes.</summary>
    public static Fingerprint Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return default;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return new Fingerprint(bytes.Length, BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    /// <summary>
    /// Of the beginning of a file: all bytes looked at, or where the file has not so many its whole lines. What kube-apiserver writes begins alike in every file, so less than a line says nothing.
    /// </summary>
    public static Fingerprint OfHead(ReadOnlySpan<byte> bytes) => Of(bytes.Length >= MaxHead ? bytes[..MaxHead] : bytes[..(bytes.LastIndexOf((byte)'\n') + 1)]);

    /// <summary>Do these bytes begin with the piece? False when nothing is known.</summary>
    public bool Begins(ReadOnlySpan<byte> bytes) => Length > 0 && bytes.Length >= Length && Of(bytes[..Length]) == this;
}
