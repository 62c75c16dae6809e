using Vedette.Policy.Model;

namespace Vedette.Policy.Requests;

/// <summary>The stages a request goes through (pkg/endpoints/filters/audit.go, authn_audit.go, request_deadline.go), before a policy omits any.</summary>
public static class RequestStages
{
    /// <summary>Stages of a request refused before the handlers: failed authentication (401), a bad <c>timeout</c> parameter (400). Its event has no user.</summary>
    public const AuditStage OfRefused = AuditStage.ResponseStarted;

    /// <summary>Stages of a request that is answered, denied ones included.</summary>
    public static AuditStage Of(RequestInfo request) => Of(request.IsLongRunning);

    /// <summary>Stages of a request that is answered, denied ones included.</summary>
    public static AuditStage Of(RequestAttributes request) => Of(RequestInfo.StaysOpen(request.Verb, request.IsResourceRequest, request.Subresource, request.Path));

    private static AuditStage Of(bool isLongRunning) => isLongRunning
        ? AuditStage.RequestReceived | AuditStage.ResponseStarted | AuditStage.ResponseComplete
        : AuditStage.RequestReceived | AuditStage.ResponseComplete;
}
