using System.Collections.Immutable;
using Vedette.Audit.Shapes;
using Vedette.Sources.Settings;
using Vedette.Sources.Tailing;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Serving;

/// <summary>Takes events out of files and standard input into the store. Only when they are durable a file's position is moved.</summary>
public sealed class TailIntake : IAsyncDisposable
{
    private readonly Intake _intake;
    private readonly TimeProvider _time;
    private readonly ImmutableArray<FileTail> _tails;
    private readonly StandardInputTail? _standardInput;

    /// <summary>Prepares to read sources.</summary>
    /// <param name="intake">Makes events durable.</param>
    /// <param name="snapshots">Where is kept how far files were read.</param>
    /// <param name="settings">The sources.</param>
    /// <param name="standardInput">Gives standard input.</param>
    /// <param name="time">Clock.</param>
    public TailIntake(Intake intake, Snapshots snapshots, SourcesSettings settings, Func<Stream> standardInput, TimeProvider time)
    {
        (_intake, _time) = (intake, time);
        TailPositions positions = new(snapshots);
        _tails = [.. settings.Files.Select(source => Follow(source, positions))];
        if (settings.StandardInput is { } input)
        {
            StandardInputTail? tail = null;
            _standardInput = tail = new StandardInputTail(input, standardInput(), (chunk, cancellation) => StoreAsync(tail!.Status, chunk, cancellation), time);
        }

        Sources = [.. _tails.Select(tail => tail.Status), .. _standardInput is null ? [] : new[] { _standardInput.Status }];
    }

    /// <summary>How each source goes.</summary>
    public ImmutableArray<SourceStatus> Sources { get; }

    /// <summary>Reads all sources until it is cancelled; standard input also ends by itself.</summary>
    public Task RunAsync(CancellationToken cancellation)
    {
        IEnumerable<Task> running = _tails.Select(tail => Task.Run(() => tail.RunAsync(cancellation), CancellationToken.None));
        return Task.WhenAll(_standardInput is null ? running : running.Append(Task.Run(() => ReadStandardInputAsync(_standardInput, cancellation), CancellationToken.None)));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (FileTail tail in _tails)
        {
            await tail.DisposeAsync();
        }
    }

    private FileTail Follow(FileSource source, TailPositions positions)
    {
        FileTail? tail = null;
        return tail = new FileTail(source, positions, (chunk, cancellation) => StoreAsync(tail!.Status, chunk, cancellation), _time);
    }

    private async ValueTask<bool> StoreAsync(SourceStatus status, TailChunk chunk, CancellationToken cancellation)
    {
        IntakeResult taken = chunk.IsTooLong
            ? await _intake.RejectAsync(chunk.Cluster, chunk.Source, RejectReason.TooLarge, chunk.Batch.Input.ToArray(), cancellation)
            : await _intake.TakeAsync(chunk.Cluster, chunk.Source, chunk.Batch, cancellation);
        if (taken.Problem is { } problem)
        {
            status.Wrong(new SourceProblem($"what was read of {chunk.Path} cannot be stored: {problem.Message}", _time.GetUtcNow()));
            return false;
        }

        status.Stored(taken.Events, taken.Duplicates, taken.Rejects, taken.Others, taken.LastEvent);
        return true;
    }

    private async Task ReadStandardInputAsync(StandardInputTail input, CancellationToken cancellation)
    {
        try
        {
            await input.RunAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // What was not stored was not acknowledged to anybody; its writer sees the pipe close.
        }
        catch (IOException exception)
        {
            input.Status.Wrong(new SourceProblem($"standard input cannot be read any more: {exception.Message}", _time.GetUtcNow()));
        }
    }
}
