using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Linting;

/// <summary>Requests that stand for a kind of request: what a policy says of them is what the linter tells.</summary>
internal static class Probe
{
    /// <summary>Somebody whom no policy names.</summary>
    public static RequestUser Somebody { get; } = new("vedette:probe", ["system:authenticated"]);

    /// <summary>Somebody without credentials.</summary>
    public static RequestUser Anonymous { get; } = new("system:anonymous", ["system:unauthenticated"]);

    /// <summary>A kubelet.</summary>
    public static RequestUser Node { get; } = new("system:node:vedette-probe", ["system:nodes", "system:authenticated"]);

    /// <summary>A request for a resource of the API.</summary>
    /// <param name="user">Who; null: authentication failed.</param>
    /// <param name="verb">Verb.</param>
    /// <param name="group">API group.</param>
    /// <param name="resource">Resource, or resource/subresource.</param>
    /// <param name="space">Namespace; empty for none.</param>
    /// <param name="name">Name; requests for collections have none.</param>
    public static RequestAttributes Of(RequestUser? user, string verb, string group, string resource, string space = "vedette-probe", string name = "vedette-probe")
    {
        string[] parts = resource.Split('/');
        return new RequestAttributes
        {
            User = user,
            Verb = verb,
            ApiGroup = group,
            Resource = parts[0],
            Subresource = parts.Length > 1 ? parts[1] : "",
            Namespace = space,
            Name = verb is "list" or "watch" or "deletecollection" || verb == "create" && parts.Length == 1 ? "" : name,
            IsResourceRequest = true,
        };
    }

    /// <summary>Is any event of an answered request written, long-running or not?</summary>
    public static bool IsWritten(PolicyAnswer answer, bool isLongRunning = false) =>
        answer.Written(AuditStage.ResponseComplete | AuditStage.RequestReceived | (isLongRunning ? AuditStage.ResponseStarted : AuditStage.None)) != AuditStage.None;

    /// <summary>How the linter names the rule that decides.</summary>
    public static string Decider(PolicyAnswer answer) => answer.Rule < 0 ? "no rule matches them" : $"rules[{answer.Rule}] decides, with level {answer.Level}";
}
