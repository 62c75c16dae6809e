using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vedette.Audit.Batches;
using Vedette.Pipeline.Serving;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Sources.Bodies;
using Vedette.Sources.Elasticsearch;

namespace Vedette.Server.Endpoints;

/// <summary>
/// Everything below <c>/elasticsearch/{cluster}</c>: so much of Elasticsearch as Filebeat and Fluent Bit need to send. An item that is no event is answered as taken, since it is: it is in quarantine.
/// </summary>
/// <param name="server">The server.</param>
internal sealed class ElasticsearchEndpoint(RunningServer server)
{
    private readonly Deliveries _deliveries = new(server);

    /// <summary>Answers.</summary>
    public Task TakeAsync(HttpContext context, Principal who)
    {
        context.Response.Headers[ElasticsearchProbe.ProductHeader] = ElasticsearchProbe.Product;
        string cluster = context.Request.RouteValues["cluster"] as string ?? "";
        string path = context.Request.RouteValues["path"] as string ?? "";
        if (_deliveries.Refusal(who, cluster) is (int status, string reason))
        {
            return RefuseAsync(context, status, "security_exception", reason);
        }

        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is [.., "_bulk"] && parts.Length <= 2 && context.Request.Method is "POST" or "PUT")
        {
            return BulkAsync(context, cluster, parts.Length == 2 ? parts[0] : "");
        }

        (int answer, string body) = ElasticsearchProbe.Answer(context.Request.Method, path);
        return WriteAsync(context, answer, System.Text.Encoding.UTF8.GetBytes(body));
    }

    private async Task BulkAsync(HttpContext context, string cluster, string index)
    {
        if (server.IsStopping)
        {
            await LaterAsync(context, "the server is ending");
            return;
        }

        long begun = server.Time.GetTimestamp();
        string source = Deliveries.SourceOf(context, "elasticsearch");
        using ByteBudget.Share share = server.Budget.Begin();
        using EventBatch body = new(64 * 1024);
        BodyLimits limits = _deliveries.Limits(share, copies: 3);
        BodyProblem problem = await Deliveries.ReadAsync(context, body, limits);
        if (problem != BodyProblem.None)
        {
            await RefuseAsync(context, _deliveries.Reject(context, cluster, source, problem), "illegal_argument_exception", problem.Explain(limits));
            return;
        }

        using EventBatch lines = new(body.InputLength);
        List<BulkItem> items = [];
        if (BulkBody.Read(body.Input, lines, items) is { } wrong)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "illegal_argument_exception", wrong);
            return;
        }

        IntakeResult result = await server.Intake.TakeAsync(cluster, source, lines, context.RequestAborted);
        if (result.Problem is { } cause)
        {
            await LaterAsync(context, cause.Message);
            return;
        }

        ArrayBufferWriter<byte> answer = new(64 * items.Count + 64);
        using (Utf8JsonWriter writer = new(answer))
        {
            BulkAnswer.Write(items, index, (long)server.Time.GetElapsedTime(begun).TotalMilliseconds, writer);
        }

        await WriteAsync(context, StatusCodes.Status200OK, answer.WrittenMemory);
    }

    private static Task LaterAsync(HttpContext context, string reason)
    {
        context.Response.Headers.RetryAfter = "1";
        return RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable_shards_exception", reason);
    }

    private static Task RefuseAsync(HttpContext context, int status, string type, string reason)
    {
        Caller.Refuse(context, reason);
        ArrayBufferWriter<byte> answer = new(256);
        using (Utf8JsonWriter writer = new(answer))
        {
            BulkAnswer.WriteError(status, type, reason, writer);
        }

        return WriteAsync(context, status, answer.WrittenMemory);
    }

    private static async Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
