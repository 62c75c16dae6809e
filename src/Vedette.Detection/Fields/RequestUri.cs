using System.Buffers;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>What requestURI says: the client's own text, decoded with care.</summary>
internal static class RequestUri
{
    /// <summary>Longest command text put together from a query, in bytes.</summary>
    public const int MaxCommandLength = 64 * 1024;

    /// <summary>Adds the path, percent-decoded.</summary>
    public static void ReadPath(in EventView view, FieldResolver into)
    {
        JsonValue value = view[AuditField.RequestUri];
        if (value.Kind is JsonKind.Missing or JsonKind.Null)
        {
            return;
        }

        if (!value.Raw.ContainsAny((byte)'%', (byte)'\\'))
        {
            int end = value.Raw.IndexOf((byte)'?');
            into.AddText(end < 0 ? value.Raw : value.Raw[..end]);
            return;
        }

        string uri = value.AsString()!;
        int query = uri.IndexOf('?', StringComparison.Ordinal);
        into.AddText(Decode(query < 0 ? uri : uri[..query], plusIsBlank: false));
    }

    /// <summary>Adds the command of an exec or attach.</summary>
    public static void ReadCommand(in EventView view, FieldResolver into)
    {
        if (!view[AuditField.ObjectSubresource].StringEquals("exec"u8) && !view[AuditField.ObjectSubresource].StringEquals("attach"u8))
        {
            return;
        }

        StringBuilder command = new();
        foreach ((string name, string value) in Query(view[AuditField.RequestUri].AsString()))
        {
            if (name == "command" && command.Length + value.Length < MaxCommandLength)
            {
                command.Append(command.Length == 0 ? "" : " ").Append(value);
            }
        }

        if (command.Length > 0)
        {
            into.AddText(command.ToString());
        }
    }

    /// <summary>Does the request only pretend? By the query, or for deletes by the body.</summary>
    public static bool IsDryRun(in EventView view)
    {
        JsonValue uri = view[AuditField.RequestUri];
        if (uri.Raw.IndexOf("dryRun"u8) >= 0 && Query(uri.AsString()).Any(parameter => parameter is { Name: "dryRun", Value.Length: > 0 }))
        {
            return true;
        }

        return (view[AuditField.Verb].StringEquals("delete"u8) || view[AuditField.Verb].StringEquals("deletecollection"u8))
            && view[AuditField.RequestObject].Member("dryRun"u8).Elements().MoveNext();
    }

    private static IEnumerable<(string Name, string Value)> Query(string? uri)
    {
        int start = uri?.IndexOf('?', StringComparison.Ordinal) ?? -1;
        if (start < 0)
        {
            yield break;
        }

        foreach (string parameter in uri![(start + 1)..].Split('&'))
        {
            int equals = parameter.IndexOf('=', StringComparison.Ordinal);
            yield return equals < 0
                ? (Decode(parameter, plusIsBlank: true), "")
                : (Decode(parameter[..equals], plusIsBlank: true), Decode(parameter[(equals + 1)..], plusIsBlank: true));
        }
    }

    /// <summary>Percent-decoding that leaves broken escapes as they are and replaces what is not UTF-8.</summary>
    private static string Decode(string text, bool plusIsBlank)
    {
        if (!text.AsSpan().ContainsAny('%', '+'))
        {
            return text;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int written = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '%' && i + 2 < bytes.Length
                && Convert.FromHexString(bytes.AsSpan(i + 1, 2), bytes.AsSpan(written, 1), out _, out _) == OperationStatus.Done)
            {
                written++;
                i += 2;
            }
            else
            {
                bytes[written++] = plusIsBlank && bytes[i] == '+' ? (byte)' ' : bytes[i];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, written);
    }
}
