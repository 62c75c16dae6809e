namespace Vedette.Audit.Json;

/// <summary>
/// How far a value goes and what it is, in one word: what is passed, returned and copied of a <see cref="JsonValue"/> besides its place stays in a register that way, and is never copied through
/// memory in other pieces than it was written in, which a processor waits for.
/// </summary>
internal readonly struct JsonExtent
{
    /// <summary>The most that <see cref="Following"/> says, in bytes; it may be more then.</summary>
    public const int MaxFollowing = (1 << (KindShift - FollowingShift)) - 1;

    private const int FollowingShift = 31;
    private const int KindShift = 60;
    private const ulong Plain = 1UL << 63;

    // From the lowest bit: 31 of the length, 29 of what follows, 3 of the kind, and one that says that there are no escapes.
    private readonly ulong _bits;

    /// <summary>Describes a value.</summary>
    /// <param name="length">Its length in bytes; of a string without the quotes.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="isEscaped">False for a string that is known to have no escapes.</param>
    /// <param name="following">How far the text goes on behind it, in bytes.</param>
    public JsonExtent(int length, JsonKind kind, bool isEscaped, int following) =>
        _bits = (uint)length | (ulong)Math.Min(following, MaxFollowing) << FollowingShift | (ulong)kind << KindShift | (isEscaped ? 0 : Plain);

    /// <summary>Its length in bytes; of a string without the quotes.</summary>
    public int Length => (int)_bits & int.MaxValue;

    /// <summary>How far the text goes on behind it, in bytes, <see cref="MaxFollowing"/> at most.</summary>
    public int Following => (int)(_bits >> FollowingShift) & MaxFollowing;

    /// <summary>What it is.</summary>
    public JsonKind Kind => (JsonKind)(_bits >> KindShift & 7);

    /// <summary>True for what is known to have no escapes.</summary>
    public bool IsPlain => (_bits & Plain) != 0;

    /// <summary>True for a string that is known to have no escapes.</summary>
    public bool IsPlainString => _bits >> KindShift == (Plain >> KindShift | (ulong)JsonKind.String);
}
