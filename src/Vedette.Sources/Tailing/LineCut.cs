namespace Vedette.Sources.Tailing;

/// <summary>What to do with the bytes of a file that are there.</summary>
internal enum CutKind
{
    /// <summary>Nothing can be given yet.</summary>
    Wait,

    /// <summary>Read more, then ask again.</summary>
    More,

    /// <summary>These first bytes are nothing: the rest of a line that was too long, or zeros before a line.</summary>
    Drop,

    /// <summary>These first bytes are whole lines.</summary>
    Take,

    /// <summary>All of it is the beginning of a line that is too long.</summary>
    TooLong,
}

/// <summary>Cuts bytes at the ends of lines.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Length">With how many bytes.</param>
internal readonly record struct LineCut(CutKind Kind, int Length)
{
    /// <summary>
    /// The next step. Zeros before a line are a hole: a file that was truncated under a writer which does not append, as kube-apiserver does not, goes on at the old offset.
    /// </summary>
    /// <param name="input">The bytes, from the beginning of a line on unless <paramref name="isSkipping"/>.</param>
    /// <param name="isSkipping">Is the line they begin in passed over?</param>
    /// <param name="isAtEnd">Are there no more bytes now?</param>
    /// <param name="giveLast">Is a last line without line end whole?</param>
    /// <param name="maxLineLength">Longest line.</param>
    public static LineCut Next(ReadOnlySpan<byte> input, bool isSkipping, bool isAtEnd, bool giveLast, int maxLineLength)
    {
        if (input.IsEmpty)
        {
            return new(isAtEnd ? CutKind.Wait : CutKind.More, 0);
        }

        if (isSkipping)
        {
            int lineEnd = input.IndexOf((byte)'\n');
            return new(CutKind.Drop, lineEnd < 0 ? input.Length : lineEnd + 1);
        }

        if (input[0] == 0)
        {
            int zeros = input.IndexOfAnyExcept((byte)0);
            return new(CutKind.Drop, zeros < 0 ? input.Length : zeros);
        }

        int end = input.LastIndexOf((byte)'\n');
        if (end >= 0)
        {
            return new(CutKind.Take, end + 1);
        }

        if (input.Length >= maxLineLength)
        {
            return new(CutKind.TooLong, input.Length);
        }

        return isAtEnd ? new(giveLast ? CutKind.Take : CutKind.Wait, input.Length) : new(CutKind.More, 0);
    }
}
