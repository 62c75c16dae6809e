using Microsoft.AspNetCore.Http;
using Vedette.Audit.Batches;
using Vedette.Pipeline.Serving;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Sources.Bodies;

namespace Vedette.Server.Endpoints;

/// <summary><c>POST /audit/{cluster}</c> and <c>/audit/{cluster}/{token}</c>: what kube-apiserver's webhook backend sends, or JSON lines. 200 means that it is on disk.</summary>
/// <param name="server">The server.</param>
internal sealed class AuditEndpoint(RunningServer server)
{
    private readonly Deliveries _deliveries = new(server);

    /// <summary>Takes a delivery.</summary>
    public Task TakeAsync(HttpContext context, Principal who)
    {
        string cluster = context.Request.RouteValues["cluster"] as string ?? "";

        // What is received is copied once more, redacted, on its way to the disk.
        return _deliveries.TakeAsync(context, who, cluster, "webhook", copies: 2, (source, delivery) => StoreAsync(context, cluster, source, delivery));
    }

    private async Task StoreAsync(HttpContext context, string cluster, string source, EventBatch delivery)
    {
        IntakeResult result = await server.Intake.TakeAsync(cluster, source, delivery, context.RequestAborted);
        if (result is { IsDurable: true, Events: 0, Rejects: 0, Others: 0 } && JsonEnd.WhyNone(delivery.Input) is { } reason)
        {
            // Nothing of it is an event or a piece of one, as of a list that was cut off before its first: what is left of it is kept all the same.
            result = await server.Intake.RejectAsync(cluster, source, reason, delivery.Input.ToArray(), context.RequestAborted);
        }

        if (result.Problem is { } cause)
        {
            await Answer.LaterAsync(context, cause.Message);
        }
        else if (result.Events == 0 && result.Rejects > 0)
        {
            Caller.Refuse(context, "no audit event");
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, "no audit event is in the body; it is kept in quarantine (vedette store export quarantine)");
        }
        else
        {
            await Answer.JsonAsync(context, StatusCodes.Status200OK, writer =>
            {
                writer.WriteNumber("events", result.Events);
                writer.WriteNumber("duplicates", result.Duplicates);
                writer.WriteNumber("rejects", result.Rejects);
            });
        }
    }
}
