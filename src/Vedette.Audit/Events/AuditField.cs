namespace Vedette.Audit.Events;

/// <summary>
/// Every field of an audit.k8s.io/v1 Event that has a place of its own (staging/src/k8s.io/apiserver/pkg/apis/audit/v1/types.go of
/// Kubernetes 1.36; UserInfo from authentication.k8s.io/v1; Status from meta/v1). <see cref="FieldCatalogue"/> knows their paths.
/// Deeper content (bodies, extra, other annotations) is reached by path from the object that holds it.
/// </summary>
public enum AuditField : byte
{
    /// <summary>kind: <c>Event</c>; absent in the items of a webhook's EventList.</summary>
    Kind,

    /// <summary>apiVersion: <c>audit.k8s.io/v1</c>.</summary>
    ApiVersion,

    /// <summary>level: Metadata, Request or RequestResponse.</summary>
    Level,

    /// <summary>auditID: any text the client chose, or a UUID.</summary>
    AuditId,

    /// <summary>stage: RequestReceived, ResponseStarted, ResponseComplete or Panic.</summary>
    Stage,

    /// <summary>requestURI, with query, as sent.</summary>
    RequestUri,

    /// <summary>verb.</summary>
    Verb,

    /// <summary>user: the authenticated user, as an object.</summary>
    User,

    /// <summary>user.username.</summary>
    UserName,

    /// <summary>user.uid.</summary>
    UserUid,

    /// <summary>user.groups, an array of strings.</summary>
    UserGroups,

    /// <summary>user.extra, string to array of strings.</summary>
    UserExtra,

    /// <summary>impersonatedUser: the user acted as, as an object.</summary>
    ImpersonatedUser,

    /// <summary>impersonatedUser.username.</summary>
    ImpersonatedUserName,

    /// <summary>impersonatedUser.uid.</summary>
    ImpersonatedUserUid,

    /// <summary>impersonatedUser.groups.</summary>
    ImpersonatedUserGroups,

    /// <summary>impersonatedUser.extra.</summary>
    ImpersonatedUserExtra,

    /// <summary>authenticationMetadata (1.35 and newer), as an object.</summary>
    AuthenticationMetadata,

    /// <summary>authenticationMetadata.impersonationConstraint.</summary>
    ImpersonationConstraint,

    /// <summary>sourceIPs, an array; only the last is not the client's to choose.</summary>
    SourceIps,

    /// <summary>userAgent.</summary>
    UserAgent,

    /// <summary>objectRef, as an object; absent for non-resource requests.</summary>
    ObjectRef,

    /// <summary>objectRef.resource.</summary>
    ObjectResource,

    /// <summary>objectRef.namespace.</summary>
    ObjectNamespace,

    /// <summary>objectRef.name.</summary>
    ObjectName,

    /// <summary>objectRef.uid.</summary>
    ObjectUid,

    /// <summary>objectRef.apiGroup; absent for the core group.</summary>
    ObjectApiGroup,

    /// <summary>objectRef.apiVersion: the version only.</summary>
    ObjectApiVersion,

    /// <summary>objectRef.resourceVersion.</summary>
    ObjectResourceVersion,

    /// <summary>objectRef.subresource.</summary>
    ObjectSubresource,

    /// <summary>responseStatus, as an object.</summary>
    ResponseStatus,

    /// <summary>responseStatus.metadata, as an object.</summary>
    ResponseMetadata,

    /// <summary>responseStatus.status: Success or Failure.</summary>
    ResponseStatusText,

    /// <summary>responseStatus.message.</summary>
    ResponseMessage,

    /// <summary>responseStatus.reason.</summary>
    ResponseReason,

    /// <summary>responseStatus.details, as an object.</summary>
    ResponseDetails,

    /// <summary>responseStatus.details.name.</summary>
    ResponseDetailsName,

    /// <summary>responseStatus.details.group.</summary>
    ResponseDetailsGroup,

    /// <summary>responseStatus.details.kind.</summary>
    ResponseDetailsKind,

    /// <summary>responseStatus.details.uid.</summary>
    ResponseDetailsUid,

    /// <summary>responseStatus.details.causes, an array of objects.</summary>
    ResponseDetailsCauses,

    /// <summary>responseStatus.details.retryAfterSeconds.</summary>
    ResponseDetailsRetryAfterSeconds,

    /// <summary>responseStatus.code: the HTTP status code.</summary>
    ResponseCode,

    /// <summary>requestObject: the body as sent; from level Request on.</summary>
    RequestObject,

    /// <summary>responseObject: the object returned; at level RequestResponse.</summary>
    ResponseObject,

    /// <summary>requestReceivedTimestamp, RFC 3339 with microseconds.</summary>
    RequestReceivedTimestamp,

    /// <summary>stageTimestamp.</summary>
    StageTimestamp,

    /// <summary>annotations, string to string.</summary>
    Annotations,

    /// <summary>annotations["authorization.k8s.io/decision"]: allow or forbid.</summary>
    Decision,

    /// <summary>annotations["authorization.k8s.io/reason"].</summary>
    DecisionReason,

    /// <summary>annotations["audit.k8s.io/truncated"]: "true" where the backend cut the bodies away.</summary>
    Truncated,
}
