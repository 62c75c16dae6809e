using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Vedette.ServeBenchmarks.Servers;

/// <summary>What Vedette is compared with: Kestrel that reads a body to its end, keeps nothing of it, and answers 200.</summary>
internal static class ReferenceServer
{
    /// <summary>Runs until it is killed.</summary>
    /// <param name="port">Where it listens.</param>
    public static async Task<int> RunAsync(int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        await using WebApplication app = builder.Build();
        app.Run(ReadAsync);
        await app.RunAsync();
        return 0;
    }

    private static async Task ReadAsync(HttpContext context)
    {
        PipeReader body = context.Request.BodyReader;
        while (true)
        {
            ReadResult read = await body.ReadAsync(context.RequestAborted);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        context.Response.ContentLength = 2;
        context.Response.BodyWriter.Write("{}"u8);
    }
}
