using Vedette.Audit.Batches;

namespace Vedette.Audit.Shapes;

/// <summary>How far an input was read: where in the batch, where in all of it, and on which line.</summary>
internal sealed class InputCursor
{
    private static ReadOnlySpan<byte> Separators => " \t\r,[]"u8;

    private EventBatch? _batch;
    private long _base;
    private bool _started;

    /// <summary>The batch's input.</summary>
    public ReadOnlySpan<byte> Input => _batch!.Input;

    /// <summary>What of it is still to be read.</summary>
    public ReadOnlySpan<byte> Rest => Input[At..];

    /// <summary>The place in the batch's input.</summary>
    public int At { get; private set; }

    /// <summary>The place in the whole input.</summary>
    public long Position => _base + At;

    /// <summary>The line, from 1.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>True when the input ends with the batch's.</summary>
    public bool IsFinal { get; private set; }

    /// <summary>True inside a line that was given up and whose end has not come yet.</summary>
    public bool IsSkippingLine { get; private set; }

    /// <summary>True when all of the batch's input was read.</summary>
    public bool IsAtEnd => At == Input.Length;

    /// <summary>Takes up a batch whose input goes on here.</summary>
    public void Begin(EventBatch batch, bool isFinal)
    {
        _base += At;
        _batch = batch;
        IsFinal = isFinal;
        At = 0;
    }

    /// <summary>Passes over the batch's input, of which something is read elsewhere.</summary>
    public void PassAll()
    {
        _started = true;
        At = Input.Length;
    }

    /// <summary>Passes over input that is in no batch.</summary>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="lines">The line ends in it.</param>
    public void Skip(long length, long lines)
    {
        _base += At + length;
        At = 0;
        Line += lines;
        _started |= length > 0;
    }

    /// <summary>Passes over bytes without a line end.</summary>
    public void Advance(int length) => At += length;

    /// <summary>Passes over a document that may span lines.</summary>
    public void AdvanceOver(ReadOnlySpan<byte> document)
    {
        Line += document.Count((byte)'\n');
        At += document.Length;
    }

    /// <summary>Gives up the line that all the rest is of, and what of it is still to come.</summary>
    public void SkipLine()
    {
        At = Input.Length;
        IsSkippingLine = true;
    }

    /// <summary>Goes to where a document may begin: skips white space, separators of top-level arrays, a byte order mark, and the rest of a line that was given up.</summary>
    /// <returns>False when there is nothing else.</returns>
    public bool MoveToDocument()
    {
        ReadOnlySpan<byte> input = Input;
        if (!_started)
        {
            if (input.Length < 3 && !IsFinal)
            {
                return false;
            }

            _started = true;
            At = input.StartsWith("\uFEFF"u8) ? 3 : 0;
        }

        while (At < input.Length)
        {
            if (input[At] == '\n')
            {
                IsSkippingLine = false;
                Line++;
                At++;
            }
            else if (IsSkippingLine)
            {
                int end = input[At..].IndexOf((byte)'\n');
                At = end < 0 ? input.Length : At + end;
            }
            else if (Separators.Contains(input[At]))
            {
                At++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
