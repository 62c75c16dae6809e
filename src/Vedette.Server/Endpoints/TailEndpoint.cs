using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Vedette.Pipeline.Serving;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Storage.Events;
using Vedette.Storage.Journals;

namespace Vedette.Server.Endpoints;

/// <summary><c>GET /api/v1/tail</c>: findings, or with <c>?what=events</c> events, as they are stored, as server-sent events. <c>Last-Event-ID</c> goes on where a connection broke.</summary>
/// <param name="server">The server.</param>
internal sealed class TailEndpoint(RunningServer server)
{
    /// <summary>Most who look on at once.</summary>
    public const int MaxTails = 100;

    private static readonly TimeSpan s_alive = TimeSpan.FromSeconds(15);

    private int _tails;

    /// <summary>Sends until the client leaves or the server ends.</summary>
    public async Task FollowAsync(HttpContext context, Principal who)
    {
        bool wantsEvents = context.Request.Query["what"] == "events";
        if (wantsEvents && !who.Is(Role.Analyst))
        {
            Caller.Refuse(context, "not allowed");
            await Answer.ProblemAsync(context, StatusCodes.Status403Forbidden, $"{who.Name} may see findings, not events");
            return;
        }

        if (Interlocked.Increment(ref _tails) > MaxTails)
        {
            Interlocked.Decrement(ref _tails);
            await Answer.LaterAsync(context, $"{MaxTails} look on already");
            return;
        }

        try
        {
            using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, server.Stopping);
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            await FollowAsync(context, who, wantsEvents, ending.Token);
        }
        finally
        {
            Interlocked.Decrement(ref _tails);
        }
    }

    private async Task FollowAsync(HttpContext context, Principal who, bool wantsEvents, CancellationToken cancellation)
    {
        Journal journal = wantsEvents ? server.Store.Events : server.Store.Findings;
        string? cluster = context.Request.Query["cluster"];
        long from = long.TryParse(context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out long last) ? last + 1
            : QueryText.TryNumber(context.Request.Query, "from", journal.End, 0, long.MaxValue, out long given) ? given
            : journal.End;
        using JournalReader reader = journal.Read(from);
        ArrayBufferWriter<byte> sending = new(64 * 1024);
        sending.Write(": vedette\n\n"u8);
        while (true)
        {
            Gather(reader, who, cluster, wantsEvents, sending);
            if (sending.WrittenCount > 0)
            {
                await context.Response.Body.WriteAsync(sending.WrittenMemory, cancellation);
                await context.Response.Body.FlushAsync(cancellation);
                sending.ResetWrittenCount();
                if (reader.Position < journal.End)
                {
                    continue;
                }
            }

            using CancellationTokenSource alive = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            alive.CancelAfter(s_alive);
            try
            {
                await journal.WaitAsync(reader.Position, alive.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Proxies close what is silent.
                sending.Write(": \n\n"u8);
            }
        }
    }

    private static void Gather(JournalReader reader, Principal who, string? cluster, bool wantsEvents, ArrayBufferWriter<byte> into)
    {
        while (into.WrittenCount < 256 * 1024 && reader.TryRead(out JournalRecord record))
        {
            string of = wantsEvents ? EventLabel.Read(record.Label)?.Cluster ?? "" : FindingRecord.ClusterOf(record.Label);
            if (who.Sees(of) && (cluster is null || cluster == of))
            {
                into.Write(Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"id: {record.Sequence}\nevent: {(wantsEvents ? "event" : FindingRecord.IsUpdate(record.Label) ? "update" : "finding")}\ndata: ")));
                // Neither findings nor events have line ends outside of strings, where JSON escapes them; a pretty-printed event has, and each goes on as data.
                ReadOnlySpan<byte> text = EventText.Of(record.Bytes);
                foreach (Range line in text.Split((byte)'\n'))
                {
                    into.Write(line.Start.Value == 0 ? ""u8 : "\ndata: "u8);
                    into.Write(text[line]);
                }

                into.Write("\n\n"u8);
            }
        }
    }
}
