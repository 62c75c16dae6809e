using System.Runtime.CompilerServices;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Decoding;

/// <summary>Where the fields that were found are noted: one range per <see cref="AuditField"/>, of those asked for.</summary>
internal readonly ref struct FieldSlots(Span<JsonRange> ranges, FieldSet wanted, int limit)
{
    private readonly Span<JsonRange> _ranges = ranges;

    /// <summary>Where the event must end.</summary>
    public int Limit => limit;

    /// <summary>Is any of these asked for?</summary>
    public bool Wants(FieldSet fields) => wanted.Intersects(fields);

    /// <summary>Notes a value; one that nobody asked for is forgotten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(AuditField field, int start, int end, JsonKind kind, bool isEscaped = false)
    {
        if (wanted.Contains(field))
        {
            _ranges[(int)field] = new JsonRange(start, end - start, kind, isEscaped);
        }
    }
}
