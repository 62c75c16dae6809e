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
        // Interim: replaced by the structural-index walker.
        Array.Clear(_fields);
        view = default;
        JsonScanner scanner = new(json);
        if (!scanner.TryReadValue(out JsonValue root))
        {
            return json.Trim(" \t\r\n"u8).IsEmpty ? DecodeStatus.Empty : DecodeStatus.Truncated;
        }

        if (root.Kind != JsonKind.Object)
        {
            return DecodeStatus.NotAnObject;
        }

        bool dotted = false;
        Walk(root.Raw, root, "", wanted, ref dotted);
        view = new EventView(root.Raw, _fields, dotted);
        return DecodeStatus.Ok;
    }

    private void Walk(ReadOnlySpan<byte> json, JsonValue container, string prefix, FieldSet wanted, ref bool dotted)
    {
        foreach (JsonMember member in container.Members())
        {
            string path = prefix + member.Name;
            if (!FieldCatalogue.TryFind(path, out AuditField field) || (prefix.Length == 0 && path.Contains('.', StringComparison.Ordinal)))
            {
                dotted |= !prefix.StartsWith("annotations", StringComparison.Ordinal) && member.Name.Contains('.', StringComparison.Ordinal);
                continue;
            }

            for (int i = 0; i < _fields.Length; i++)
            {
                if (FieldCatalogue.Paths[i].StartsWith(path + ".", StringComparison.Ordinal))
                {
                    _fields[i] = default;
                }
            }

            json.Overlaps(member.Value.Raw, out int start);
            if (wanted.Contains(field))
            {
                _fields[(int)field] = new JsonRange(start, member.Value.Raw.Length, member.Value.Kind);
            }

            if (member.Value.Kind == JsonKind.Object && field is AuditField.User or AuditField.ImpersonatedUser or AuditField.AuthenticationMetadata
                or AuditField.ObjectRef or AuditField.ResponseStatus or AuditField.ResponseDetails or AuditField.Annotations)
            {
                Walk(json, member.Value, path + ".", wanted, ref dotted);
            }
        }
    }
}
