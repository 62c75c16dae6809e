using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Vedette.Server.Tests.Faults;

/// <summary>Plays Alertmanager: takes alerts and notes which findings it was told. Now and then it is overloaded, or takes alerts and closes the connection instead of saying so.</summary>
internal sealed class AlertmanagerDouble : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, int> _heard = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _taken = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Rule, string User, string Id), bool> _told = [];
    private readonly Random _random;
    private readonly WebApplication _app;

    private AlertmanagerDouble(int seed)
    {
        _random = new Random(seed);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(TakeAsync);
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Ids of findings that came, and how many times.</summary>
    public IReadOnlyDictionary<string, int> Heard => _heard;

    /// <summary>Those of them that it said to have taken.</summary>
    public IReadOnlyDictionary<string, int> Taken => _taken;

    /// <summary>Ids of the findings that it has taken, by rule and user.</summary>
    public ILookup<(string Rule, string User), string> Told => _told.Keys.ToLookup(one => (one.Rule, one.User), one => one.Id);

    public static async Task<AlertmanagerDouble> StartAsync(int seed)
    {
        AlertmanagerDouble started = new(seed);
        await started._app.StartAsync();
        return started;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        if (context.Request.Path != "/api/v2/alerts")
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        int mood;
        lock (_random)
        {
            mood = _random.Next(20);
        }

        if (mood == 0)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        using JsonDocument alerts = await JsonDocument.ParseAsync(context.Request.Body);
        string[] ids = [.. alerts.RootElement.EnumerateArray().Select(alert => alert.GetProperty("labels").GetProperty("finding_id").GetString()!)];
        Count(ids, _heard);
        if (mood == 1)
        {
            context.Abort();
            return;
        }

        foreach (JsonElement alert in alerts.RootElement.EnumerateArray())
        {
            JsonElement labels = alert.GetProperty("labels");
            string user = alert.GetProperty("annotations").TryGetProperty("user", out JsonElement named) ? named.GetString()! : "";
            if (FaultRules.All.Contains(labels.GetProperty("rule_id").GetString()!, StringComparer.Ordinal))
            {
                _told[(labels.GetProperty("rule_id").GetString()!, user, labels.GetProperty("finding_id").GetString()!)] = true;
            }
        }

        Count(ids, _taken);
    }

    private static void Count(string[] ids, ConcurrentDictionary<string, int> into)
    {
        foreach (string id in ids)
        {
            into.AddOrUpdate(id, 1, (_, count) => count + 1);
        }
    }
}
