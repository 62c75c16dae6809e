using System.Globalization;
using Vedette.Pipeline.Scanning;

namespace Vedette.Cli.Output;

/// <summary>Shows on a terminal's error stream how far a scan is, and wipes that away when it is done.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="total">Bytes to read in all, 0 when not known.</param>
/// <param name="time">Clock.</param>
internal sealed class Progress(Terminal terminal, long total, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);

    private long _shown = time.GetTimestamp();
    private bool _isShowing;

    /// <summary>Shows it, if it is time again.</summary>
    public void Report(ScanProgress progress)
    {
        if (!Terminal.ShowsProgress || time.GetElapsedTime(_shown) < s_interval)
        {
            return;
        }

        _shown = time.GetTimestamp();
        _isShowing = true;
        string share = total > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Min(100, progress.StoredBytes * 100 / total)} %, ") : "";
        terminal.Error.Write(string.Create(
            CultureInfo.InvariantCulture, $"\r\e[K{share}{progress.Events:N0} events, {progress.Findings:N0} findings  {TerminalText.Escape(Path.GetFileName(progress.Input))}"));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_isShowing)
        {
            terminal.Error.Write("\r\e[K");
            _isShowing = false;
        }
    }
}
