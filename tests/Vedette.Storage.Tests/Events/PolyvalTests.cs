using System.Buffers.Binary;
using Vedette.Storage.Events;
using Xunit;

namespace Vedette.Storage.Tests.Events;

public class PolyvalTests
{
    // x¹²⁸ modulo x¹²⁸ + x¹²⁷ + x¹²⁶ + x¹²¹ + 1.
    private static readonly UInt128 s_reduced = (UInt128.One << 127) | (UInt128.One << 126) | (UInt128.One << 121) | UInt128.One;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sums_are_those_of_RFC_8452(bool byInstruction)
    {
        // Appendix C.1: message authentication keys, additional data, plaintexts and "POLYVAL result".
        Assert.Equal("eb93b7740962c5e49d2a90a7dc5cec74", Sum("d9b360279694941ac5dbc6987ada7377", "", "0100000000000000", byInstruction));
        Assert.Equal("00000000000000000000000000000000", Sum("d9b360279694941ac5dbc6987ada7377", "", "", byInstruction));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sums_of_all_lengths_are_those_that_the_definition_gives(bool byInstruction)
    {
        Random random = new(1);
        byte[] key = new byte[Polyval.BlockLength];
        for (int length = 0; length < 1_700; length++)
        {
            random.NextBytes(key);
            byte[] first = new byte[random.Next(random.Next(4) == 0 ? 1_200 : 40)];
            byte[] second = new byte[length];
            random.NextBytes(first);
            random.NextBytes(second);
            byte[] sum = new byte[Polyval.BlockLength];
            new Polyval(key, byInstruction).Sum(first, second, sum);
            Assert.Equal(ByDefinition(key, first, second), BinaryPrimitives.ReadUInt128LittleEndian(sum));
        }
    }

    [Fact]
    public void A_key_of_another_length_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new Polyval(new byte[15]));

    private static string Sum(string key, string first, string second, bool byInstruction)
    {
        byte[] sum = new byte[Polyval.BlockLength];
        new Polyval(Convert.FromHexString(key), byInstruction).Sum(Convert.FromHexString(first), Convert.FromHexString(second), sum);
        return Convert.ToHexStringLower(sum);
    }

    /// <summary>RFC 8452, section 3, one block after the other and one bit after the other.</summary>
    private static UInt128 ByDefinition(byte[] key, byte[] first, byte[] second)
    {
        byte[] lengths = new byte[Polyval.BlockLength];
        BinaryPrimitives.WriteInt64LittleEndian(lengths, first.Length * 8L);
        BinaryPrimitives.WriteInt64LittleEndian(lengths.AsSpan(8), second.Length * 8L);
        UInt128 sum = 0;
        foreach (byte[] block in first.Chunk(Polyval.BlockLength).Concat(second.Chunk(Polyval.BlockLength)).Append(lengths))
        {
            byte[] padded = new byte[Polyval.BlockLength];
            block.CopyTo(padded, 0);
            sum = Dot(sum ^ BinaryPrimitives.ReadUInt128LittleEndian(padded), BinaryPrimitives.ReadUInt128LittleEndian(key));
        }

        return sum;
    }

    /// <summary>a · b · x⁻¹²⁸.</summary>
    private static UInt128 Dot(UInt128 left, UInt128 right)
    {
        UInt128 product = 0;
        for (int bit = 127; bit >= 0; bit--)
        {
            bool carry = product >> 127 != 0;
            product <<= 1;
            product ^= carry ? s_reduced : 0;
            product ^= ((left >> bit) & 1) != 0 ? right : 0;
        }

        for (int bit = 0; bit < 128; bit++)
        {
            // Odd: the polynomial is added first, whose x¹²⁸ becomes x¹²⁷.
            product = (product & 1) != 0 ? ((product ^ s_reduced) >> 1) | (UInt128.One << 127) : product >> 1;
        }

        return product;
    }
}
