using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Vedette.Audit.Batches;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Sources.Bodies;
using Vedette.Sources.Settings;

namespace Vedette.Server.Endpoints;

/// <summary>What all routes do with deliveries: who may send for which cluster, and bodies within limits.</summary>
/// <param name="server">The server.</param>
internal sealed class Deliveries(RunningServer server)
{
    /// <summary>The cluster of a sender that names none and is bound to none.</summary>
    public const string DefaultCluster = "default";

    /// <summary>The cluster of a request that need not name one: that of the path, else the one that the sender or the server has.</summary>
    public string ClusterOf(HttpContext context, Principal who) => context.Request.RouteValues["cluster"] as string
        ?? (who.Clusters is [var own] ? own : server.Settings.Clusters is [var only] ? only.Name : DefaultCluster);

    /// <summary>May somebody send for this cluster?</summary>
    /// <returns>Null when it may; else status and reason.</returns>
    public (int Status, string Reason)? Refusal(Principal who, string cluster) =>
        !ClusterName.IsValid(cluster) ? (StatusCodes.Status404NotFound, $"no name of a cluster: {ClusterName.Rule}")
        : !server.Settings.Clusters.IsEmpty && !server.Settings.Clusters.Any(known => known.Name == cluster) ? (StatusCodes.Status404NotFound, "no such cluster is set up")
        : !who.Sees(cluster) ? (StatusCodes.Status403Forbidden, $"{who.Name} may not send for this cluster")
        : null;

    /// <summary>Lets a sender in, reads its body and hands it on; answers itself where that cannot be.</summary>
    /// <param name="context">The request.</param>
    /// <param name="who">Who sends.</param>
    /// <param name="cluster">For which cluster.</param>
    /// <param name="kind">What kind of source it is.</param>
    /// <param name="copies">How many times its bytes are kept until it is durable.</param>
    /// <param name="take">Takes the body and answers; gets the source's name.</param>
    public async Task TakeAsync(HttpContext context, Principal who, string cluster, string kind, int copies, Func<string, EventBatch, Task> take)
    {
        if (Refusal(who, cluster) is (int status, string reason))
        {
            Caller.Refuse(context, reason);
            await Answer.ProblemAsync(context, status, reason);
            return;
        }

        if (server.IsStopping)
        {
            await Answer.LaterAsync(context, "the server is ending");
            return;
        }

        // Before the body is read: what waits takes little memory.
        using DetectionPace.Presence presence = server.Pace.Enter();
        await server.Pace.WaitAsync(context.RequestAborted);
        string source = SourceOf(context, kind);
        using ByteBudget.Share share = server.Budget.Begin();
        using EventBatch body = new(64 * 1024);
        BodyLimits limits = Limits(share, copies);
        BodyProblem problem = await ReadAsync(context, body, limits);
        await (problem == BodyProblem.None ? take(source, body) : Answer.ProblemAsync(context, Reject(context, cluster, source, problem), problem.Explain(limits)));
    }

    /// <summary>What a body may cost.</summary>
    /// <param name="share">Its share of what all may cost.</param>
    /// <param name="copies">How many times its bytes are kept until it is durable.</param>
    public BodyLimits Limits(ByteBudget.Share share, int copies) =>
        new() { MaxPlainLength = (int)Math.Min(server.Settings.Limits.MaxBody, int.MaxValue / 4), Reserve = bytes => share.TryGrow((long)copies * bytes) };

    /// <summary>Reads a body.</summary>
    public static async ValueTask<BodyProblem> ReadAsync(HttpContext context, EventBatch into, BodyLimits limits)
    {
        into.Expect(context.Request.ContentLength ?? 0);
        try
        {
            return await BodyDecoder.ReadAsync(context.Request.Body, context.Request.Headers.ContentEncoding, into, limits, context.RequestAborted);
        }
        catch (IOException exception) when (exception is not (BadHttpRequestException or ConnectionResetException))
        {
            // So Kestrel tells of chunks whose length is none.
            return BodyProblem.Damaged;
        }
    }

    /// <summary>The status that says what is wrong with a body, which is noted.</summary>
    public int Reject(HttpContext context, string cluster, string source, BodyProblem problem)
    {
        Caller.Refuse(context, problem.Name());
        if (problem == BodyProblem.NoRoom)
        {
            context.Response.Headers.RetryAfter = "1";
            return StatusCodes.Status503ServiceUnavailable;
        }

        server.Metrics.Rejected(cluster, source, problem.Name());
        return problem switch
        {
            BodyProblem.UnknownEncoding => StatusCodes.Status415UnsupportedMediaType,
            BodyProblem.TooLarge or BodyProblem.Bomb => StatusCodes.Status413PayloadTooLarge,
            _ => StatusCodes.Status400BadRequest,
        };
    }

    /// <summary>The name of a source: each sender's clock and silence are its own.</summary>
    public static string SourceOf(HttpContext context, string kind) => $"{kind}/{context.Connection.RemoteIpAddress}";
}
