using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Decoding;

/// <summary>
/// Finds the fields of one event in its bytes. Holds the scratch memory that the view refers to: one decoder per thread, one live view per decoder.
/// Takes any JSON object, whole event or not; whether it is an audit event is not asked here.
/// </summary>
public sealed class EventDecoder
{
    private readonly JsonRange[] _fields = new JsonRange[FieldCatalogue.Count];
    private readonly StructuralIndex _index;

    /// <summary>A decoder that uses the widest vector instructions of this processor.</summary>
    public EventDecoder()
        : this(StructuralIndex.Widest)
    {
    }

    /// <summary>A decoder that uses these instructions.</summary>
    internal EventDecoder(SimdWidth width) => _index = new StructuralIndex(width);

    /// <summary>Locates every field of the catalogue.</summary>
    /// <param name="json">One JSON object; white space may stand around it.</param>
    /// <param name="view">The event, valid until the next call.</param>
    public DecodeStatus Decode(ReadOnlySpan<byte> json, out EventView view) => Decode(json, FieldSet.All, out view);

    /// <summary>Locates the wanted fields and skips everything else.</summary>
    /// <param name="json">One JSON object; white space may stand around it.</param>
    /// <param name="wanted">The fields to locate.</param>
    /// <param name="view">The event, valid until the next call.</param>
    public DecodeStatus Decode(ReadOnlySpan<byte> json, FieldSet wanted, out EventView view)
    {
        Array.Clear(_fields);
        if (!_index.Build(json))
        {
            view = default;
            return DecodeStatus.Truncated;
        }

        return StructuralWalker.Walk(json, _index.Positions, wanted, _fields, out view);
    }
}
