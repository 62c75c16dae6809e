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

        ReadOnlySpan<byte> uri = into.Unescaped(value);
        int query = uri.IndexOf((byte)'?');
        int start = into.BeginText();
        into.Write(query < 0 ? uri : uri[..query]);
        into.AddWritten(start, PercentEncoding.Decode(into.Written(start), plusIsBlank: false));
    }

    /// <summary>Adds the command of an exec or attach.</summary>
    public static void ReadCommand(in EventView view, FieldResolver into)
    {
        if (!view[AuditField.ObjectSubresource].StringEquals("exec"u8) && !view[AuditField.ObjectSubresource].StringEquals("attach"u8))
        {
            return;
        }

        UriQuery query = new(into.Unescaped(view[AuditField.RequestUri]));
        int start = into.BeginText();
        while (query.MoveNext())
        {
            int length = into.Written(start).Length;
            if (query.IsNamed("command"u8) && length + query.Value.Length < MaxCommandLength)
            {
                into.Write(length == 0 ? default : " "u8);
                int value = into.BeginText();
                into.Write(query.Value);
                into.EndText(value, PercentEncoding.Decode(into.Written(value), plusIsBlank: true));
            }
        }

        if (into.Written(start).Length is > 0 and var written)
        {
            into.AddWritten(start, written);
        }
    }

    /// <summary>Adds whether the request only pretends: by the query, or for deletes by the body.</summary>
    public static void ReadDryRun(in EventView view, FieldResolver into) => into.AddBoolean(IsDryRunByQuery(view, into) || IsDryRunByBody(view));

    private static bool IsDryRunByQuery(in EventView view, FieldResolver into)
    {
        JsonValue uri = view[AuditField.RequestUri];
        if (uri.Raw.IndexOf("dryRun"u8) < 0)
        {
            return false;
        }

        UriQuery query = new(into.Unescaped(uri));
        while (query.MoveNext())
        {
            if (!query.Value.IsEmpty && query.IsNamed("dryRun"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDryRunByBody(in EventView view) =>
        (view[AuditField.Verb].StringEquals("delete"u8) || view[AuditField.Verb].StringEquals("deletecollection"u8))
        && view[AuditField.RequestObject].Member("dryRun"u8).Elements().MoveNext();
}
