using System.Buffers;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Shapes;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;

namespace Vedette.Policy.Simulation;

/// <summary>
/// Writes an event as kube-apiserver would have written it at a lower level: the level's name changed, bodies and managed fields cut out, every other byte as it was
/// (pkg/audit/request.go: LogRequestObject, LogRequestPatch, LogResponseObject, copyWithoutManagedFields). One thread.
/// </summary>
public sealed class EventRewriter
{
    private static ReadOnlySpan<byte> Beginning => "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\""u8;

    private readonly EventDecoder _decoder = new();
    private readonly ArrayBufferWriter<byte> _normalized = new();
    private readonly List<Cut> _cuts = [];

    /// <summary>Bytes of managed fields in the last event that were cut out.</summary>
    public int ManagedFieldsCut { get; private set; }

    /// <summary>Bytes of bodies in the last event that were cut out.</summary>
    public int BodiesCut { get; private set; }

    /// <summary>Writes an event, without a line end.</summary>
    /// <param name="view">The event, recorded at a level at least as high.</param>
    /// <param name="answer">The policy's answer; its level is not None.</param>
    /// <param name="into">Where to; null to learn the length only.</param>
    /// <returns>Bytes of the new event.</returns>
    public int Write(in EventView view, PolicyAnswer answer, IBufferWriter<byte>? into)
    {
        if (TryWrite(view, answer, into, out int length))
        {
            return length;
        }

        // Not laid out as kube-apiserver does it (a provider's envelope, a pretty-printed event): bring it into that form first.
        _normalized.ResetWrittenCount();
        EventNormalizer.Write(view, _normalized);
        return _decoder.Decode(_normalized.WrittenSpan, out EventView normal) == DecodeStatus.Ok && TryWrite(normal, answer, into, out length)
            ? length
            : WriteAsIs(_normalized.WrittenSpan, into);
    }

    private bool TryWrite(in EventView view, PolicyAnswer answer, IBufferWriter<byte>? into, out int length)
    {
        length = 0;
        ManagedFieldsCut = 0;
        BodiesCut = 0;
        _cuts.Clear();
        ReadOnlySpan<byte> json = view.Json;
        JsonRange level = view.RangeOf(AuditField.Level);
        if (!json.StartsWith(Beginning) || level.Start != Beginning.Length || json[^1] != '}')
        {
            return false;
        }

        bool isPatch = view[AuditField.Verb].StringEquals("patch"u8);
        if (!TryBody(view, AuditField.RequestObject, ",\"requestObject\":"u8, answer.Level >= AuditLevel.Request, answer.OmitManagedFields && !isPatch)
            || !TryBody(view, AuditField.ResponseObject, ",\"responseObject\":"u8, answer.Level >= AuditLevel.RequestResponse, answer.OmitManagedFields))
        {
            return false;
        }

        ReadOnlySpan<byte> name = NameOf(answer.Level);
        length = json.Length - level.Length + name.Length - _cuts.Sum(cut => cut.Length);
        if (into is null)
        {
            return true;
        }

        into.Write(json[..level.Start]);
        into.Write(name);
        int at = level.Start + level.Length;
        _cuts.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        foreach (Cut cut in _cuts)
        {
            into.Write(json[at..cut.Start]);
            at = cut.Start + cut.Length;
        }

        into.Write(json[at..]);
        return true;
    }

    private bool TryBody(in EventView view, AuditField field, ReadOnlySpan<byte> name, bool keep, bool cutManagedFields)
    {
        JsonRange range = view.RangeOf(field);
        if (!range.Exists || keep && !cutManagedFields)
        {
            return true;
        }

        if (keep)
        {
            CutManagedFields(view.Json, view[field]);
            return true;
        }

        int quote = range.Kind == JsonKind.String ? 1 : 0;
        int start = range.Start - quote - name.Length;
        if (start < 0 || !view.Json[start..].StartsWith(name))
        {
            return false;
        }

        Cut cut = new(start, range.Start + range.Length + quote - start);
        BodiesCut += cut.Length;
        _cuts.Add(cut);
        return true;
    }

    /// <summary>Cuts them out of the object, of the items of a list, of the objects in the rows of a table.</summary>
    private void CutManagedFields(ReadOnlySpan<byte> json, JsonValue body)
    {
        if (body.Kind != JsonKind.Object || body.Raw.IndexOf("\"managedFields\""u8) < 0)
        {
            return;
        }

        CutFromMetadata(json, body);
        foreach (JsonValue item in body.Member("items"u8).Elements())
        {
            CutFromMetadata(json, item);
        }

        foreach (JsonValue row in body.Member("rows"u8).Elements())
        {
            CutFromMetadata(json, row.Member("object"u8));
        }
    }

    private void CutFromMetadata(ReadOnlySpan<byte> json, JsonValue owner)
    {
        bool isFirst = true;
        foreach (JsonMember member in owner.Member("metadata"u8).Members())
        {
            if (member.NameEquals("managedFields"u8) && json.Overlaps(member.RawName, out int nameStart) && json.Overlaps(member.Value.Raw, out int valueStart))
            {
                // With the comma before it, or the one after it where it is the first.
                int start = nameStart - 1;
                int end = valueStart + member.Value.Raw.Length;
                start -= isFirst ? 0 : 1;
                end += isFirst && json[end] == ',' ? 1 : 0;
                _cuts.Add(new Cut(start, end - start));
                ManagedFieldsCut += end - start;
            }

            isFirst = false;
        }
    }

    private static int WriteAsIs(ReadOnlySpan<byte> json, IBufferWriter<byte>? into)
    {
        into?.Write(json);
        return json.Length;
    }

    private static ReadOnlySpan<byte> NameOf(AuditLevel level) => level switch
    {
        AuditLevel.Metadata => "Metadata"u8,
        AuditLevel.Request => "Request"u8,
        _ => "RequestResponse"u8,
    };

    private readonly record struct Cut(int Start, int Length);
}
