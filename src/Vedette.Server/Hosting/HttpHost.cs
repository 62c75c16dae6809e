using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Vedette.Server.Access;
using Vedette.Server.Endpoints;
using Vedette.Server.Settings;

namespace Vedette.Server.Hosting;

/// <summary>The HTTP surface of a server.</summary>
public sealed class HttpHost : IAsyncDisposable
{
    /// <summary>How long requests that are under way may take when the server ends; kube-apiserver gives a batch 30 s.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Connections that Kestrel may have beyond those that may be: so many may be ending just now.</summary>
    private const int EndingConnections = 64;

    /// <summary>Longest subject of a certificate in Vedette's own audit log: who connects wrote it.</summary>
    private const int MaxSubject = 256;

    /// <summary>Most bytes of a connection that have come and were not read yet.</summary>
    internal const int MaxUnread = 4 * ReceiveBuffers.Length;

    private readonly WebApplication _app;
    private readonly ConnectionEnds _ends;

    private HttpHost(WebApplication app, ConnectionEnds ends, IPEndPoint address) => (_app, _ends, Address) = (app, ends, address);

    /// <summary>The routes there are, as they are written; what /openapi.json must describe.</summary>
    internal IEnumerable<string> Routes => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .Select(endpoint => endpoint.RoutePattern.RawText ?? "").Where(route => !route.Contains("nonfile", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal);

    /// <summary>The buffers that connections receive into.</summary>
    internal ReceiveBuffers ReceiveBuffers => (ReceiveBuffers)_app.Services.GetRequiredService<IMemoryPoolFactory<byte>>();

    /// <summary>Where it listens; the port is the real one where 0 was asked for.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="server">The server.</param>
    /// <param name="certificates">Certificates; null for plain HTTP.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="reload">Loads the settings again; says what is wrong when they cannot be used.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<HttpHost> StartAsync(RunningServer server, Certificates? certificates, string version, Func<CancellationToken, Task<string?>> reload, CancellationToken cancellation)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = DrainTimeout);
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();

        // What has come of a body that nobody reads yet is not in the budget of bodies: little of it, for every connection may have so much.
        builder.WebHost.UseSockets(sockets => sockets.MaxReadBufferSize = MaxUnread);

        // After Kestrel has said what it would take.
        LimitSettings limits = server.Settings.Limits;
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new ReceiveBuffers(limits.ReceiveBuffers));
        if (certificates is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        Connections connections = new(limits.MaxConnections, server.Metrics.ConnectionEnded);
        server.Metrics.Registry.BeforeWriting(() => server.Metrics.Connections(connections.Count));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = limits.MaxBody;

            // Behind TLS there are two that hold what is unread.
            kestrel.Limits.MaxRequestBufferSize = MaxUnread;
            kestrel.Limits.MaxConcurrentConnections = limits.MaxConnections + EndingConnections;
            kestrel.Limits.MaxRequestHeaderCount = 64;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.MaxRequestLineSize = 8 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));
            kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(30));
            kestrel.Listen(server.Settings.Listen, listen =>
            {
                listen.Protocols = certificates is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                listen.Use(next => connection => connections.FollowAsync(connection, next));
                if (certificates is not null)
                {
                    listen.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        OnConnection = handshake => new(certificates.Options((subject, reason) => Refuse(server, handshake.Connection.RemoteEndPoint, subject, reason))),
                        HandshakeTimeout = TimeSpan.FromSeconds(10),
                    });
                }
            });
        });
        WebApplication app = builder.Build();
        ConnectionEnds ends = new(app.Services.GetRequiredService<IMeterFactory>(), server.Metrics.ConnectionEnded);
        app.Use(next => request => connections.FollowAsync(request, next));
        Map(app, server, version, reload);
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.DisposeAsync();
            ends.Dispose();
            throw;
        }

        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Uri uri = new(address.Replace("[::]", "[::1]", StringComparison.Ordinal));
        return new HttpHost(app, ends, new IPEndPoint(server.Settings.Listen.Address, uri.Port));
    }

    /// <summary>Takes nothing more, waits for what is under way, and stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        using (CancellationTokenSource drain = new(DrainTimeout))
        {
            await _app.StopAsync(drain.Token);
        }

        await _app.DisposeAsync();
        _ends.Dispose();
    }

    /// <summary>A client certificate that is not believed ends the connection before there is a request: it is a refusal all the same.</summary>
    private static void Refuse(RunningServer server, EndPoint? address, string subject, string reason)
    {
        server.Metrics.ConnectionEnded("client_certificate");
        server.Access.Add(new AccessEntry(
            server.Time.GetUtcNow(), null, (address as IPEndPoint)?.Address.ToString(), "TLS", "(none)", StatusCodes.Status403Forbidden,
            $"the client certificate of {(subject.Length <= MaxSubject ? subject : subject[..MaxSubject])} is refused: {reason}"));
    }

    private static void Map(WebApplication app, RunningServer server, string version, Func<CancellationToken, Task<string?>> reload)
    {
        Caller caller = new(server);
        AuditEndpoint audit = new(server);
        ElasticsearchEndpoint elasticsearch = new(server);
        FirehoseEndpoint firehose = new(server);
        FalcoEndpoint falco = new(server);
        HealthEndpoints health = new(server);
        FindingsEndpoint findings = new(server);
        EventsEndpoint events = new(server);
        TailEndpoint tail = new(server);
        StatusEndpoint status = new(server, version);
        app.UseRouting();
        app.MapGet("/healthz", HealthEndpoints.HealthAsync);
        app.MapGet("/readyz", health.ReadyAsync);
        app.MapGet("/openapi.json", OpenApiDocument.WriteAsync);
        app.MapGet("/metrics", caller.Route("/metrics", "metrics", who => who.Is(Role.Viewer), (context, _) => health.MetricsAsync(context)));
        app.MapPost("/audit/{cluster}", caller.Route("/audit/{cluster}", "audit", who => who.Sends, audit.TakeAsync));
        app.MapPost("/audit/{cluster}/{token}", caller.Route("/audit/{cluster}/{token}", "audit", who => who.Sends, audit.TakeAsync));
        foreach (string route in new[] { "/falco", "/falco/{cluster}", "/falco/{cluster}/{token}" })
        {
            app.MapPost(route, caller.Route(route, "audit", who => who.Sends, falco.TakeAsync));
        }

        foreach (string route in new[] { "/firehose", "/firehose/{cluster}" })
        {
            app.MapPost(route, caller.Route(route, "audit", who => who.Sends, firehose.TakeAsync));
        }

        app.Map("/elasticsearch/{cluster}/{**path}", caller.Route("/elasticsearch/{cluster}/{path}", "audit", who => who.Sends, elasticsearch.TakeAsync));
        app.MapPost("/findings/{cluster}", caller.Route("/findings/{cluster}", "audit", who => who.Sends, findings.TakeAsync));
        app.MapGet("/api/v1/status", caller.Route("/api/v1/status", "api", who => who.Is(Role.Viewer), (context, _) => status.GetAsync(context)));
        app.MapGet("/api/v1/findings", caller.Route("/api/v1/findings", "api", who => who.Is(Role.Viewer), findings.ListAsync));
        app.MapGet("/api/v1/findings/{id}", caller.Route("/api/v1/findings/{id}", "api", who => who.Is(Role.Viewer), findings.GetAsync));
        app.MapGet("/api/v1/events", caller.Route("/api/v1/events", "api", who => who.Is(Role.Analyst), events.ListAsync));
        app.MapGet("/api/v1/tail", caller.Route("/api/v1/tail", "api", who => who.Is(Role.Viewer), tail.FollowAsync));
        app.MapPost("/api/v1/reload", caller.Route("/api/v1/reload", "", who => who.Is(Role.Admin), (context, _) => ReloadAsync(context, reload)));
        app.MapFallback(caller.Route("(none)", "", _ => true, (context, _) => Answer.ProblemAsync(context, StatusCodes.Status404NotFound, "there is nothing here; /openapi.json says what there is")));
    }

    private static async Task ReloadAsync(HttpContext context, Func<CancellationToken, Task<string?>> reload)
    {
        if (await reload(context.RequestAborted) is { } wrong)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status422UnprocessableEntity, wrong);
        }
        else
        {
            await Answer.JsonAsync(context, StatusCodes.Status200OK, writer => writer.WriteString("settings", "loaded"));
        }
    }
}
