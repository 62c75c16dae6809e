namespace Vedette.Sources.Bodies;

/// <summary>Why a body was not taken.</summary>
public enum BodyProblem
{
    /// <summary>It was taken.</summary>
    None,

    /// <summary>Its content-encoding is none of gzip, zstd and identity.</summary>
    UnknownEncoding,

    /// <summary>It has more bytes, after decompression, than a body may have.</summary>
    TooLarge,

    /// <summary>It grows more by decompression than any log does: a bomb.</summary>
    Bomb,

    /// <summary>It is not what its content-encoding says, or ends too early.</summary>
    Damaged,

    /// <summary>Too much is being received just now; later there may be room.</summary>
    NoRoom,
}

/// <summary>Names of body problems.</summary>
public static class BodyProblems
{
    /// <summary>The stable name, as metrics show it.</summary>
    public static string Name(this BodyProblem problem) => problem switch
    {
        BodyProblem.None => "none",
        BodyProblem.UnknownEncoding => "unknown-encoding",
        BodyProblem.TooLarge => "too-large",
        BodyProblem.Bomb => "bomb",
        BodyProblem.Damaged => "damaged",
        BodyProblem.NoRoom => "no-room",
        _ => throw new ArgumentOutOfRangeException(nameof(problem)),
    };

    /// <summary>What is wrong and what to do, for the sender's log.</summary>
    public static string Explain(this BodyProblem problem, BodyLimits limits) => problem switch
    {
        BodyProblem.None => "",
        BodyProblem.UnknownEncoding => "content-encoding must be gzip, zstd or identity",
        BodyProblem.TooLarge => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"a body may have {limits.MaxPlainLength} bytes after decompression; send smaller batches"),
        BodyProblem.Bomb => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the body decompresses to more than {limits.MaxRatio} times its size; send it uncompressed"),
        BodyProblem.Damaged => "the body is not what its content-encoding says, or ends too early",
        BodyProblem.NoRoom => "too much is being received just now; try again",
        _ => throw new ArgumentOutOfRangeException(nameof(problem)),
    };
}
