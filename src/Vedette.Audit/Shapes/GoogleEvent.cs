using System.Text.Json;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// Turns a Cloud Audit Log entry of the Kubernetes API into an audit event. Names come from resourceName, which real entries always have right; the verb is the last part of methodName
/// (the group in it is written in several ways). Unlike other converters it takes failures for failures.
/// </summary>
internal static class GoogleEvent
{
    /// <summary>Writes the event.</summary>
    public static void Write(JsonValue entry, JsonValue payload, string method, string resourceName, Utf8JsonWriter writer)
    {
        string verb = method[(method.LastIndexOf('.') + 1)..];
        Target target = Target.Parse(resourceName, verb);
        JsonValue request = payload.Member("request"u8);
        JsonValue response = payload.Member("response"u8);
        writer.WriteStartObject();
        writer.WriteString("kind", "Event");
        writer.WriteString("apiVersion", "audit.k8s.io/v1");
        writer.WriteString("level", response.Exists ? "RequestResponse" : request.Exists ? "Request" : "Metadata");
        Copy(writer, "auditID", entry.Member("operation"u8, "id"u8) is { Kind: JsonKind.String } id ? id : entry.Member("insertId"u8));
        bool isLongRunning = target.IsConnect || verb == "watch";
        bool isLast = entry.Member("operation"u8, "last"u8).Kind == JsonKind.True && entry.Member("operation"u8, "first"u8).Kind != JsonKind.True;
        writer.WriteString("stage", isLongRunning && !isLast ? "ResponseStarted" : "ResponseComplete");
        writer.WriteString("requestURI", target.Uri);
        writer.WriteString("verb", verb);
        WriteUser(payload, writer);
        JsonValue caller = payload.Member("requestMetadata"u8);
        if (caller.Member("callerIp"u8) is { Kind: JsonKind.String } ip)
        {
            writer.WriteStartArray("sourceIPs");
            writer.WriteStringValue(ip.AsString());
            writer.WriteEndArray();
        }

        Copy(writer, "userAgent", caller.Member("callerSuppliedUserAgent"u8));
        target.WriteObjectRef(writer);
        bool? granted = Granted(payload);
        WriteStatus(payload, response, verb, target.IsConnect, granted, writer);
        Copy(writer, "requestObject", request);
        Copy(writer, "responseObject", response);
        Copy(writer, "requestReceivedTimestamp", entry.Member("timestamp"u8) is { Exists: true } time ? time : payload.Member("timestamp"u8));
        WriteAnnotations(entry, granted, writer);
        writer.WriteEndObject();
    }

    private static void WriteUser(JsonValue payload, Utf8JsonWriter writer)
    {
        JsonValue authentication = payload.Member("authenticationInfo"u8);
        JsonValue name = authentication.Member("principalEmail"u8);
        writer.WriteStartObject("user");
        Copy(writer, "username", name.Exists ? name : authentication.Member("principalSubject"u8));
        writer.WriteEndObject();
    }

    /// <summary>The code of the answer: from the returned Status, else of the gRPC status, else what the authorization or the success of the call implies; absent where nothing tells.</summary>
    private static void WriteStatus(JsonValue payload, JsonValue response, string verb, bool isConnect, bool? granted, Utf8JsonWriter writer)
    {
        JsonValue status = payload.Member("status"u8);
        bool isStatus = response.Member("kind"u8).StringEquals("Status"u8) || response.Member("@type"u8).Raw.EndsWith(".Status"u8);
        long? code = null;
        if (isStatus && response.Member("code"u8).TryGetInt64(out long http))
        {
            code = http;
        }
        else if (status.Member("code"u8).TryGetInt64(out long grpc) && grpc != 0)
        {
            code = ToHttp(grpc);
        }
        else if (granted == false)
        {
            code = 403;
        }
        else if (isConnect)
        {
            code = 101;
        }
        else if (status.Kind == JsonKind.Object || (response.Kind == JsonKind.Object && !isStatus))
        {
            // The status says success (it is empty, or its code is 0), or there is none and the object itself was returned.
            code = verb == "create" ? 201 : 200;
        }

        if (code is null)
        {
            return;
        }

        writer.WriteStartObject("responseStatus");
        writer.WriteStartObject("metadata");
        writer.WriteEndObject();
        if (isStatus)
        {
            Copy(writer, "status", response.Member("status"u8));
        }

        Copy(writer, "message", isStatus && response.Member("message"u8).Exists ? response.Member("message"u8) : status.Member("message"u8));
        if (isStatus)
        {
            Copy(writer, "reason", response.Member("reason"u8));
        }

        writer.WriteNumber("code", code.Value);
        writer.WriteEndObject();
    }

