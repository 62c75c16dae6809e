using System.Buffers;
using Microsoft.AspNetCore.Http;
using Vedette.Audit.Batches;
using Vedette.Pipeline.Serving;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Sources.Bodies;
using Vedette.Sources.Firehose;

namespace Vedette.Server.Endpoints;

/// <summary><c>POST /firehose/{cluster}</c>, and <c>/firehose</c> with the cluster as a common attribute: deliveries of Amazon Data Firehose. The access key is a token of the cluster.</summary>
/// <param name="server">The server.</param>
internal sealed class FirehoseEndpoint(RunningServer server)
{
    private readonly Deliveries _deliveries = new(server);

    /// <summary>Takes a delivery.</summary>
    public async Task TakeAsync(HttpContext context, Principal who)
    {
        string id = context.Request.Headers[FirehoseRequest.RequestIdHeader].ToString();
        id = id.Length <= FirehoseRequest.MaxRequestIdLength ? id : "";
        string cluster = context.Request.RouteValues["cluster"] is null && FirehoseRequest.ClusterOf(context.Request.Headers[FirehoseRequest.CommonAttributesHeader]) is { } named
            ? named
            : _deliveries.ClusterOf(context, who);
        if (_deliveries.Refusal(who, cluster) is (int status, string reason))
        {
            await AnswerAsync(context, status, id, reason);
            return;
        }

        if (server.IsStopping)
        {
            await AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, id, "the server is ending");
            return;
        }

        string source = $"firehose/{cluster}";
        using ByteBudget.Share share = server.Budget.Begin();
        using EventBatch body = new(64 * 1024);
        using EventBatch lines = new(64 * 1024);
        BodyLimits limits = _deliveries.Limits(share, copies: 2);
        BodyProblem problem = await Deliveries.ReadAsync(context, body, limits);
        FirehoseRequest? request = null;
        if (problem == BodyProblem.None)
        {
            request = FirehoseRequest.Read(body.Input, lines, limits, out problem);
        }

        if (request is null)
        {
            await AnswerAsync(context, _deliveries.Reject(context, cluster, source, problem), id, problem == BodyProblem.Damaged ? "the body is no delivery of Firehose" : problem.Explain(limits));
            return;
        }

        IntakeResult result = await server.Intake.TakeAsync(cluster, source, lines, context.RequestAborted);
        await AnswerAsync(
            context, result.IsDurable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, request.RequestId.Length > 0 ? request.RequestId : id, result.Problem?.Message);
    }

    private async Task AnswerAsync(HttpContext context, int status, string requestId, string? error)
    {
        if (error is not null)
        {
            Caller.Refuse(context, error);
        }

        ArrayBufferWriter<byte> answer = new(256);
        FirehoseRequest.WriteAnswer(requestId, server.Time.GetUtcNow(), error, answer);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.WrittenCount;
        await context.Response.Body.WriteAsync(answer.WrittenMemory, context.RequestAborted);
    }
}
