namespace Vedette.Platforms.Eks.FilterPatterns;

/// <summary>Why a text is no filter pattern.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Position">Characters before the place, from 0.</param>
public sealed record FilterProblem(string Message, int Position)
{
    /// <inheritdoc />
    public override string ToString() => $"character {Position + 1}: {Message}";
}
