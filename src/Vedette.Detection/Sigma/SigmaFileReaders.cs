using System.Runtime.ExceptionServices;

namespace Vedette.Detection.Sigma;

/// <summary>Reads many files on two threads: none needs another, and while rules are read nothing else is at work.</summary>
internal sealed class SigmaFileReaders
{
    /// <summary>Fewer are read before a thread has started.</summary>
    public const int FewFiles = 32;

    private readonly SigmaFile[] _files;
    private readonly SigmaOptions _options;
    private readonly SigmaFileReader[] _read;
    private ExceptionDispatchInfo? _failure;
    private int _next = -1;

    private SigmaFileReaders(SigmaFile[] files, SigmaOptions options) => (_files, _options, _read) = (files, options, new SigmaFileReader[files.Length]);

    /// <summary>Reads files.</summary>
    /// <returns>What they hold, in their order.</returns>
    public static SigmaFileReader[] Read(SigmaFile[] files, SigmaOptions options)
    {
        SigmaFileReaders readers = new(files, options);
        Thread? other = null;
        if (files.Length > FewFiles && Environment.ProcessorCount > 1)
        {
            other = new Thread(readers.ReadBeside) { IsBackground = true, Name = "rules" };
            other.Start();
        }

        readers.Read();
        other?.Join();
        readers._failure?.Throw();
        return readers._read;
    }

    private void Read()
    {
        while (Interlocked.Increment(ref _next) is var file && file < _files.Length)
        {
            _read[file] = new SigmaFileReader(_files[file], _options);
        }
    }

    private void ReadBeside()
    {
        try
        {
            Read();
        }
        catch (Exception exception)
        {
            // Thrown again by who waits for the thread.
            _failure = ExceptionDispatchInfo.Capture(exception);
        }
    }
}
