using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Vedette.Audit.Batches;
using Vedette.Audit.Json;

namespace Vedette.Audit.Events;

/// <summary>
/// An audit event seen through its bytes: every field of the catalogue by one array access, everything below by path. Nothing is
/// copied; the view is good until the decoder that made it decodes the next event, or the buffer goes.
/// </summary>
public readonly ref struct EventView
{
    private readonly ReadOnlySpan<JsonRange> _fields;

    /// <summary>Made by a decoder: the event's bytes and one range per <see cref="AuditField"/>.</summary>
    internal EventView(ReadOnlySpan<byte> json, ReadOnlySpan<JsonRange> fields, bool isIrregular)
    {
        Json = json;
        _fields = fields;
        IsIrregular = isIrregular;
    }

    /// <summary>The bytes that were decoded: the event, and white space around it if there was any.</summary>
    public ReadOnlySpan<byte> Json { get; }

    /// <summary>
    /// True when the catalogue cannot tell everything about this object: a member's very name has a dot where no Kubernetes field has one
    /// (<c>{"objectRef.resource": …}</c>; such a name wins over the walk by dots), or an array or object stands where Kubernetes has none.
    /// Never so in what kube-apiserver writes; readers by path must then walk from the root.
    /// </summary>
    public bool IsIrregular { get; }

    /// <summary>True when it is written just as kube-apiserver writes: every member in its place, and none twice. False also where that is not known.</summary>
    public bool IsPlain { get; internal init; }

    /// <summary>Where in the input it stood; null when it did not come from a log's reader.</summary>
    public EventOrigin? Origin { get; private init; }

    /// <summary>The value of a field; missing when the event has none or the decoder was not asked for it.</summary>
    public JsonValue this[AuditField field]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ref readonly JsonRange range = ref _fields[(int)field];
            return new JsonValue(Json.Slice(range.Start, range.Length), range.Kind, range.IsEscaped, Json.Length - range.Start - range.Length);
        }
    }

    /// <summary>Where the value of a field lies within <see cref="Json"/>.</summary>
    public JsonRange RangeOf(AuditField field) => _fields[(int)field];

    /// <summary>The same view, knowing where it came from.</summary>
    internal EventView At(EventOrigin origin) => this with { Origin = origin };

    /// <inheritdoc />
    [ExcludeFromCodeCoverage]
    public override string ToString() => new JsonValue(Json, JsonKind.Object).ToString();
}
