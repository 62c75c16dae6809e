using System.Text.Unicode;
using Vedette.Audit.Blocks;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Decoding;

/// <summary>
/// Finds the fields of one event in its bytes: by the <see cref="EventTemplate{TKernel}"/> when it is written as kube-apiserver writes, else by the <see cref="EventWalker{TKernel}"/>; both give
/// the same answer. Holds the memory that the view refers to: one decoder per thread, one live view per decoder.
/// Takes any JSON object, whole event or not; whether it is an audit event is not asked here.
/// </summary>
public sealed class EventDecoder
{
    // One place more than there are fields, for what nobody asked for.
    private readonly JsonRange[] _fields = new JsonRange[FieldCatalogue.Count + 1];
    private readonly Template _template;
    private readonly Walker _walker;
    private readonly Line _lineEnd;

    private delegate int Template(ReadOnlySpan<byte> json, int limit, FieldSet wanted, Span<JsonRange> fields);

    private delegate int Line(ReadOnlySpan<byte> text, out bool isAscii);

    private delegate DecodeStatus Walker(ReadOnlySpan<byte> json, FieldSet wanted, Span<JsonRange> fields, out EventView view);

    /// <summary>A decoder that uses the widest vector instructions of this processor.</summary>
    public EventDecoder()
        : this(SimdWidths.Widest)
    {
    }

    /// <summary>A decoder that uses these instructions.</summary>
    internal EventDecoder(SimdWidth width) => (_template, _walker, _lineEnd) = width switch
    {
        SimdWidth.Vector512 => With<Vector512Kernel>(),
        SimdWidth.Vector256 => With<Vector256Kernel>(),
        SimdWidth.Vector128 => With<Vector128Kernel>(),
        _ => With<ScalarKernel>(),
    };

    /// <summary>Locates every field of the catalogue.</summary>
    /// <param name="json">One JSON object; white space may stand around it.</param>
    /// <param name="view">The event, valid until the next call.</param>
    public DecodeStatus Decode(ReadOnlySpan<byte> json, out EventView view) => Decode(json, FieldSet.All, out view);

    /// <summary>Locates the wanted fields and skips everything else.</summary>
    /// <param name="json">One JSON object; white space may stand around it.</param>
    /// <param name="wanted">The fields to locate.</param>
    /// <param name="view">The event, valid until the next call.</param>
    public DecodeStatus Decode(ReadOnlySpan<byte> json, FieldSet wanted, out EventView view) =>
        TryTemplate(json, wanted, out view) ? DecodeStatus.Ok : Walk(json, wanted, out view);

    /// <summary>
    /// Takes the first line of a text when it is just one event as kube-apiserver writes it, in valid UTF-8 (RFC 8259 section 8.1). That it does not, says nothing about the line.
    /// </summary>
    /// <param name="text">Lines; the last one may be incomplete.</param>
    /// <param name="isFinal">True when the text ends where the input ends, so that the last line is complete without a line end.</param>
    /// <param name="wanted">The fields to locate.</param>
    /// <param name="view">The event, valid until the next call.</param>
    /// <param name="end">Where the line ends: its line feed, or the text's length when there is none.</param>
    public bool TryDecodeLine(ReadOnlySpan<byte> text, bool isFinal, FieldSet wanted, out EventView view, out int end)
    {
        view = default;
        end = _lineEnd(text, out bool isAscii);
        if (end == text.Length && !isFinal)
        {
            return false;
        }

        int length = _template(text, end, wanted, _fields);
        if (length == 0 || (length != end && text[length..end].IndexOfAnyExcept(" \t\r"u8) >= 0) || (!isAscii && !Utf8.IsValid(text[..length])))
        {
            return false;
        }

        view = new EventView(text[..length], _fields, isIrregular: false) { IsPlain = true };
        return true;
    }

    /// <summary>Takes the event at the start of a text, whatever follows it, when it is written as kube-apiserver writes. That it does not, says nothing about the text.</summary>
    internal bool TryDecodeFirst(ReadOnlySpan<byte> text, out EventView view)
    {
        int length = _template(text, text.Length, FieldSet.All, _fields);
        view = length == 0 ? default : new EventView(text[..length], _fields, isIrregular: false) { IsPlain = true };
        return length != 0;
    }

    /// <summary>The template alone.</summary>
    internal bool TryTemplate(ReadOnlySpan<byte> json, FieldSet wanted, out EventView view)
    {
        int length = _template(json, json.Length, wanted, _fields);
        bool whole = length != 0 && (length == json.Length || json[length..].IndexOfAnyExcept(" \t\r\n"u8) < 0);
        view = whole ? new EventView(json, _fields, isIrregular: false) { IsPlain = true } : default;
        return whole;
    }

    /// <summary>The walker alone.</summary>
    internal DecodeStatus Walk(ReadOnlySpan<byte> json, FieldSet wanted, out EventView view)
    {
        Array.Clear(_fields);
        return _walker(json, wanted, _fields, out view);
    }

    private static (Template Template, Walker Walker, Line LineEnd) With<TKernel>()
        where TKernel : IBlockKernel =>
        (EventTemplate<TKernel>.Read, EventWalker<TKernel>.Walk, BlockScan<TKernel>.LineEnd);
}
