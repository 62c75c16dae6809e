using Vedette.Policy.Managed;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Sight;

namespace Vedette.Cli.Output;

/// <summary>Why a rule misses a request, in a sentence: the request, what the policy does with it, what is needed.</summary>
internal static class MissedText
{
    /// <summary>The sentence.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="missed">The request.</param>
    /// <param name="log">The provider's log whose policy it is.</param>
    public static string Of(AuditPolicy policy, MissedCase missed, ManagedLog? log = null) =>
        $"{Request(missed)}: {(missed.Lack == Lack.Field ? $"the log does not carry {missed.Field}" : Decider(policy, missed, log) + Wanted(missed))}";

    private static string Request(MissedCase missed)
    {
        RequestAttributes request = missed.Request;
        string what = request.IsResourceRequest ? $"{request.Resource}{(request.Subresource.Length > 0 ? "/" : "")}{request.Subresource}" : request.Path;
        string where = request.Namespace.Length > 0 ? $" in {request.Namespace}" : "";
        string name = request.Name.Length > 0 ? $" {request.Name}" : "";
        return $"{request.Verb} {what}{name}{where} by {request.User?.Name ?? "nobody who authenticates"}";
    }

    private static string Decider(AuditPolicy policy, MissedCase missed, ManagedLog? log) => missed.Answer.Rule < 0
        ? "no rule matches"
        : missed.Answer.Rule < log?.LeftOutRules
        ? $"the log {log.Name} leaves it out"
        : $"rules[{missed.Answer.Rule - (log?.LeftOutRules ?? 0)}] (line {policy.Rules[missed.Answer.Rule].Line}) says {missed.Answer.Level}";

    private static string Wanted(MissedCase missed) => missed.Lack switch
    {
        Lack.Request => "",
        Lack.Stage => $" and leaves out stage {string.Join(", ", AuditStages.Sorted(missed.Answer.OmitStages))}",
        Lack.ManagedFields => " without managedFields",
        Lack.SomeLevel => $"; {missed.Level} shows what every patch changes",
        _ => $"; {missed.Level} is needed",
    };
}
