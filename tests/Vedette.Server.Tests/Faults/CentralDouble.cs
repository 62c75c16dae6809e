using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Vedette.Server.Tests.Faults;

/// <summary>Plays the other Vedette, to which all events are forwarded. Now and then it is overloaded.</summary>
internal sealed class CentralDouble : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> _taken = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private int _asked;

    private CentralDouble()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(TakeAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>The events that it has taken, by auditID.</summary>
    public IReadOnlyDictionary<string, string> Taken => _taken;

    public static async Task<CentralDouble> StartAsync()
    {
        CentralDouble started = new();
        await started._app.StartAsync();
        return started;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        bool isOverloaded = Interlocked.Increment(ref _asked) % 10 == 0;
        if (isOverloaded || context.Request.Path != $"/audit/{ServerMachine.Cluster}")
        {
            context.Response.StatusCode = isOverloaded ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status404NotFound;
            return;
        }

        await using Stream body = context.Request.Headers.ContentEncoding == "gzip" ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body;
        using StreamReader reader = new(body, Encoding.UTF8);
        foreach (string line in (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument item = JsonDocument.Parse(line);
            _taken[item.RootElement.GetProperty("auditID").GetString()!] = line;
        }
    }
}
