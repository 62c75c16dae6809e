using System.Collections.Immutable;

namespace Vedette.Platforms.Alerts;

/// <summary>
/// The alerts that everybody asks for, written once by hand for each cloud. Tests evaluate the CloudWatch patterns and the rules on the same events; where the two can differ is written in
/// docs/setup-clouds.md.
/// </summary>
public static class CloudAlerts
{
    /// <summary>What every filter of Cloud Logging begins with: the Kubernetes API's own audit log, not the one of the service that makes clusters.</summary>
    public const string GkeScope = """
        resource.type="k8s_cluster" AND logName:"cloudaudit.googleapis.com" AND protoPayload.serviceName="k8s.io"
        """;

    /// <summary>The control plane's own accounts that read every secret, as a regular expression of CloudWatch Logs, which has no parentheses.</summary>
    private const string ControlPlane =
        "%^system:apiserver$|^system:kube-controller-manager$"
        + "|^system:serviceaccount:kube-system:generic-garbage-collector$|^system:serviceaccount:kube-system:namespace-controller$"
        + "|^system:serviceaccount:kube-system:resourcequota-controller$|^system:serviceaccount:kube-system:root-ca-cert-publisher$"
        + "|^system:serviceaccount:kube-system:tokens-controller$%";

    /// <summary>All of them.</summary>
    public static ImmutableArray<CloudAlert> All { get; } =
    [
        new()
        {
            Name = "kubectl-refused",
            Title = "Requests by kubectl refused",
            Rules = ["kubectl_request_refused"],
            CloudWatch = """{ $.userAgent = "kubectl/*" && $.responseStatus.code = 403 }""",
            CloudLogging = """protoPayload.requestMetadata.callerSuppliedUserAgent=~"^kubectl/" AND protoPayload.status.code=7""",
            Kusto = """UserAgent startswith "kubectl/" and toint(ResponseStatus.code) == 403""",
            Threshold = 10,
            NeedsReads = true,
            Probe = """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"9d0cb9b4-1d36-4c52-8c3e-6b0f4f1b6d01","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/kube-system/pods","verb":"list","user":{"username":"mallory","groups":["system:authenticated"]},"sourceIPs":["203.0.113.7"],"userAgent":"kubectl/v1.36.4 (linux/amd64) kubernetes/8f1d6d9","objectRef":{"resource":"pods","namespace":"kube-system","apiVersion":"v1"},"responseStatus":{"metadata":{},"status":"Failure","reason":"Forbidden","code":403}}
                """,
        },
        new()
        {
            Name = "anonymous-access",
            Title = "Anonymous request allowed",
            Rules = ["anonymous_request_allowed"],
            CloudWatch = """
                { $.user.username = "system:anonymous" && $.responseStatus.code < 300 &&
                  (($.verb != "get" && $.verb != "head" && $.verb != "options") ||
                   ($.requestURI != "/healthz*" && $.requestURI != "/livez*" && $.requestURI != "/readyz*" && $.requestURI != "/version*" &&
                    $.requestURI != "/.well-known/openid-configuration*" && $.requestURI != "/openid/v1/jwks*" &&
                    $.requestURI != "/api/v1/namespaces/kube-public/configmaps/cluster-info*")) }
                """,
            CloudLogging = """
                protoPayload.authenticationInfo.principalEmail="system:anonymous" AND NOT protoPayload.status.code>0
                AND protoPayload.resourceName=~"/" AND NOT protoPayload.resourceName=~"^(healthz|livez|readyz|version)(/|$)"
                AND NOT protoPayload.resourceName="core/v1/namespaces/kube-public/configmaps/cluster-info"
                """,
            Kusto = """
                tostring(User.username) == "system:anonymous" and toint(ResponseStatus.code) < 300
                and not(Verb in ("get", "head", "options") and RequestUri matches regex @"^/(healthz|livez|readyz|version|\.well-known/openid-configuration|openid/v1/jwks|api/v1/namespaces/kube-public/configmaps/cluster-info)")
                """,
            Threshold = 1,
            NeedsReads = true,
            Probe = """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"9d0cb9b4-1d36-4c52-8c3e-6b0f4f1b6d02","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/default/pods","verb":"list","user":{"username":"system:anonymous","groups":["system:unauthenticated"]},"sourceIPs":["203.0.113.7"],"userAgent":"curl/8.5.0","objectRef":{"resource":"pods","namespace":"default","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200}}
                """,
        },
        new()
        {
            Name = "kube-system-secrets",
            Title = "Secrets of kube-system read",
            Rules = ["secrets_read_in_kube_system"],
            CloudWatch = $$"""
                { $.objectRef.resource = secrets && $.objectRef.namespace = "kube-system" && ($.verb = get || $.verb = list || $.verb = watch) && $.responseStatus.code < 300
                  && $.user.username != {{ControlPlane}}
                  && ($.objectRef.name NOT EXISTS || ($.user.username != "system:node:*" && ($.verb = list || $.user.username != "system:serviceaccount:kube-system:*")))
                  && ($.verb != get || $.objectRef.name NOT EXISTS || $.objectRef.name != "sh.helm.release.v1.*")
                  && ($.verb != get || $.impersonatedUser.username = "*" || ($.user.groups[0] != "system:masters" && $.user.groups[0] != "kubeadm:cluster-admins")) }
                """,
            CloudLogging = """
                protoPayload.resourceName=~"^core/v1/namespaces/kube-system/secrets(/|$)" AND protoPayload.methodName=~"\.secrets\.(get|list|watch)$"
                AND NOT protoPayload.status.code>0 AND NOT protoPayload.authenticationInfo.principalEmail=~"^system:(apiserver$|kube-controller-manager$|node:|serviceaccount:kube-system:)"
                AND NOT protoPayload.resourceName=~"/secrets/sh\.helm\.release\.v1\."
                """,
            Kusto = """
                tostring(ObjectRef.resource) == "secrets" and tostring(ObjectRef.namespace) == "kube-system" and Verb in ("get", "list", "watch") and toint(ResponseStatus.code) < 300
                and not(tostring(User.username) matches regex @"^(system:(apiserver$|kube-controller-manager$|node:|serviceaccount:kube-system:)|aksService$)")
                and not(Verb == "get" and (tostring(ObjectRef.name) startswith "sh.helm.release.v1." or tostring(User.groups) has "system:masters"))
                """,
            Threshold = 1,
            NeedsReads = true,
            Probe = """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"9d0cb9b4-1d36-4c52-8c3e-6b0f4f1b6d03","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/kube-system/secrets","verb":"list","user":{"username":"mallory","groups":["system:authenticated"]},"sourceIPs":["203.0.113.7"],"userAgent":"kubectl/v1.36.4 (linux/amd64) kubernetes/8f1d6d9","objectRef":{"resource":"secrets","namespace":"kube-system","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200}}
                """,
        },
        new()
        {
            Name = "all-secrets",
            Title = "Secrets listed in all namespaces",
            Rules = ["secrets_listed_cluster_wide"],
            CloudWatch = $$"""
                { $.objectRef.resource = secrets && $.objectRef.namespace NOT EXISTS && ($.verb = list || $.verb = watch) && $.responseStatus.code < 300
                  && $.user.username != {{ControlPlane}} && $.requestURI != "*continue=*"
                  && ($.user.username != "system:serviceaccount:*"
                      || ($.requestURI != "*resourceVersion=0*" && $.requestURI != "*sendInitialEvents=true*" && $.requestURI != "*allowWatchBookmarks=true*")) }
                """,
            CloudLogging = """
                protoPayload.resourceName="core/v1/secrets" AND protoPayload.methodName=~"\.secrets\.(list|watch)$" AND NOT protoPayload.status.code>0
                AND NOT protoPayload.authenticationInfo.principalEmail=~"^system:(apiserver$|kube-controller-manager$|serviceaccount:)"
                """,
            Kusto = """
                tostring(ObjectRef.resource) == "secrets" and isempty(tostring(ObjectRef.namespace)) and Verb in ("list", "watch") and toint(ResponseStatus.code) < 300
                and not(tostring(User.username) matches regex @"^(system:(apiserver|kube-controller-manager)|aksService)$") and not(RequestUri has "continue=")
                and not(tostring(User.username) startswith "system:serviceaccount:" and RequestUri matches regex "resourceVersion=0|sendInitialEvents=true|allowWatchBookmarks=true")
                """,
            Threshold = 1,
            NeedsReads = true,
            Probe = """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"9d0cb9b4-1d36-4c52-8c3e-6b0f4f1b6d04","stage":"ResponseComplete","requestURI":"/api/v1/secrets?limit=500","verb":"list","user":{"username":"mallory","groups":["system:authenticated"]},"sourceIPs":["203.0.113.7"],"userAgent":"kubectl/v1.36.4 (linux/amd64) kubernetes/8f1d6d9","objectRef":{"resource":"secrets","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200}}
                """,
        },
        new()
        {
            Name = "rbac-changed",
            Title = "Role or binding written",
            Rules = ["role_written", "binding_changed"],
            CloudWatch = """
                { $.responseStatus.code < 300 && $.requestURI != "*dryRun=*"
                  && ((($.objectRef.resource = roles || $.objectRef.resource = clusterroles) && ($.verb = create || $.verb = update || $.verb = patch)
                       && $.user.username != "system:apiserver"
                       && ($.objectRef.resource = roles || $.user.username != "system:serviceaccount:kube-system:clusterrole-aggregation-controller"))
                      || (($.objectRef.resource = rolebindings || $.objectRef.resource = clusterrolebindings)
                          && ($.verb = create || $.verb = update || $.verb = patch || $.verb = delete || $.verb = deletecollection)
                          && ($.user.username != "system:apiserver" || $.objectRef.name NOT EXISTS || $.objectRef.name != "system:*")
                          && (($.verb != delete && $.verb != deletecollection)
                              || ($.user.username != "system:serviceaccount:kube-system:generic-garbage-collector"
                                  && $.user.username != "system:serviceaccount:kube-system:namespace-controller")))) }
                """,
            CloudLogging = """
                protoPayload.methodName=~"\.(roles|clusterroles)\.(create|update|patch)$|\.(rolebindings|clusterrolebindings)\.(create|update|patch|delete|deletecollection)$"
                AND NOT protoPayload.status.code>0 AND NOT protoPayload.authenticationInfo.principalEmail=~"^system:(apiserver$|serviceaccount:kube-system:(generic-garbage-collector|namespace-controller|clusterrole-aggregation-controller)$)"
                """,
            Kusto = """
                tostring(ObjectRef.apiGroup) == "rbac.authorization.k8s.io" and toint(ResponseStatus.code) < 300 and not(RequestUri has "dryRun=")
                and (Verb in ("create", "update", "patch") or (Verb in ("delete", "deletecollection") and tostring(ObjectRef.resource) endswith "bindings"))
                and not(tostring(User.username) matches regex @"^system:(apiserver$|serviceaccount:kube-system:(generic-garbage-collector|namespace-controller|clusterrole-aggregation-controller)$)")
                """,
            Threshold = 1,
            Probe = """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"9d0cb9b4-1d36-4c52-8c3e-6b0f4f1b6d05","stage":"ResponseComplete","requestURI":"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?fieldManager=kubectl-create","verb":"create","user":{"username":"mallory","groups":["system:authenticated"]},"sourceIPs":["203.0.113.7"],"userAgent":"kubectl/v1.36.4 (linux/amd64) kubernetes/8f1d6d9","objectRef":{"resource":"clusterrolebindings","name":"mallory","apiGroup":"rbac.authorization.k8s.io","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":201}}
                """,
        },
        new()
        {
            Name = "rbac-escalation",
            Title = "Attempt to grant rights one does not have",
            Rules = ["rbac_escalation_attempted"],
            CloudWatch = """
                { $.objectRef.apiGroup = "rbac.authorization.k8s.io" && $.responseStatus.code = 403 &&
                  $.responseStatus.message = "*attempting to grant RBAC permissions not currently held*" }
                """,
            CloudLogging = """
                protoPayload.resourceName=~"^rbac\.authorization\.k8s\.io/"
                AND (protoPayload.status.message:"attempting to grant RBAC permissions not currently held" OR protoPayload.response.message:"attempting to grant RBAC permissions not currently held")
                """,
            Kusto = """
                tostring(ObjectRef.apiGroup) == "rbac.authorization.k8s.io" and toint(ResponseStatus.code) == 403
                and tostring(ResponseStatus.message) contains "attempting to grant RBAC permissions not currently held"
                """,
            Threshold = 1,
            Probe = """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"9d0cb9b4-1d36-4c52-8c3e-6b0f4f1b6d06","stage":"ResponseComplete","requestURI":"/apis/rbac.authorization.k8s.io/v1/clusterroles?fieldManager=kubectl-create","verb":"create","user":{"username":"mallory","groups":["system:authenticated"]},"sourceIPs":["203.0.113.7"],"userAgent":"kubectl/v1.36.4 (linux/amd64) kubernetes/8f1d6d9","objectRef":{"resource":"clusterroles","name":"all","apiGroup":"rbac.authorization.k8s.io","apiVersion":"v1"},"responseStatus":{"metadata":{},"status":"Failure","message":"clusterroles.rbac.authorization.k8s.io \"all\" is forbidden: user \"mallory\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}","reason":"Forbidden","code":403}}
                """,
        },
        new()
        {
            Name = "pod-exec",
            Title = "Command run in a container",
            Rules = ["pod_exec"],
            CloudWatch = """{ $.objectRef.resource = pods && $.objectRef.subresource = exec && ($.verb = create || $.verb = get) && $.responseStatus.code < 300 }""",
            CloudLogging = """protoPayload.methodName=~"\.pods\.exec\.(create|get)$" AND NOT protoPayload.status.code>0""",
            Kusto = """tostring(ObjectRef.resource) == "pods" and tostring(ObjectRef.subresource) == "exec" and toint(ResponseStatus.code) < 300""",
            Threshold = 1,
            NeedsReads = true,
            Probe = """
                {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"9d0cb9b4-1d36-4c52-8c3e-6b0f4f1b6d07","stage":"ResponseStarted","requestURI":"/api/v1/namespaces/shop/pods/web/exec?command=sh&stdin=true&tty=true","verb":"get","user":{"username":"mallory","groups":["system:authenticated"]},"sourceIPs":["203.0.113.7"],"userAgent":"kubectl/v1.36.4 (linux/amd64) kubernetes/8f1d6d9","objectRef":{"resource":"pods","namespace":"shop","name":"web","subresource":"exec","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":101}}
                """,
        },
    ];
}
