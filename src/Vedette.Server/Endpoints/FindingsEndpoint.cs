using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vedette.Audit.Batches;
using Vedette.Pipeline.Serving;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Sinks;
using Vedette.Storage.Journals;

namespace Vedette.Server.Endpoints;

/// <summary>Findings: <c>GET /api/v1/findings</c>, <c>GET /api/v1/findings/{id}</c>, and <c>POST /findings/{cluster}</c>, by which another Vedette forwards its own.</summary>
/// <param name="server">The server.</param>
internal sealed class FindingsEndpoint(RunningServer server)
{
    /// <summary>Most findings of one answer.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>Most records looked at for one answer; the answer then says where to go on.</summary>
    public const int MaxScanned = 20_000;

    private readonly Deliveries _deliveries = new(server);

    private static readonly string[] s_levels = ["informational", "low", "medium", "high", "critical"];

    /// <summary>The newest findings first, each once, as they stand.</summary>
    public async Task ListAsync(HttpContext context, Principal who)
    {
        IQueryCollection query = context.Request.Query;
        if (!QueryText.TryNumber(query, "limit", 100, 1, MaxLimit, out long limit) || !QueryText.TryNumber(query, "before", long.MaxValue, 0, long.MaxValue, out long before))
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"limit is a number from 1 to {MaxLimit}, before a number that an answer gave");
            return;
        }

        string? level = query["level"];
        int least = level is null ? -1 : Array.IndexOf(s_levels, level);
        if (level is not null && least < 0)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"level is one of {string.Join(", ", s_levels)}");
            return;
        }

        string? cluster = query["cluster"];
        string? rule = query["rule"];
        string? user = query["user"];
        string? ns = query["namespace"];
        long end = Math.Min(before, server.Store.Findings.End);
        long from = Math.Max(server.Store.Findings.Start, end - MaxScanned);
        Dictionary<string, StoredFinding> found = new(StringComparer.Ordinal);
        Scan(from, end, (in JournalRecord record) =>
        {
            if (Read(record, who) is { } finding && (cluster is null || finding.Cluster == cluster) && (rule is null || finding.RuleId == rule) && (user is null || finding.User == user)
                && (ns is null || finding.Namespace == ns) && Array.IndexOf(s_levels, finding.Level) >= least)
            {
                found[finding.Cluster + "/" + finding.Id] = finding;
            }
        });
        StoredFinding[] newest = [.. found.Values.OrderByDescending(finding => finding.Sequence).Take((int)limit)];
        long next = newest.Length == limit ? newest[^1].Sequence : from;
        await Answer.JsonAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray("findings");
            foreach (StoredFinding finding in newest)
            {
                writer.WriteRawValue(finding.Json.Span, skipInputValidation: true);
            }

            writer.WriteEndArray();
            if (next > server.Store.Findings.Start)
            {
                writer.WriteNumber("before", next);
            }
        });
    }

    /// <summary>One finding, as it stands.</summary>
    public async Task GetAsync(HttpContext context, Principal who)
    {
        string id = context.Request.RouteValues["id"] as string ?? "";
        StoredFinding? found = null;
        long end = server.Store.Findings.End;
        byte[] text = Encoding.UTF8.GetBytes($"\"{id}\"");
        Scan(server.Store.Findings.Start, end, (in JournalRecord record) =>
        {
            // Only what has the id in its text is parsed.
            if (record.Bytes.IndexOf(text) >= 0 && Read(record, who) is { } finding && finding.Id == id)
            {
                found = finding;
            }
        });
        if (found is null)
        {
            await Answer.ProblemAsync(context, StatusCodes.Status404NotFound, "no such finding");
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(found.Json, context.RequestAborted);
    }

    /// <summary>Takes findings of another Vedette, a JSON object a line. 200 means that they are on disk.</summary>
    public Task TakeAsync(HttpContext context, Principal who)
    {
        string cluster = context.Request.RouteValues["cluster"] as string ?? "";
        return _deliveries.TakeAsync(context, who, cluster, "vedette", copies: 2, (_, delivery) => StoreAsync(context, cluster, delivery));
    }

    private async Task StoreAsync(HttpContext context, string cluster, EventBatch delivery)
    {
        using RecordBatch findings = new();
        if (Gather(delivery, cluster, findings) is { } wrong)
        {
            Caller.Refuse(context, wrong);
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, wrong);
            return;
        }

        AppendResult result = await server.Store.Findings.AppendAsync(findings, context.RequestAborted);
        await (result.IsDurable
            ? Answer.JsonAsync(context, StatusCodes.Status200OK, writer =>
            {
                writer.WriteNumber("findings", result.Stored);
                writer.WriteNumber("duplicates", result.Duplicates);
            })
            : Answer.LaterAsync(context, result.Problem.Message));
    }

    private static string? Gather(EventBatch delivery, string cluster, RecordBatch into)
    {
        int number = 0;
        foreach (Range range in delivery.Input.Split((byte)'\n'))
        {
            number++;
            ReadOnlySpan<byte> line = delivery.Input[range].Trim("\r \t"u8);
            if (line.IsEmpty)
            {
                continue;
            }

            try
            {
                StoredFinding finding = StoredFinding.Read(0, isUpdate: false, line.ToArray());
                if (finding.Cluster.Length > 0 && finding.Cluster != cluster)
                {
                    return $"line {number} is a finding of another cluster than the one it is sent for";
                }

                FindingRecord.Add(finding.Id, $"{finding.Count}/{finding.EventCount}", cluster, finding.Count > 1, line, into);
            }
            catch (JsonException)
            {
                return $"line {number} is no finding";
            }
        }

        return null;
    }

    private static StoredFinding? Read(in JournalRecord record, Principal who)
    {
        try
        {
            return who.Sees(FindingRecord.ClusterOf(record.Label)) ? StoredFinding.Read(record.Sequence, FindingRecord.IsUpdate(record.Label), record.Bytes.ToArray()) : null;
        }
        catch (JsonException)
        {
            // Of a newer version, or damaged in a way that the checksum does not see: not for this reader.
            return null;
        }
    }

    private delegate void Take(in JournalRecord record);

    private void Scan(long from, long end, Take take)
    {
        using JournalReader reader = server.Store.Findings.Read(from);
        while (reader.Position < end && reader.TryRead(out JournalRecord record) && record.Sequence < end)
        {
            take(record);
        }
    }
}
