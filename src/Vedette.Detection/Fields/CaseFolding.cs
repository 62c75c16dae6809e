using System.Buffers;
using System.Text;

namespace Vedette.Detection.Fields;

/// <summary>
/// Unicode simple case folding of UTF-8 text (Unicode 5.18, "Caseless Matching"), by the upper-case mapping and then the lower-case one: that joins what folds together,
/// final sigma, long s and the Kelvin sign included. Bytes that are not UTF-8 become U+FFFD.
/// </summary>
internal static class CaseFolding
{
    /// <summary>Most bytes that folding makes of one byte of input: an invalid byte becomes three.</summary>
    public const int MaxGrowth = 3;

    /// <summary>Folds a text.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="destination">At least <see cref="MaxGrowth"/> times as long.</param>
    /// <returns>Bytes written.</returns>
    public static int Fold(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        if (Ascii.ToLower(text, destination, out int written) == OperationStatus.Done)
        {
            return written;
        }

        written = 0;
        while (!text.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(text, out Rune rune, out int used);
            written += Fold(rune).EncodeToUtf8(destination[written..]);
            text = text[used..];
        }

        return written;
    }

    /// <summary>Folds a text to bytes of its own.</summary>
    public static byte[] Fold(string text)
    {
        byte[] plain = Encoding.UTF8.GetBytes(text);
        if (Ascii.IsValid(plain))
        {
            Ascii.ToLowerInPlace(plain, out _);
            return plain;
        }

        byte[] folded = new byte[plain.Length * MaxGrowth];
        return folded[..Fold(plain, folded)];
    }

    // .NET's invariant mapping leaves U+017F (long s) alone, since its capital is in ASCII; CaseFolding.txt does not.
    private static Rune Fold(Rune rune) => rune.Value == 0x017F ? new Rune('s') : Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune));
}
