using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Vedette.Audit.Blocks;

/// <summary>
/// Finds where a string or a container ends, from a place that is known to be inside or before it and outside of anything else. Needs no index of the text before,
/// writes nothing, and has one view with every other reader of what is escaped and what is inside a string.
/// </summary>
internal static class BlockScan<TKernel>
    where TKernel : IBlockKernel
{
    private const int BlockSize = IBlockKernel.BlockSize;

    private const int HalfSize = BlockSize / 2;

    private const int RunSize = IBlockKernel.RunSize;

    /// <summary>Finds the closing quote of a string.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">The first byte after the opening quote; at most the text's length.</param>
    /// <param name="limit">Where looking ends; what lies behind it may be read but a search that reaches it is given up.</param>
    /// <param name="isEscaped">True when there is a backslash before it.</param>
    /// <returns>Its position; the text's length, or a place behind the limit, when there is none before it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int StringEnd(ReadOnlySpan<byte> json, int at, int limit, out bool isEscaped)
    {
        if (at <= json.Length - BlockSize)
        {
            // Nearly every string: it ends within 32 bytes or else within 64, and has no backslash before its end. The xor marks the first quote and all bytes before it; all bytes when there is none.
            ref byte block = ref Unsafe.Add(ref MemoryMarshal.GetReference(json), at);
            TKernel.QuotesOfHalf(ref block, out uint backslashes, out uint quotes);
            if ((backslashes & (quotes ^ (quotes - 1))) == 0)
            {
                isEscaped = false;
                if (quotes != 0)
                {
                    return at + BitOperations.TrailingZeroCount(quotes);
                }

                TKernel.QuotesOfHalf(ref Unsafe.Add(ref block, HalfSize), out backslashes, out quotes);
                if (quotes != 0 && (backslashes & (quotes ^ (quotes - 1))) == 0)
                {
                    return at + HalfSize + BitOperations.TrailingZeroCount(quotes);
                }
            }
        }

        // Into a variable of its own: one whose address is passed on would lie in memory on the usual way, too.
        int end = LongStringEnd(json, at, limit, out bool hasEscapes);
        isEscaped = hasEscapes;
        return end;
    }

    /// <summary>The length of a string that ends within a block and has no backslash before its end.</summary>
    /// <param name="block">The first byte after its opening quote; 64 bytes can be read.</param>
    /// <returns>-1 for every other string.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ShortLength(ref byte block)
    {
        TKernel.QuotesOfHalf(ref block, out uint backslashes, out uint quotes);
        int length = 0;
        if (quotes == 0 && backslashes == 0)
        {
            TKernel.QuotesOfHalf(ref Unsafe.Add(ref block, HalfSize), out backslashes, out quotes);
            length = HalfSize;
        }

        return quotes != 0 && (backslashes & (quotes ^ (quotes - 1))) == 0 ? length + BitOperations.TrailingZeroCount(quotes) : -1;
    }

    /// <summary>Finds the bracket that closes a container. Braces and brackets outside strings must balance; that their kinds match is not checked.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">The opening brace or bracket.</param>
    /// <param name="limit">Where looking ends; what lies behind it may be read but a search that reaches it is given up.</param>
    /// <returns>The position of the closing one; the text's length, or a place behind the limit, when there is none before it.</returns>
    public static int ContainerEnd(ReadOnlySpan<byte> json, int at, int limit)
    {
        ref byte block = ref Unsafe.Add(ref MemoryMarshal.GetReference(json), at);
        int wholeBlocks = Math.Min(limit, json.Length - BlockSize + 1);
        ulong escaping = 0;
        ulong inString = 0;
        int depth = 0;
        for (; at < wholeBlocks; at += BlockSize)
        {
            ulong quotes = TKernel.Find(ref block, (byte)'"');
            TKernel.Brackets(ref block, out ulong opening, out ulong closing);

            // Where backslashes are is worked out where there are any.
            if (TKernel.Contains(ref block, (byte)'\\') || escaping != 0)
            {
                quotes = BlockBits.NotEscaped(quotes, TKernel.Find(ref block, (byte)'\\'), ref escaping);
            }

            block = ref Unsafe.Add(ref block, BlockSize);
            if (EndsInBlock(quotes, opening, closing, ref inString, ref depth, out int end))
            {
                return at + end;
            }
        }

        return at < limit ? ContainerEndInRest(json, at, escaping, inString, depth) : json.Length;
    }

    /// <summary>Goes over one block of a container: does it end in it, and where?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool EndsInBlock(ulong quotes, ulong opening, ulong closing, ref ulong inString, ref int depth, out int end)
    {
        ulong outside = ~BlockBits.Strings(quotes, ref inString);
        opening &= outside;
        closing &= outside;
        int closed = BlockBits.Count(closing);
        if (depth <= closed && TryFindEnd(opening, closing, depth, out end))
        {
            return true;
        }

        depth += BlockBits.Count(opening) - closed;
        end = BlockSize;
        return false;
    }

    // Apart from the loop over whole blocks, whose masks stay in registers that way.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ContainerEndInRest(ReadOnlySpan<byte> json, int at, ulong escaping, ulong inString, int depth)
    {
        ref byte block = ref Rest(json, at, stackalloc byte[BlockSize], out int passed);
        ulong quotes = BlockBits.NotEscaped(TKernel.Find(ref block, (byte)'"') >> passed, TKernel.Find(ref block, (byte)'\\') >> passed, ref escaping);
        TKernel.Brackets(ref block, out ulong opening, out ulong closing);
        return EndsInBlock(quotes, opening >> passed, closing >> passed, ref inString, ref depth, out int end) ? at + end : json.Length;
    }

    /// <summary>Is there no white space outside of strings? False also where a backslash stands outside of them: that is no JSON, and readers differ about what it escapes.</summary>
    /// <param name="json">The text; its start is outside of a string.</param>
    public static bool IsCompact(ReadOnlySpan<byte> json)
    {
        ref byte start = ref MemoryMarshal.GetReference(json);
        ulong escaping = 0;
        ulong inString = 0;
        int at = 0;
        for (; at <= json.Length - BlockSize; at += BlockSize)
        {
            ref byte block = ref Unsafe.Add(ref start, at);
            ulong quotes = TKernel.Find(ref block, (byte)'"');
            ulong blanks = Blanks(ref block);
            if (TKernel.Contains(ref block, (byte)'\\') || escaping != 0)
            {
                ulong backslashes = TKernel.Find(ref block, (byte)'\\');
                quotes = BlockBits.NotEscaped(quotes, backslashes, ref escaping);
                blanks |= backslashes;
            }

            if ((blanks & ~BlockBits.Strings(quotes, ref inString)) != 0)
            {
                return false;
            }
        }

        return at == json.Length || IsRestCompact(json, at, escaping, inString);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsRestCompact(ReadOnlySpan<byte> json, int at, ulong escaping, ulong inString)
    {
        ref byte block = ref Rest(json, at, stackalloc byte[BlockSize], out int passed);
        ulong backslashes = TKernel.Find(ref block, (byte)'\\') >> passed;
        ulong quotes = BlockBits.NotEscaped(TKernel.Find(ref block, (byte)'"') >> passed, backslashes, ref escaping);
        return ((Blanks(ref block) >> passed | backslashes) & ~BlockBits.Strings(quotes, ref inString)) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Blanks(ref byte block) =>
        TKernel.Find(ref block, (byte)' ') | TKernel.Find(ref block, (byte)'\n') | TKernel.Find(ref block, (byte)'\t') | TKernel.Find(ref block, (byte)'\r');

    /// <summary>Finds the end of the first line.</summary>
    /// <param name="text">Lines.</param>
    /// <param name="isAscii">True when every byte of it is ASCII.</param>
    /// <returns>The position of its line feed; the text's length when there is none.</returns>
    public static int LineEnd(ReadOnlySpan<byte> text, out bool isAscii)
    {
        ref byte start = ref MemoryMarshal.GetReference(text);
        int wholeBlocks = text.Length - BlockSize + 1;
        ulong others = 0;
        int at = 0;
        while (at < wholeBlocks)
        {
            // Most of a line is plain text, of which all that is to be known is known from a few blocks together.
            while (at <= text.Length - RunSize && TKernel.IsPlainRun(ref Unsafe.Add(ref start, at)))
            {
                at += RunSize;
            }

            for (int runEnd = at + Math.Min(RunSize, wholeBlocks - at); at < runEnd; at += BlockSize)
            {
                TKernel.Lines(ref Unsafe.Add(ref start, at), out ulong lineFeeds, out ulong nonAscii);
                if (lineFeeds != 0)
                {
                    int end = BitOperations.TrailingZeroCount(lineFeeds);
                    isAscii = (others | (nonAscii & ((1UL << end) - 1))) == 0;
                    return at + end;
                }

                others |= nonAscii;
            }
        }

        ReadOnlySpan<byte> rest = text[at..];
        int length = rest.IndexOf((byte)'\n') is var found && found >= 0 ? found : rest.Length;
        isAscii = others == 0 && Ascii.IsValid(rest[..length]);
        return at + length;
    }

    /// <summary>The bit of the closing bracket with which the depth comes to 0, if it does in this block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryFindEnd(ulong opening, ulong closing, int depth, out int end)
    {
        while (closing != 0)
        {
            ulong before = closing ^ (closing - 1);
            depth--;
            if (depth + BlockBits.Count(opening & before) == 0)
            {
                end = BitOperations.TrailingZeroCount(closing);
                return true;
            }

            closing &= closing - 1;
        }

        end = BlockSize;
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LongStringEnd(ReadOnlySpan<byte> json, int at, int limit, out bool isEscaped)
    {
        ref byte start = ref MemoryMarshal.GetReference(json);
        int wholeBlocks = Math.Min(limit, json.Length - BlockSize + 1);
        ulong escaping = 0;
        ulong escapes = 0;
        for (; at < wholeBlocks; at += BlockSize)
        {
            ref byte block = ref Unsafe.Add(ref start, at);
            ulong backslashes = TKernel.Find(ref block, (byte)'\\');
            ulong quotes = BlockBits.NotEscaped(TKernel.Find(ref block, (byte)'"'), backslashes, ref escaping);
            escapes |= backslashes & (quotes ^ (quotes - 1));
            if (quotes != 0)
            {
                isEscaped = escapes != 0;
                return at + BitOperations.TrailingZeroCount(quotes);
            }
        }

        isEscaped = escapes != 0;
        return at < limit ? StringEndInRest(json, at, escaping, ref isEscaped) : json.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int StringEndInRest(ReadOnlySpan<byte> json, int at, ulong escaping, ref bool isEscaped)
    {
        ref byte block = ref Rest(json, at, stackalloc byte[BlockSize], out int passed);
        ulong backslashes = TKernel.Find(ref block, (byte)'\\') >> passed;
        ulong quotes = BlockBits.NotEscaped(TKernel.Find(ref block, (byte)'"') >> passed, backslashes, ref escaping);
        isEscaped |= (backslashes & (quotes ^ (quotes - 1))) != 0;
        return quotes != 0 ? at + BitOperations.TrailingZeroCount(quotes) : json.Length;
    }

    /// <summary>The last, incomplete block of a text, as the end of a whole one.</summary>
    /// <param name="json">The text.</param>
    /// <param name="at">Where the block begins.</param>
    /// <param name="room">Where a shorter text than a block is copied to.</param>
    /// <param name="passed">How many bytes stand before it in the whole block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Rest(ReadOnlySpan<byte> json, int at, Span<byte> room, out int passed)
    {
        if (json.Length >= BlockSize)
        {
            passed = at - (json.Length - BlockSize);
            return ref Unsafe.Add(ref MemoryMarshal.GetReference(json), json.Length - BlockSize);
        }

        passed = 0;
        room.Clear();
        json[at..].CopyTo(room);
        return ref MemoryMarshal.GetReference(room);
    }
}

/// <summary>The scan with the widest instructions of this processor.</summary>
internal static class BlockScan
{
    /// <inheritdoc cref="BlockScan{TKernel}.StringEnd"/>
    public static int StringEnd(ReadOnlySpan<byte> json, int at, int limit, out bool isEscaped) =>
        Vector512Kernel.IsSupported ? BlockScan<Vector512Kernel>.StringEnd(json, at, limit, out isEscaped)
        : Vector256Kernel.IsSupported ? BlockScan<Vector256Kernel>.StringEnd(json, at, limit, out isEscaped)
        : Vector128Kernel.IsSupported ? BlockScan<Vector128Kernel>.StringEnd(json, at, limit, out isEscaped)
        : BlockScan<ScalarKernel>.StringEnd(json, at, limit, out isEscaped);

    /// <inheritdoc cref="BlockScan{TKernel}.ShortLength"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ShortLength(ref byte block) =>
        Vector512Kernel.IsSupported ? BlockScan<Vector512Kernel>.ShortLength(ref block)
        : Vector256Kernel.IsSupported ? BlockScan<Vector256Kernel>.ShortLength(ref block)
        : Vector128Kernel.IsSupported ? BlockScan<Vector128Kernel>.ShortLength(ref block)
        : BlockScan<ScalarKernel>.ShortLength(ref block);

    /// <inheritdoc cref="BlockScan{TKernel}.ContainerEnd"/>
    public static int ContainerEnd(ReadOnlySpan<byte> json, int at, int limit) =>
        Vector512Kernel.IsSupported ? BlockScan<Vector512Kernel>.ContainerEnd(json, at, limit)
        : Vector256Kernel.IsSupported ? BlockScan<Vector256Kernel>.ContainerEnd(json, at, limit)
        : Vector128Kernel.IsSupported ? BlockScan<Vector128Kernel>.ContainerEnd(json, at, limit)
        : BlockScan<ScalarKernel>.ContainerEnd(json, at, limit);

    /// <inheritdoc cref="BlockScan{TKernel}.IsCompact"/>
    public static bool IsCompact(ReadOnlySpan<byte> json) =>
        Vector512Kernel.IsSupported ? BlockScan<Vector512Kernel>.IsCompact(json)
        : Vector256Kernel.IsSupported ? BlockScan<Vector256Kernel>.IsCompact(json)
        : Vector128Kernel.IsSupported ? BlockScan<Vector128Kernel>.IsCompact(json)
        : BlockScan<ScalarKernel>.IsCompact(json);
}
