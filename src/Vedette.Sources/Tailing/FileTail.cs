using Vedette.Audit.Batches;
using Vedette.Sources.Settings;

namespace Vedette.Sources.Tailing;

/// <summary>
/// Follows the files of one source: hands over whole lines in order, chunk after chunk, and moves a file's position only when its chunk is durable. Files are looked at every <see cref="FileSource.Poll"/>.
/// What goes wrong is told by <see cref="Status"/> and tried again; nothing about files ends it.
/// </summary>
public sealed class FileTail : IAsyncDisposable
{
    /// <summary>Longest line, in bytes. A longer one is a reject of which the first 64 KB are kept.</summary>
    public const int MaxLineLength = 64 * 1024 * 1024;

    /// <summary>Most logs of a source.</summary>
    public const int MaxLogs = 1024;

    /// <summary>Most files of one log, the rotated ones included; of more, the newest.</summary>
    public const int MaxFiles = 2048;

    /// <summary>Most files kept open between looks.</summary>
    private const int MaxOpenFiles = 128;

    /// <summary>How many times in one look the directories are listed again because files moved meanwhile.</summary>
    private const int MaxMoves = 16;

    /// <summary>How long a rotated file must be quiet before its last line counts as whole without line end; what is newer waits for so long.</summary>
    public static readonly TimeSpan MaxWaitForLineEnd = TimeSpan.FromSeconds(5);

    /// <summary>The same for a file that was not rotated, if the line is a complete JSON value.</summary>
    public static readonly TimeSpan MaxWaitForLiveLineEnd = TimeSpan.FromMinutes(1);

    /// <summary>How long a compressed file that ends before its time must be unchanged before it counts as damaged.</summary>
    public static readonly TimeSpan MaxWaitForPacked = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait before a file that could not be read is tried again.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before a chunk that could not be stored is offered again; it begins with a tenth of it.</summary>
    public static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(5);

    /// <summary>How often positions are saved while there is always more to read. After a crash what was read since is read again; the store knows it.</summary>
    public static readonly TimeSpan SaveInterval = TimeSpan.FromMilliseconds(250);

    private readonly SortedDictionary<string, FollowedLog> _logs = new(StringComparer.Ordinal);
    private readonly EventBatch _batch = new();
    private readonly FileSource _source;
    private readonly ITailPositions _positions;
    private readonly TailHandler _handler;
    private readonly TailLimits _limits;
    private readonly TailContext _context;
    private Dictionary<string, List<LogFile>>? _restored;
    private bool _isFirst;
    private bool _isDirty;
    private long _savedAt;
    private long _lookedAt;

    /// <summary>Follows the files of a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="positions">Where it is kept how far they were read.</param>
    /// <param name="handler">Makes chunks durable.</param>
    /// <param name="time">Clock.</param>
    public FileTail(FileSource source, ITailPositions positions, TailHandler handler, TimeProvider time)
        : this(source, positions, handler, time, LinuxTailFiles.Instance, new TailLimits())
    {
    }

    internal FileTail(FileSource source, ITailPositions positions, TailHandler handler, TimeProvider time, ITailFiles files, TailLimits limits)
    {
        (_source, _positions, _handler, _limits) = (source, positions, handler, limits);
        Status = new SourceStatus(source.Name, source.Cluster);
        _context = new TailContext(files, time, Status, new LogFileReader(files, time, limits));
    }

    /// <summary>How it goes.</summary>
    public SourceStatus Status { get; }

