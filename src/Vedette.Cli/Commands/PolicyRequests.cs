using System.Collections.Immutable;
using System.Text.Json;
using Vedette.Policy.Requests;

namespace Vedette.Cli.Commands;

/// <summary>Reads requests as users write them for <c>policy explain --requests</c>.</summary>
internal static class PolicyRequests
{
    /// <summary>Reads one line: <c>{"attributes":{…}}</c> or <c>{"method","requestURI","user":{"name","groups"}}</c>.</summary>
    /// <param name="line">The line.</param>
    /// <param name="request">The attributes.</param>
    /// <param name="error">Why there are none.</param>
    public static bool TryRead(ReadOnlyMemory<byte> line, out RequestAttributes request, out string? error)
    {
        request = new RequestAttributes();
        error = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                error = "not a JSON object";
            }
            else if (root.TryGetProperty("attributes", out JsonElement attributes) && attributes.ValueKind == JsonValueKind.Object)
            {
                request = new RequestAttributes
                {
                    User = User(attributes),
                    Verb = Text(attributes, "verb"),
                    Namespace = Text(attributes, "namespace"),
                    ApiGroup = Text(attributes, "apiGroup"),
                    ApiVersion = Text(attributes, "apiVersion"),
                    Resource = Text(attributes, "resource"),
                    Subresource = Text(attributes, "subresource"),
                    Name = Text(attributes, "name"),
                    IsResourceRequest = attributes.TryGetProperty("resourceRequest", out JsonElement isResource) ? isResource.GetBoolean() : Text(attributes, "resource").Length > 0,
                    Path = Text(attributes, "path"),
                };
            }
            else if (root.TryGetProperty("requestURI", out JsonElement uri))
            {
                request = RequestAttributes.Of(RequestInfo.Parse(Text(root, "method"), uri.GetString() ?? "", out error), User(root));
            }
            else
            {
                error = "neither attributes nor method and requestURI";
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            error = "not a request: " + exception.Message;
        }

        return error is null;
    }

    private static RequestUser? User(JsonElement item)
    {
        if (!item.TryGetProperty("user", out JsonElement user) || user.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        ImmutableArray<string> groups = user.TryGetProperty("groups", out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(group => group.GetString() ?? "")] : [];
        return new RequestUser(Text(user, "name"), groups);
    }

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() ?? "" : "";
}
