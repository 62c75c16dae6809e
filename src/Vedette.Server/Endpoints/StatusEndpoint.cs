using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vedette.Pipeline.Telling;
using Vedette.Server.Hosting;
using Vedette.Sources.Tailing;
using Vedette.Storage.Journals;

namespace Vedette.Server.Endpoints;

/// <summary><c>GET /api/v1/status</c>: how the parts are.</summary>
/// <param name="server">The server.</param>
/// <param name="version">Version of the program.</param>
internal sealed class StatusEndpoint(RunningServer server, string version)
{
    /// <summary>Answers.</summary>
    public Task GetAsync(HttpContext context) => Answer.JsonAsync(context, StatusCodes.Status200OK, writer =>
    {
        writer.WriteString("version", version);
        writer.WriteString("started", server.Started);
        writer.WriteBoolean("ready", server.Checks().All(check => check.Problem is null));
        writer.WriteStartObject("checks");
        foreach ((string check, string? problem) in server.Checks())
        {
            writer.WriteString(check, problem ?? "ok");
        }

        writer.WriteEndObject();
        writer.WriteStartObject("journals");
        Write(writer, "events", server.Store.Events);
        Write(writer, "findings", server.Store.Findings);
        Write(writer, "quarantine", server.Store.Quarantine);
        writer.WriteEndObject();
        writer.WriteStartObject("detection");
        writer.WriteNumber("rules", server.Rules.Compiled.Rules.Length);
        writer.WriteNumber("position", server.Detection.Position);
        writer.WriteNumber("behind", Math.Max(0, server.Store.Events.End - server.Detection.Position));
        writer.WriteNumber("lagSeconds", server.Detection.Lag.TotalSeconds);
        writer.WriteNumber("skipped", server.Detection.Skipped);
        writer.WriteEndObject();
        writer.WriteStartArray("sources");
        foreach (SourceStatus source in server.Tails.Sources)
        {
            Write(writer, source);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("receivers");
        foreach (ReceiverStatus receiver in server.Tellers.Status)
        {
            Write(writer, receiver);
        }

        writer.WriteEndArray();
        writer.WriteNumber("inFlightBytes", server.Budget.Used);
    });

    private static void Write(Utf8JsonWriter writer, SourceStatus source)
    {
        writer.WriteStartObject();
        writer.WriteString("name", source.Name);
        writer.WriteString("cluster", source.Cluster);
        writer.WriteNumber("files", source.Files);
        writer.WriteNumber("bytes", source.Bytes);
        writer.WriteNumber("events", source.Events);
        writer.WriteNumber("duplicates", source.Duplicates);
        writer.WriteNumber("rejects", source.Rejects);
        writer.WriteNumber("lagBytes", source.LagBytes);
        writer.WriteNumber("gaps", source.Gaps);
        if (source.LastEvent is { } last)
        {
            writer.WriteString("lastEvent", last);
        }

        writer.WriteString("problem", source.Problem?.Message);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ReceiverStatus receiver)
    {
        writer.WriteStartObject();
        writer.WriteString("name", receiver.Receiver);
        writer.WriteString("kind", receiver.Kind);
        writer.WriteString("address", receiver.Address);
        writer.WriteString("what", receiver.IsEvents ? "events" : "findings");
        writer.WriteNumber("behind", receiver.Lag);
        writer.WriteNumber("sent", receiver.Sent);
        writer.WriteNumber("failed", receiver.Failed);
        writer.WriteNumber("refused", receiver.Refused);
        writer.WriteNumber("silenced", receiver.Silenced);
        writer.WriteNumber("rateLimited", receiver.RateLimited);
        writer.WriteNumber("lost", receiver.Lost);
        if (receiver.LastSuccess is { } success)
        {
            writer.WriteString("lastSuccess", success);
        }

        writer.WriteString("lastError", receiver.LastError);
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, Journal journal)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("start", journal.Start);
        writer.WriteNumber("end", journal.End);
        writer.WriteNumber("pendingBytes", journal.PendingBytes);
        writer.WriteEndObject();
    }
}
