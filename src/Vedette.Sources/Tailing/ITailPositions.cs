namespace Vedette.Sources.Tailing;

/// <summary>Where it is kept how far files have been read.</summary>
public interface ITailPositions
{
    /// <summary>What was saved last; null when nothing was.</summary>
    /// <param name="name">Name of the source.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    ReadOnlyMemory<byte>? Load(string name);

    /// <summary>Replaces it; durable when it returns.</summary>
    /// <param name="name">Name of the source.</param>
    /// <param name="state">What to keep.</param>
    /// <exception cref="IOException">It cannot be stored.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be stored.</exception>
    void Save(string name, ReadOnlySpan<byte> state);
}
