using System.Buffers;
using Microsoft.AspNetCore.Http;
using Vedette.Audit.Batches;
using Vedette.Pipeline.Serving;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Sources.Falco;
using Vedette.Storage.Journals;

namespace Vedette.Server.Endpoints;

/// <summary>
/// <c>POST /falco</c>, <c>/falco/{cluster}</c> and <c>/falco/{cluster}/{token}</c>: alerts of Falco's http_output, which can send no header, and of falcosidekick. They are kept and told as findings beside those
/// of Vedette's own rules. Falco does not look at the answer and sends nothing again, so what is no alert is kept in quarantine.
/// </summary>
/// <param name="server">The server.</param>
internal sealed class FalcoEndpoint(RunningServer server)
{
    private readonly Deliveries _deliveries = new(server);

    /// <summary>Takes alerts.</summary>
    public Task TakeAsync(HttpContext context, Principal who)
    {
        string cluster = _deliveries.ClusterOf(context, who);
        return _deliveries.TakeAsync(context, who, cluster, "falco", copies: 4, (source, body) => StoreAsync(context, cluster, source, body));
    }

    private async Task StoreAsync(HttpContext context, string cluster, string source, EventBatch body)
    {
        List<FalcoAlert> alerts = [];
        string? wrong = FalcoAlert.Read(body.Input, alerts);
        if (await AppendAsync(cluster, alerts) is { IsDurable: false } failed)
        {
            await Answer.LaterAsync(context, failed.Problem.Message);
            return;
        }

        if (wrong is not null)
        {
            IntakeResult kept = await server.Intake.TakeAsync(cluster, source, body, context.RequestAborted);
            if (kept.Problem is { } cause)
            {
                await Answer.LaterAsync(context, cause.Message);
                return;
            }
        }

        if (alerts.Count == 0)
        {
            Caller.Refuse(context, wrong!);
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"{wrong}; it is kept in quarantine");
            return;
        }

        server.Metrics.SourceHeard(cluster, source, server.Time.GetUtcNow());
        await Answer.JsonAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteNumber("alerts", alerts.Count);
            writer.WriteNumber("rejects", wrong is null ? 0 : 1);
        });
    }

    private async ValueTask<AppendResult> AppendAsync(string cluster, List<FalcoAlert> alerts)
    {
        using RecordBatch findings = new();
        foreach (FalcoAlert alert in alerts)
        {
            ArrayBufferWriter<byte> json = new(2048);
            alert.WriteFinding(cluster, json);
            FindingRecord.Add(alert.Id, "", cluster, isUpdate: false, json.WrittenSpan, findings);
        }

        return await server.Store.Findings.AppendAsync(findings, CancellationToken.None);
    }
}
