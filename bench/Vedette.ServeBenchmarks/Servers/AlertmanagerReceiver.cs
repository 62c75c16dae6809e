using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vedette.ServeBenchmarks.Load;

namespace Vedette.ServeBenchmarks.Servers;

/// <summary>Takes alerts as Alertmanager does (<c>POST /api/v2/alerts</c>) and notes when the findings arrive that can be recognised.</summary>
internal sealed class AlertmanagerReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AlertmanagerReceiver(WebApplication app) => _app = app;

    /// <summary>Where it is.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Starts it.</summary>
    public static async Task<AlertmanagerReceiver> StartAsync(DeliveryTimes times)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        WebApplication app = builder.Build();
        app.Run(context => TakeAsync(context, times));
        await app.StartAsync();
        return new AlertmanagerReceiver(app);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task TakeAsync(HttpContext context, DeliveryTimes times)
    {
        ArrayBufferWriter<byte> body = new();
        while (true)
        {
            ReadResult read = await context.Request.BodyReader.ReadAsync(context.RequestAborted);
            foreach (ReadOnlyMemory<byte> part in read.Buffer)
            {
                body.Write(part.Span);
            }

            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        EventListBody.FindMarkers(body.WrittenSpan, times.Told);
        context.Response.ContentLength = 0;
    }
}
