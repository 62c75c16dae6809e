using Microsoft.AspNetCore.Http;

namespace Vedette.Server.Endpoints;

/// <summary><c>GET /openapi.json</c>: the API in words that programs read. Written by hand; a test compares it with the routes.</summary>
internal static class OpenApiDocument
{
    private const string Resource = "openapi.json";

    /// <summary>Answers.</summary>
    public static async Task WriteAsync(HttpContext context)
    {
        await using Stream document = typeof(OpenApiDocument).Assembly.GetManifestResourceStream(Resource)!;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = document.Length;
        await document.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
