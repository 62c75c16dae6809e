using System.Buffers.Binary;
using System.Globalization;

namespace Vedette.Storage.Journals;

/// <summary>
/// One file of a journal. Its name says its number, the sequence of its first record, and a random number: <c>NUMBER-SEQUENCE-SALT.journal</c>, the first two in decimal, all with leading zeros.
/// It begins with a page that holds the format and the same numbers; blocks follow (<see cref="BlockHeader"/>), each at the start of a page; what is reserved after them is zero.
/// A block whose records a later segment claims by its first sequence is not part of the journal: that is how what failed to be made durable stays out.
/// </summary>
/// <param name="Directory">Where it is.</param>
/// <param name="Number">Number of the file, growing.</param>
/// <param name="First">Sequence of the first record in it.</param>
/// <param name="Salt">Every block begins with it, so that nobody can put bytes into a record that are taken for a block where the journal is damaged.</param>
internal sealed record Segment(string Directory, long Number, long First, long Salt)
{
    /// <summary>
    /// Blocks begin at multiples of this, which is at least what a disk writes at once: a write that is torn by a loss of power never touches what an earlier one made durable.
    /// </summary>
    public const int PageLength = 4096;

    /// <summary>Version of the format.</summary>
    public const int Version = 1;

    private const string Extension = ".journal";
    private const int HeaderLength = 40;
    private const int ChecksumAt = 36;

    /// <summary>Where the file is.</summary>
    public string Path => System.IO.Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"{Number:D10}-{First:D19}-{Salt:x16}{Extension}"));

    private static ReadOnlySpan<byte> Magic => "VEDETTEJ"u8;

    /// <summary>Reads a file's name; null for files that are no segment.</summary>
    public static Segment? Parse(string directory, string name) =>
        name.EndsWith(Extension, StringComparison.Ordinal) && name[..^Extension.Length].Split('-') is [var number, var first, var salt]
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long parsed)
        && long.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
        && long.TryParse(salt, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long random)
            ? new Segment(directory, parsed, sequence, random)
            : null;

    /// <summary>Length rounded up to whole pages.</summary>
    public static long Align(long length) => (length + PageLength - 1) & ~(PageLength - 1L);

    /// <summary>Writes the first page.</summary>
    public byte[] Header()
    {
        byte[] page = new byte[PageLength];
        Magic.CopyTo(page);
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(8), Version);
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(12), Number);
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(20), First);
        BinaryPrimitives.WriteInt64LittleEndian(page.AsSpan(28), Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(ChecksumAt), Crc32C.Of(page.AsSpan(0, ChecksumAt)));
        return page;
    }

    /// <summary>Is this the first page of this segment? False when it was never written to its end, or is damaged.</summary>
    /// <exception cref="InvalidDataException">It is of a version that this program does not know.</exception>
    public bool IsHeader(ReadOnlySpan<byte> page)
    {
        if (page.Length < HeaderLength || !page.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(page[ChecksumAt..]) != Crc32C.Of(page[..ChecksumAt]))
        {
            return false;
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(page[8..]);
        return version != Version
            ? throw new InvalidDataException($"{Path}: format {version} of the journal is not known to this version of vedette, which knows {Version}; use the version that wrote it")
            : BinaryPrimitives.ReadInt64LittleEndian(page[12..]) == Number && BinaryPrimitives.ReadInt64LittleEndian(page[20..]) == First
                && BinaryPrimitives.ReadInt64LittleEndian(page[28..]) == Salt;
    }
}
