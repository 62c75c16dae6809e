using System.Text.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// What kube-apiserver reads from a request's path (pkg/endpoints/request/requestinfo.go): enough to restore objectRef where a format has only the URI. A create's name is not in its path.
/// </summary>
internal static class RequestPath
{
    /// <summary>Writes objectRef for a resource request; nothing for others.</summary>
    public static void WriteObjectRef(Utf8JsonWriter writer, string? uri, string verb)
    {
        string path = Uri.UnescapeDataString((uri ?? "").Split('?')[0]).Trim('/');
        string[] parts = path.Split('/');
        bool core = parts[0] == "api" && parts.Length >= 3;
        if (!core && !(parts[0] == "apis" && parts.Length >= 4))
        {
            return;
        }

        ReadOnlySpan<string> rest = parts.AsSpan(core ? 2 : 3);
        if (rest[0] is "watch" or "proxy" && rest.Length > 1)
        {
            rest = rest[1..];
        }

        string @namespace = "";
        if (rest[0] == "namespaces" && rest.Length > 1)
        {
            @namespace = rest[1];
            // namespaces/NAME/status and /finalize belong to the namespace itself.
            if (rest.Length > 2 && rest[2] is not ("status" or "finalize"))
            {
                rest = rest[2..];
            }
        }

        writer.WriteStartObject("objectRef");
        writer.WriteString("resource", rest[0]);
        Write(writer, "namespace", @namespace);
        Write(writer, "name", rest.Length > 1 && !(verb == "create" && rest.Length == 2) ? rest[1] : "");
        Write(writer, "apiGroup", core ? "" : parts[1]);
        Write(writer, "apiVersion", parts[core ? 1 : 2]);
        Write(writer, "subresource", rest.Length > 2 ? rest[2] : "");
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, string value)
    {
        if (value.Length > 0)
        {
            writer.WriteString(name, value);
        }
    }
}
