using System.Globalization;
using System.Text;

namespace Vedette.Benchmarks.Data;

/// <summary>One request, as the audit log will show it.</summary>
internal sealed record Request(Caller Caller, string Verb, string Path)
{
    /// <summary>Query of the URI, without the question mark.</summary>
    public string Query { get; init; } = "";

    /// <summary>Resource; empty for requests that are about none.</summary>
    public string Resource { get; init; } = "";

    /// <summary>API group.</summary>
    public string Group { get; init; } = "";

    /// <summary>Namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Name of the object.</summary>
    public string Name { get; init; } = "";

    /// <summary>Subresource.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>True when objectRef carries uid and resourceVersion.</summary>
    public bool HasVersion { get; init; }

    /// <summary>HTTP status.</summary>
    public int Code { get; init; } = 200;

    /// <summary>Stage.</summary>
    public string Stage { get; init; } = "ResponseComplete";

    /// <summary>Who is acted as, as a JSON object.</summary>
    public string Impersonated { get; init; } = "";

    /// <summary>Annotations before those of the authorizer, as JSON members with a comma behind.</summary>
    public string Annotations { get; init; } = "";
}

/// <summary>Writes events as kube-apiserver does: Go's member order, compact, <c>&amp;</c>, <c>&lt;</c> and <c>&gt;</c> as escapes.</summary>
internal sealed class EventWriter(Draw draw)
{
    private long _version = 184_467_440;
    private long _microseconds;

    /// <summary>The next resource version.</summary>
    public long NextVersion() => ++_version;

    /// <summary>Appends an event and a newline.</summary>
    public void Write(StringBuilder into, Request request, string level, string requestObject, string responseObject)
    {
        // Poisson arrivals, a hundred a second.
        _microseconds += (long)(-Math.Log(1 - draw.Fraction()) * 10_000);
        double delay = Math.Pow(draw.Fraction(), 3);
        Caller caller = request.Caller;
        into.Append("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"").Append(level).Append("\",\"auditID\":\"").Append(draw.Uuid())
            .Append("\",\"stage\":\"").Append(request.Stage).Append("\",\"requestURI\":\"").Append(request.Path);
        if (request.Query.Length > 0)
        {
            into.Append('?');
            Escape(into, request.Query);
        }

        into.Append("\",\"verb\":\"").Append(request.Verb).Append("\",\"user\":{\"username\":\"").Append(caller.User).Append('"');
        if (caller.Uid.Length > 0)
        {
            into.Append(",\"uid\":\"").Append(caller.Uid).Append('"');
        }

        into.Append(",\"groups\":[\"").AppendJoin("\",\"", caller.Groups).Append("\"]");
        if (caller.Extra.Length > 0)
        {
            into.Append(",\"extra\":{").Append(caller.Extra).Append('}');
        }

        into.Append('}');
        if (request.Impersonated.Length > 0)
        {
            into.Append(",\"impersonatedUser\":").Append(request.Impersonated);
        }

        into.Append(",\"sourceIPs\":[\"").Append(caller.Address).Append("\"],\"userAgent\":\"").Append(caller.Agent).Append('"');
        if (request.Resource.Length > 0)
        {
            ObjectRef(into, request);
        }

        into.Append(",\"responseStatus\":{\"metadata\":{},");
        if (request.Code >= 400)
        {
            into.Append("\"status\":\"Failure\",\"message\":\"");
            Escape(into, $"{request.Resource} \"{request.Name}\" {(request.Code == 404 ? "not found" : "is refused")}");
            into.Append("\",\"reason\":\"").Append(request.Code switch { 403 => "Forbidden", 404 => "NotFound", _ => "Conflict" }).Append("\",");
        }

        into.Append(CultureInfo.InvariantCulture, $"\"code\":{request.Code}}}");
        if (requestObject.Length > 0)
        {
            into.Append(",\"requestObject\":").Append(requestObject);
        }

        if (responseObject.Length > 0)
        {
            into.Append(",\"responseObject\":").Append(responseObject);
        }

        into.Append(",\"requestReceivedTimestamp\":\"");
        Time(into, _microseconds);
        into.Append("\",\"stageTimestamp\":\"");
        Time(into, _microseconds + 500 + (long)(delay * 80_000));
        bool isForbidden = request.Code == 403;
        into.Append("\",\"annotations\":{").Append(request.Annotations)
            .Append("\"authorization.k8s.io/decision\":\"").Append(isForbidden ? "forbid" : "allow").Append("\",\"authorization.k8s.io/reason\":\"");
        Escape(into, isForbidden ? "" : caller.Reason);
        into.Append("\"}}\n");
    }

    private void ObjectRef(StringBuilder into, Request request)
    {
        into.Append(",\"objectRef\":{\"resource\":\"").Append(request.Resource).Append('"');
        Member(into, "namespace", request.Namespace);
        Member(into, "name", request.Name);
        Member(into, "uid", request.HasVersion ? draw.Uuid() : "");
        Member(into, "apiGroup", request.Group);
        into.Append(",\"apiVersion\":\"v1\"");
        Member(into, "resourceVersion", request.HasVersion ? NextVersion().ToString(CultureInfo.InvariantCulture) : "");
        Member(into, "subresource", request.Subresource);
        into.Append('}');
    }

    private static void Member(StringBuilder into, string name, string value)
    {
        if (value.Length > 0)
        {
            into.Append(",\"").Append(name).Append("\":\"").Append(value).Append('"');
        }
    }

    private static void Time(StringBuilder into, long microseconds) =>
        into.Append(CultureInfo.InvariantCulture, $"{new DateTime(2026, 1, 1).AddTicks(microseconds * 10):yyyy-MM-ddTHH:mm:ss.ffffff}Z");

    private static void Escape(StringBuilder into, string text)
    {
        foreach (char character in text)
        {
            switch (character)
            {
                case '"' or '\\':
                    into.Append('\\').Append(character);
                    break;
                case '&' or '<' or '>':
                    into.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
                    break;
                default:
                    into.Append(character);
                    break;
            }
        }
    }
}
