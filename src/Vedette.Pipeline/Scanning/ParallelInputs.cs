using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Detection.Engine;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Stateful;
using Vedette.Sources.Files;

namespace Vedette.Pipeline.Scanning;

/// <summary>
/// Reads inputs one after the other with several threads. The calling thread cuts an input into windows of whole lines, hands them to workers some windows ahead, and takes what they made of
/// them in order. Where a window is not for itself, because a document spans lines, a line is torn, or a line is longer than a window, what the worker made of it is dropped, and the calling
/// thread reads from there as if it were alone until a line ends everything. So the result is that of one thread.
/// </summary>
internal sealed class ParallelInputs : IDisposable
{
    private readonly WindowWorkers _workers;
    private readonly ScanOptions _options;
    private readonly LogDetector _detector;
    private readonly Stack<LogWindow> _free = new();
    private readonly Queue<LogWindow> _ahead = new();

    /// <summary>Readers for a detector.</summary>
    public ParallelInputs(CompiledRules rules, LogDetector detector, ScanOptions options)
    {
        _workers = new WindowWorkers(rules, options);
        _options = options;
        _detector = detector;
    }

    /// <summary>Most windows that are read, wait or are done and not yet taken; with <see cref="ScanOptions.WindowLength"/> this bounds the memory.</summary>
    private int MaxAhead => 2 * _options.Threads + 2;

    /// <summary>Reads one input to its end; as <see cref="EventInputs.Read"/>.</summary>
    public InputStatistics Read(LogInput input, bool isLearning, Action<long, long>? onWindow, CancellationToken cancellation) => InputTally.Read(input, _options, (stream, tally) =>
    {
        Cutter cutter = new(this, stream, input.Name, isLearning);
        using InOrder order = new(_detector, tally, input.Name, isLearning);
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                while (!cutter.IsAtEnd && _ahead.Count < MaxAhead)
                {
                    cutter.Next();
                }

                tally.Bytes = stream.PlainRead;
                if (!_ahead.TryPeek(out LogWindow? window))
                {
                    break;
                }

                window.Wait(cancellation);
                order.Take(window);
                Free(_ahead.Dequeue());
                onWindow?.Invoke(stream.StoredRead, tally.Events);
            }

            cutter.ThrowIfFailed();
        }
        finally
        {
            // After an error or a cancellation: workers are soon done with what they have. Nothing of it counts, and another input may follow.
            while (_ahead.TryDequeue(out LogWindow? window))
            {
                window.Wait(CancellationToken.None);
                window.Memory.IsVoid = true;
                Free(window);
            }

            cutter.Dispose();
        }
    });

    /// <inheritdoc />
    public void Dispose()
    {
        _workers.Dispose();
        while (_free.TryPop(out LogWindow? window))
        {
            window.Dispose();
        }
    }

    private LogWindow Take() => _free.TryPop(out LogWindow? window) ? window : new LogWindow(_options.WindowLength);

    private void Free(LogWindow window)
    {
        window.Clear();
        _free.Push(window);
    }

    /// <summary>Cuts an input at line ends.</summary>
    private sealed class Cutter(ParallelInputs inputs, LogStream stream, string source, bool isLearning) : IDisposable
    {
        private LogWindow _window = inputs.Take();
        private IOException? _failure;
        private long _start;
        private long _lines;

        /// <summary>True when there is no more.</summary>
        public bool IsAtEnd { get; private set; }

        /// <summary>Reads the next window and hands it on.</summary>
        public void Next()
        {
            LogWindow window = _window;
            try
            {
                stream.Fill(window.Batch, inputs._options.WindowLength);
            }
            catch (IOException exception)
            {
                // What was read before it counts.
                _failure = exception;
            }

            IsAtEnd = stream.IsAtEnd || _failure is not null;
            _window = inputs.Take();
            int end = IsAtEnd ? -1 : window.Batch.Input.LastIndexOf((byte)'\n');
            if (end >= 0)
            {
                window.Batch.MoveEnd(end + 1, _window.Batch);
            }

            window.Place(source, _start, _lines, IsAtEnd, isLearning);
            _start += window.Batch.InputLength;
            _lines += window.Lines;
            inputs._ahead.Enqueue(window);
            if (end >= 0 || IsAtEnd)
            {
                inputs._workers.Add(window);
            }
            else
            {
                window.Complete();
            }
        }

        /// <summary>Throws what ended the input before its time.</summary>
        /// <exception cref="IOException">Reading failed.</exception>
        public void ThrowIfFailed()
        {
            if (_failure is not null)
            {
                throw new IOException(_failure.Message, _failure);
            }
        }

        public void Dispose() => inputs.Free(_window);
    }

    /// <summary>Takes windows in order: what workers made of them, or what a reader on this thread does.</summary>
    private sealed class InOrder(LogDetector detector, InputTally tally, string source, bool isLearning) : IDisposable
    {
        private readonly EventBatch _batch = new(0);
        private readonly AuditLogReader _reader = new(source, tally.Rejects);
        private bool _isAtLineStart = true;
        private long _needed;

        public void Take(LogWindow window)
        {
            window.Failure?.Throw();
            bool isAnswered = window.StandsAlone && _isAtLineStart && _reader.CanSkip;
            if (!isAnswered)
            {
                window.Memory.IsVoid = true;
            }

            if (isAnswered && (window.Repeats.Count == 0 || !window.Memory.IsVoid))
            {
                Add(window);
                _reader.Skip(window.Batch.InputLength, window.Lines);
            }
            else
            {
                Read(window);
            }
        }

        public void Dispose() => _batch.Dispose();

        private void Add(LogWindow window)
        {
            foreach (RejectedPiece reject in window.Rejects)
            {
                // May end the input: then nothing of the window counts.
                tally.Rejects.Add(reject.Reason, reject.Origin, reject.Content);
            }

            tally.Events += window.Events;
            tally.Period.Add(window.Period);

            foreach (MatchedEvent matched in window.Matches)
            {
                if (isLearning)
                {
                    detector.Learn(matched);
                }
                else
                {
                    detector.Add(matched);
                }
            }

            foreach (TermRepeat repeat in window.Repeats)
            {
                if (isLearning)
                {
                    detector.Learn(repeat);
                }
                else
                {
                    detector.Add(repeat);
                }
            }

            detector.NoteTime(window.Earliest);
            if (!isLearning)
            {
                detector.Evaluator.Add(window.Counts!);
            }
        }

        private void Read(LogWindow window)
        {
            bool endsLine = window.EndsLine;
            window.Batch.MoveEnd(0, _batch);
            _isAtLineStart = false;
            if (_batch.InputLength < _needed && !window.IsFinal)
            {
                return;
            }

            _reader.Begin(_batch, window.IsFinal);
            while (_reader.TryRead(out EventView view))
            {
                tally.Events++;
                tally.Period.Add(view);
                if (isLearning)
                {
                    detector.Learn(view);
                }
                else
                {
                    detector.Add(view);
                }
            }

            // A document larger than what is there needs more; doubling keeps the work linear.
            _needed = _reader.Consumed == 0 ? Math.Min(Array.MaxLength, _batch.InputLength * 2L) : 0;
            _batch.Reset(_reader.Consumed);
            _isAtLineStart = endsLine && _batch.InputLength == 0;
        }
    }
}