    // google/rpc/code.proto to HTTP; ABORTED and ALREADY_EXISTS are both 409 Conflict to Kubernetes.
    private static long ToHttp(long grpc) => grpc switch
    {
        1 => 499,
        3 or 9 or 11 => 400,
        4 => 504,
        5 => 404,
        6 or 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        14 => 503,
        16 => 401,
        _ => 500,
    };

    /// <summary>False when any authorization was refused; some exports leave <c>granted</c> out, then null.</summary>
    private static bool? Granted(JsonValue payload)
    {
        bool? granted = null;
        foreach (JsonValue authorization in payload.Member("authorizationInfo"u8).Elements())
        {
            switch (authorization.Member("granted"u8).Kind)
            {
                case JsonKind.False:
                    return false;
                case JsonKind.True:
                    granted = true;
                    break;
            }
        }

        return granted;
    }

    private static void WriteAnnotations(JsonValue entry, bool? granted, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("annotations");
        bool decided = false;
        foreach (JsonMember label in entry.Member("labels"u8).Members())
        {
            if (label.RawName.Contains((byte)'/') && label.Value.Kind == JsonKind.String)
            {
                decided |= label.NameEquals("authorization.k8s.io/decision"u8);
                writer.WriteString(label.Name, label.Value.AsString());
            }
        }

        if (!decided && granted is { } allowed)
        {
            writer.WriteString("authorization.k8s.io/decision", allowed ? "allow" : "forbid");
        }

        writer.WriteEndObject();
    }

    private static void Copy(Utf8JsonWriter writer, string name, JsonValue value)
    {
        if (value.Kind == JsonKind.String)
        {
            writer.WriteString(name, value.AsString());
        }
        else if (value.Exists && value.Kind != JsonKind.Null)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Raw, skipInputValidation: true);
        }
    }

    /// <summary>resourceName: <c>GROUP/VERSION/[namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE…]]</c>, the core group as <c>core</c>.</summary>
    private sealed record Target(string Uri, string Group, string Version, string Namespace, string Resource, string Name, string Subresource)
    {
        public bool IsConnect => Subresource is "exec" or "attach" or "portforward";

        public static Target Parse(string resourceName, string verb)
        {
            string[] parts = resourceName.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length < 3)
            {
                return new Target("/" + string.Join('/', parts), "", "", "", "", "", "");
            }

            string group = parts[0] == "core" ? "" : parts[0];
            string uri = (group.Length == 0 ? "/api/" : $"/apis/{group}/") + string.Join('/', parts.AsSpan(1)!);
            ReadOnlySpan<string> rest = parts.AsSpan(2);
            string @namespace = "";
            if (rest[0] == "namespaces" && rest.Length > 1)
            {
                @namespace = rest[1];
                if (rest.Length > 2 && rest[2] is not ("status" or "finalize"))
                {
                    rest = rest[2..];
                }
            }

            if (verb == "create" && rest.Length == 2 && uri.EndsWith("/" + rest[1], StringComparison.Ordinal))
            {
                // The API is asked to create at the collection; the name is in the body.
                uri = uri[..^(rest[1].Length + 1)];
            }

            return new Target(uri, group, parts[1], @namespace, rest[0], rest.Length > 1 ? rest[1] : "", rest.Length > 2 ? rest[2] : "");
        }

        public void WriteObjectRef(Utf8JsonWriter writer)
        {
            if (Resource.Length == 0)
            {
                return;
            }

            writer.WriteStartObject("objectRef");
            writer.WriteString("resource", Resource);
            Write(writer, "namespace", Namespace);
            Write(writer, "name", Name);
            Write(writer, "apiGroup", Group);
            Write(writer, "apiVersion", Version);
            Write(writer, "subresource", Subresource);
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
}
