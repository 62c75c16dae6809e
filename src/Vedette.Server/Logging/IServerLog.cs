namespace Vedette.Server.Logging;

/// <summary>
/// What the server says about itself to people. A message is a constant sentence; what varies goes into fields, by name. Never fails, never waits for long, safe for threads.
/// </summary>
public interface IServerLog
{
    /// <summary>Something that is as it should be.</summary>
    /// <param name="message">A constant sentence.</param>
    /// <param name="fields">Names and values: texts, numbers, truth values, times, spans (told in seconds), exceptions.</param>
    void Information(string message, params ReadOnlySpan<(string Name, object? Value)> fields);

    /// <summary>Something that somebody should look at by day.</summary>
    /// <param name="message">A constant sentence.</param>
    /// <param name="fields">Names and values.</param>
    void Warning(string message, params ReadOnlySpan<(string Name, object? Value)> fields);

    /// <summary>Something that does not work.</summary>
    /// <param name="message">A constant sentence.</param>
    /// <param name="fields">Names and values.</param>
    void Error(string message, params ReadOnlySpan<(string Name, object? Value)> fields);
}
