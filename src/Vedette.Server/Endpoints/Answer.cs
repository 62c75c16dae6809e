using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Vedette.Server.Endpoints;

/// <summary>Answers in JSON.</summary>
internal static class Answer
{
    /// <summary>An object.</summary>
    public static async Task JsonAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> body = new(512);
        using (Utf8JsonWriter writer = new(body))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.ContentLength = body.WrittenCount + 1;
        body.Write("\n"u8);
        await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Why not (RFC 9457).</summary>
    public static async Task ProblemAsync(HttpContext context, int status, string detail)
    {
        if (!context.Response.HasStarted)
        {
            await JsonAsync(context, status, writer =>
            {
                writer.WriteNumber("status", status);
                writer.WriteString("detail", detail);
            });
        }
    }

    /// <summary>Not now, but later.</summary>
    public static Task LaterAsync(HttpContext context, string detail)
    {
        // kube-apiserver honours this, and gives a batch up after five tries of its own otherwise.
        context.Response.Headers.RetryAfter = "1";
        Caller.Refuse(context, detail);
        return ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, detail);
    }
}