    /// <summary>Follows the files until it is cancelled, then saves how far it came.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await PollAsync(cancellation);
                await Task.Delay(_source.Poll, _context.Time, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Save();
        }
    }

    /// <summary>Looks once, and hands over all there is.</summary>
    public async Task PollAsync(CancellationToken cancellation)
    {
        _context.HasComplained = false;
        Restore();
        Look();
        int moves = 0;
        bool hasMore = true;
        while (hasMore)
        {
            hasMore = false;
            bool mustLook = false;
            foreach (FollowedLog log in _logs.Values.ToArray())
            {
                cancellation.ThrowIfCancellationRequested();
                if (log.Next(_batch, out bool isTooLong, out bool hasMoved) is { } file)
                {
                    await DeliverAsync(file, new TailChunk(_source.Name, _source.Cluster, file.Path, _batch, _context.Reader.PositionAfter, isTooLong), cancellation);
                    log.Commit(file);
                    _isDirty = true;
                    hasMore = true;
                    Trim();
                }

                mustLook |= hasMoved;
                if (_logs.Count > MaxOpenFiles)
                {
                    log.CloseFiles();
                }
            }

            if (_isDirty && _context.Time.GetElapsedTime(_savedAt) >= SaveInterval)
            {
                Save();
            }

            if ((mustLook && moves++ < MaxMoves) || (hasMore && _context.Time.GetElapsedTime(_lookedAt) >= _source.Poll))
            {
                Look();
                hasMore |= mustLook;
            }
        }

        Measure();
        if (_isDirty)
        {
            Save();
        }

        if (!_context.HasComplained)
        {
            Status.Well();
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        foreach (FollowedLog log in _logs.Values)
        {
            log.Dispose();
        }

        _batch.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask DeliverAsync(LogFile file, TailChunk chunk, CancellationToken cancellation)
    {
        TimeSpan wait = MaxBackoff / 10;
        int length = chunk.Batch.InputLength;
        try
        {
            while (!await _handler(chunk, cancellation))
            {
                _context.HasComplained = true;
                await Task.Delay(wait, _context.Time, cancellation);
                wait = wait * 2 < MaxBackoff ? wait * 2 : MaxBackoff;
                chunk.Batch.Reset(0);
            }
        }
        catch
        {
            // Not done with: it is read again, from its position.
            file.Close();
            throw;
        }

        Status.Read(length, _context.Time.GetUtcNow());
    }

    /// <summary>A very long line made the batch large; it does not stay so.</summary>
    private void Trim()
    {
        _batch.Reset(_batch.InputLength);
        _batch.Shrink(4 * _limits.MaxChunkLength);
    }

    private void Restore()
    {
        if (_restored is not null)
        {
            return;
        }

        _isFirst = false;
        try
        {
            ReadOnlyMemory<byte>? state = _positions.Load(_source.Name);
            _isFirst = state is null;
            _restored = state is { } known ? TailState.Read(known) : [];
        }
        catch (InvalidDataException exception)
        {
            _context.Tell($"{exception.Message}; the files of {_source.Name} are read again from their beginning");
            _restored = [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // To begin without it would be to read everything again.
            _context.Tell($"it cannot be read how far the files of {_source.Name} were read: {exception.Message}");
        }
    }

    /// <summary>Finds the files that are there.</summary>
    private void Look()
    {
        if (_restored is null)
        {
            return;
        }

        _lookedAt = _context.Time.GetTimestamp();
        foreach (string path in _source.Paths.SelectMany(Expand))
        {
            Follow(Path.Combine(Path.GetDirectoryName(path)!, RotatedName.Of(Path.GetFileName(path)).Base));
        }

        foreach (IGrouping<string, FollowedLog> directory in _logs.Values.GroupBy(log => Path.GetDirectoryName(log.Path)!, StringComparer.Ordinal))
        {
            try
            {
                Look(directory.Key, directory);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                _context.Complain(directory.Key, null, exception);
            }
        }

        // That there was a first look must be known after a restart, also when nothing was there.
        _isDirty |= _isFirst;
        _isFirst = false;
        Measure();
    }

    private IEnumerable<string> Expand(string pattern)
    {
        try
        {
            return [.. PathPattern.Expand(pattern, _limits.MaxLogs * _limits.MaxFiles)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _context.Tell($"{pattern} cannot be looked for: {exception.Message}");
            return [];
        }
    }

    private void Follow(string path)
    {
        if (_logs.ContainsKey(path))
        {
            return;
        }

        if (_logs.Count >= _limits.MaxLogs)
        {
            foreach (FollowedLog gone in _logs.Values.Where(known => known.Files.All(file => !file.IsSeen)).ToArray())
            {
                gone.Dispose();
                _logs.Remove(gone.Path);
            }
        }

        if (_logs.Count >= _limits.MaxLogs)
        {
            _context.Tell($"{path} is not read: a source may have {_limits.MaxLogs} logs; split it into several sources");
            return;
        }

        FollowedLog log = new(path, _context);
        if (_restored!.Remove(path, out List<LogFile>? files))
        {
            log.Restore(files);
        }

        _logs.Add(path, log);
    }

    private void Look(string directory, IEnumerable<FollowedLog> logs)
    {
        (string Name, RotatedName Rotated)[] names = [.. _context.Files.List(directory).Select(name => (name, RotatedName.Of(name)))];
        ILookup<string, (string Name, RotatedName Rotated)> byBase = names.ToLookup(name => name.Rotated.Base, StringComparer.Ordinal);
        foreach (FollowedLog log in logs)
        {
            string[] own = [.. byBase[Path.GetFileName(log.Path)].Select(name => name.Name)];
            HashSet<string> all = new(own, StringComparer.Ordinal);
            List<LogCandidate> candidates = [];
            foreach ((string name, RotatedName rotated) in byBase[Path.GetFileName(log.Path)])
            {
                // While it is being compressed, a file is there twice; the plain one counts.
                if (rotated.IsPacked && all.Contains(Path.GetFileNameWithoutExtension(name)))
                {
                    continue;
                }

                string path = Path.Combine(directory, name);
                if (_context.Files.Look(path) is { IsRegular: true } facts)
                {
                    candidates.Add(new LogCandidate(path, rotated, facts));
                }
            }

            candidates.Sort((one, other) => string.CompareOrdinal(one.Name.Order, other.Name.Order) is not 0 and var order ? order : string.CompareOrdinal(one.Path, other.Path));
            if (candidates.Count > _limits.MaxFiles)
            {
                _context.Tell($"{log.Path} has {candidates.Count} files; the oldest are not read, since a log may have {_limits.MaxFiles}");
                candidates.RemoveRange(0, candidates.Count - _limits.MaxFiles);
            }

            log.Reconcile(candidates, _isFirst && _source.From == TailStart.End);
        }
    }

    private void Measure() =>
        Status.Looked(_logs.Values.Sum(log => (long)log.Files.Count(file => file.IsSeen)), _logs.Values.Sum(log => log.Files.Sum(file => file.Lag)));

    private void Save()
    {
        if (_restored is null)
        {
            return;
        }

        _savedAt = _context.Time.GetTimestamp();
        try
        {
            _positions.Save(_source.Name, TailState.Write([.. _logs.Values.Select(log => (log.Path, log.Files)), .. _restored.Take(_limits.MaxLogs).Select(log => (log.Key, (IReadOnlyList<LogFile>)log.Value))]));
            _isDirty = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _context.Tell($"it cannot be stored how far the files of {_source.Name} were read: {exception.Message}");
        }
    }
}
