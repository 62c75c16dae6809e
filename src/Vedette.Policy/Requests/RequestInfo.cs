using System.Globalization;

namespace Vedette.Policy.Requests;

/// <summary>
/// What kube-apiserver reads out of method and URI, branch by branch (staging/src/k8s.io/apiserver/pkg/endpoints/request/requestinfo.go, 1.36), with its quirks: a path decoded before it is split,
/// empty parts kept, verbs in the path of old.
/// </summary>
public sealed record RequestInfo
{
    /// <summary>Is it a request for a resource of the API?</summary>
    public bool IsResourceRequest { get; private set; }

    /// <summary>The decoded path.</summary>
    public string Path { get; private set; } = "";

    /// <summary>Kubernetes' verb; the lower-case HTTP method for non-resource requests.</summary>
    public string Verb { get; private set; } = "";

    /// <summary><c>api</c> or <c>apis</c>; empty elsewhere.</summary>
    public string ApiPrefix { get; private set; } = "";

    /// <summary>API group.</summary>
    public string ApiGroup { get; private set; } = "";

    /// <summary>API version.</summary>
    public string ApiVersion { get; private set; } = "";

    /// <summary>Namespace.</summary>
    public string Namespace { get; private set; } = "";

    /// <summary>Resource.</summary>
    public string Resource { get; private set; } = "";

    /// <summary>Subresource.</summary>
    public string Subresource { get; private set; } = "";

    /// <summary>Name, from the path or, for list and watch, from a field selector that requires it.</summary>
    public string Name { get; private set; } = "";

    /// <summary>
    /// Does the request stay open, so that its beginning is an event of its own? (pkg/endpoints/request, BasicLongRunningRequestCheck, with what cmd/kube-apiserver gives it: verbs watch and proxy,
    /// subresources attach, exec, proxy, log, portforward, and profiling.)
    /// </summary>
    public bool IsLongRunning => StaysOpen(Verb, IsResourceRequest, Subresource, Path);

    /// <summary>
    /// Reads a recorded request from its verb and URI, since events do not have the method. Its objectRef is of no use: once a body was decoded it has a name that no rule saw.
    /// </summary>
    /// <param name="verb">The event's verb.</param>
    /// <param name="requestUri">The event's requestURI.</param>
    public static RequestInfo OfEvent(string verb, string requestUri)
    {
        // No method gives the verb of a path that has it in itself; elsewhere the recorded one replaces what this method gives.
        string method = verb is "list" or "watch" ? "GET" : verb is "deletecollection" ? "DELETE" : "";
        RequestInfo info = Parse(method, requestUri, out _);
        info.Verb = verb;
        return info;
    }

    /// <summary>Reads a request.</summary>
    /// <param name="method">HTTP method; its case matters.</param>
    /// <param name="requestUri">Path and query as sent.</param>
    /// <param name="error">Why the server answers such a request with an error before auditing; then no event is written. Null when it does not.</param>
    /// <returns>What is known of the request, as far as it got.</returns>
    public static RequestInfo Parse(string method, string requestUri, out string? error)
    {
        if (!RequestUri.TryParse(requestUri, out RequestUri uri, out error))
        {
            return new RequestInfo { Verb = LowerAscii(method) };
        }

        // A non-resource request until proven otherwise.
        RequestInfo info = new() { Path = uri.Path, Verb = LowerAscii(method) };
        string trimmed = uri.Path.Trim('/');
        ReadOnlySpan<string> parts = trimmed.Length == 0 ? [] : trimmed.Split('/');
        if (parts.Length < 3 || parts[0] is not ("api" or "apis"))
        {
            return info;
        }

        info.ApiPrefix = parts[0];
        parts = parts[1..];
        if (info.ApiPrefix == "apis")
        {
            if (parts.Length < 3)
            {
                return info;
            }

            info.ApiGroup = parts[0];
            parts = parts[1..];
        }

        info.IsResourceRequest = true;
        info.ApiVersion = parts[0];
        parts = parts[1..];
        if (parts[0] is "proxy" or "watch")
        {
            if (parts.Length < 2)
            {
                error = $"unable to determine kind and namespace from url, {requestUri}";
                return info;
            }

            info.Verb = parts[0];
            parts = parts[1..];
        }
        else
        {
            info.Verb = method switch
            {
                "POST" => "create",
                "GET" or "HEAD" => "get",
                "PUT" => "update",
                "PATCH" => "patch",
                "DELETE" => "delete",
                _ => "",
            };
        }

        info.ReadObject(parts);
        if (info.Name.Length == 0 && info.Verb == "get")
        {
            info.ReadListOptions(uri);
        }

        if (info.Name.Length == 0 && info.Verb == "delete")
        {
            info.Verb = "deletecollection";
        }

        return info;
    }

    /// <summary>namespaces/{namespace}/… before {resource}/{name}/{subresource}/…</summary>
    private void ReadObject(ReadOnlySpan<string> parts)
    {
        if (parts[0] == "namespaces" && parts.Length > 1)
        {
            Namespace = parts[1];

            // namespaces/{name}/status and /finalize belong to the namespace itself.
            if (parts.Length > 2 && parts[2] is not ("status" or "finalize"))
            {
                parts = parts[2..];
            }
        }

        // The old proxy verb has no subresources: the rest of its path is the proxied one.
        Subresource = parts.Length >= 3 && Verb != "proxy" ? parts[2] : "";
        Name = parts.Length >= 2 ? parts[1] : "";
        Resource = parts[0];
    }

    /// <summary>A get without a name is a list or a watch; a field selector may name one object after all.</summary>
    private void ReadListOptions(RequestUri uri)
    {
        // meta/v1 ListOptions decoded from the query (internalversion/scheme, ParameterCodec). When one does not decode, all but watch are lost.
        string? fieldSelector = uri.Parameter("fieldSelector");
        string? name = null;
        bool decoded = IsWholeOrAbsent(uri.Parameter("limit")) && IsWholeOrAbsent(uri.Parameter("timeoutSeconds"))
            && LabelSelector.IsValid(uri.Parameter("labelSelector") ?? "")
            && FieldSelector.TryFindExact(fieldSelector ?? "", "metadata.name", out name);
        Verb = uri.Parameter("watch") is { } watch && !(watch == "0" || watch.Equals("false", StringComparison.OrdinalIgnoreCase)) ? "watch" : "list";
        if (decoded && name is not null && IsPathSegmentName(name))
        {
            Name = name;
        }
    }

    internal static bool StaysOpen(string verb, bool isResourceRequest, string subresource, string path) => verb is "watch" or "proxy"
        || isResourceRequest && subresource is "attach" or "exec" or "proxy" or "log" or "portforward"
        || !isResourceRequest && path.StartsWith("/debug/pprof/", StringComparison.Ordinal);

    private static bool IsWholeOrAbsent(string? text) =>
        text is null || long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    /// <summary>apimachinery/pkg/api/validation/path, IsValidPathSegmentName.</summary>
    private static bool IsPathSegmentName(string name) => name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '%');

    private static string LowerAscii(string text) => text.ToLowerInvariant();
}
