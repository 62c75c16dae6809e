using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Storage.Files;

namespace Vedette.Server.Endpoints;

/// <summary>Finds out who makes a request, refuses who may not, and keeps Vedette's own audit log. Every route but those for health goes through here.</summary>
/// <param name="server">The server.</param>
internal sealed class Caller(RunningServer server)
{
    /// <summary>A route that needs a role.</summary>
    /// <param name="route">The route as logs and metrics name it.</param>
    /// <param name="open">By which word in <c>open</c> it needs no credentials.</param>
    /// <param name="may">May somebody use it?</param>
    /// <param name="answer">Answers.</param>
    public RequestDelegate Route(string route, string open, Func<Principal, bool> may, Func<HttpContext, Principal, Task> answer) => async context =>
    {
        string? refusal = null;
        Principal? who = null;
        try
        {
            who = await WhoAsync(context) ?? (server.Settings.Open.Contains(open) ? Principal.Anonymous(open == "audit" ? Role.Sender : Role.Analyst) : null);
            if (who is null)
            {
                refusal = "no credentials that are known";
                context.Response.Headers.WWWAuthenticate = "Bearer";
                await Answer.ProblemAsync(context, StatusCodes.Status401Unauthorized, "credentials are missing or not known; send 'Authorization: Bearer TOKEN'");
            }
            else if (!may(who))
            {
                refusal = "not allowed";
                await Answer.ProblemAsync(context, StatusCodes.Status403Forbidden, $"{who.Name} may not do this");
            }
            else
            {
                await answer(context, who);
                refusal = context.Items.TryGetValue(Refused, out object? reason) ? reason as string : null;
            }
        }
        catch (BadHttpRequestException exception)
        {
            refusal = exception.Message;
            await Answer.ProblemAsync(context, exception.StatusCode, exception.Message);
        }
        catch (Exception exception) when (exception is ConnectionResetException || (exception is OperationCanceledException && (context.RequestAborted.IsCancellationRequested || server.IsStopping)))
        {
            refusal = "the connection was closed";
            if (!context.Response.HasStarted)
            {
                // Nobody gets it; what is counted must not look like a success.
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            }
        }
        catch (Exception exception) when (StoreProblem.IsOfDisk(exception) && !context.Response.HasStarted)
        {
            // What is asked for cannot be read now.
            refusal = StoreProblem.Of(exception).Message;
            await Answer.LaterAsync(context, refusal);
        }
        catch (Exception exception)
        {
            refusal = "an error of this server";
            server.Log.Error("a request could not be answered", ("route", route), ("problem", exception));
            if (context.Response.HasStarted)
            {
                context.Abort();
            }
            else
            {
                await Answer.ProblemAsync(context, StatusCodes.Status500InternalServerError, "the request could not be answered; the server's log says why");
            }
        }
        finally
        {
            int status = context.Response.StatusCode;
            server.Metrics.HttpRequest(route, status);

            // Deliveries that were taken are in the journal; everything else is told.
            if (open != "audit" || status >= 400)
            {
                server.Access.Add(new AccessEntry(
                    server.Time.GetUtcNow(), who?.Name, context.Connection.RemoteIpAddress?.ToString(), context.Request.Method, route, status, refusal));
            }
        }
    };

    /// <summary>Notes why a request that was let in is refused all the same.</summary>
    public static void Refuse(HttpContext context, string reason) => context.Items[Refused] = reason;

    private static readonly object Refused = new();

    private async ValueTask<Principal?> WhoAsync(HttpContext context)
    {
        Principal? who = await server.Authenticator.AuthenticateAsync(new Proof(RequestToken.Of(context), context.Connection.ClientCertificate), context.RequestAborted);
        if (who is not null)
        {
            Connections.Know(context);
        }

        return who;
    }
}
