namespace Vedette.Cli;

/// <summary>The terminal or pipes the program talks to: data on <see cref="Out"/>, everything else on <see cref="Error"/>.</summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>The process's own.</summary>
    public Terminal()
    {
        Data = new BufferedStream(Console.OpenStandardOutput(), 64 * 1024);
        Out = new StreamWriter(Data, leaveOpen: true) { NewLine = "\n" };
        Error = Console.Error;
    }

    /// <summary>Data as bytes. Not to be mixed with <see cref="Out"/> without flushing that.</summary>
    public Stream Data { get; }

    /// <summary>Data as text.</summary>
    public TextWriter Out { get; }

    /// <summary>Messages, progress, statistics.</summary>
    public TextWriter Error { get; }

    /// <summary>Columns of the screen data goes to; null when it is none.</summary>
    public static int? Width => Console.IsOutputRedirected ? null : Math.Max(40, Console.WindowWidth);

    /// <summary>True when progress may be shown.</summary>
    public static bool ShowsProgress => !Console.IsErrorRedirected;

    /// <summary>True when the data's columns may be coloured: a screen, and the user has not said no (no-color.org).</summary>
    public static bool HasColor => !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Messages as bytes, for who writes whole lines at once.</summary>
    public static Stream ErrorStream() => Console.OpenStandardError();

    /// <summary>Standard input.</summary>
    public static Stream Input() => Console.OpenStandardInput();

    /// <inheritdoc />
    public void Dispose()
    {
        Out.Flush();
        Data.Flush();
    }
}
