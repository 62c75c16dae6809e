using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Vedette.Pipeline.Watching;
using Vedette.Server.Hosting;

namespace Vedette.Server.Endpoints;

/// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
/// <param name="server">The server.</param>
internal sealed class HealthEndpoints(RunningServer server)
{
    /// <summary>The process answers: nothing else is asked, since a restart would help nothing else.</summary>
    public static Task HealthAsync(HttpContext context) => TextAsync(context, StatusCodes.Status200OK, "ok\n");

    /// <summary>Events can be taken and evaluated. With <c>?verbose</c> each check by name, as Kubernetes' components have it; reasons are for those who may see them.</summary>
    public async Task ReadyAsync(HttpContext context)
    {
        (string Check, string? Problem)[] checks = [.. server.Checks()];
        bool isReady = checks.All(check => check.Problem is null);
        StringBuilder text = new();
        if (context.Request.Query.ContainsKey("verbose") || !isReady)
        {
            foreach ((string check, string? problem) in checks)
            {
                text.Append(problem is null ? $"[+]{check} ok\n" : $"[-]{check} failed\n");
            }
        }

        text.Append(isReady ? "ok\n" : "not ready\n");
        await TextAsync(context, isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, text.ToString());
    }

    /// <summary>Everything that is counted.</summary>
    public async Task MetricsAsync(HttpContext context)
    {
        MetricFormat format = MetricFormats.Choose(context.Request.Headers.Accept);
        ArrayBufferWriter<byte> text = new(64 * 1024);
        server.Metrics.Registry.Write(text, format);
        context.Response.ContentType = MetricFormats.ContentType(format);
        await context.Response.Body.WriteAsync(text.WrittenMemory, context.RequestAborted);
    }

    private static async Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }
}
