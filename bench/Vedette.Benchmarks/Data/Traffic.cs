using System.Collections.Immutable;
using System.Text;

namespace Vedette.Benchmarks.Data;

/// <summary>What the generated log shows.</summary>
internal enum Profile
{
    /// <summary>Everything at level Metadata.</summary>
    Metadata,

    /// <summary>Without leases and probes; reads at Request, secrets, config maps and tokens at Metadata, writes at RequestResponse.</summary>
    RequestResponse,

    /// <summary>Only the events of <see cref="RequestResponse"/> that carry both objects.</summary>
    WritesOnly,
}

/// <summary>Draws requests in the shares of a busy cluster and writes their events. The same profile and seed give the same bytes.</summary>
internal sealed class Traffic
{
    /// <summary>The share of leases and probes, which stand first in the mix: profiles with bodies draw from what is behind them.</summary>
    private const double Heartbeats = 0.42;

    /// <summary>How often a write is an outlier of half a megabyte; a real log had one such in some thousand writes.</summary>
    private const double OutlierShare = 1.0 / 2500;

    private readonly World _world = new();
    private readonly Draw _draw;
    private readonly EventWriter _writer;
    private readonly Bodies _bodies;
    private readonly Profile _profile;
    private readonly ImmutableArray<(double Upto, Func<Draft> Draw)> _mix;

    /// <summary>Traffic of a profile.</summary>
    public Traffic(Profile profile, int seed)
    {
        _profile = profile;
        _draw = new Draw(seed);
        _writer = new EventWriter(_draw);
        _bodies = new Bodies(_draw, _writer);
        double upto = 0;
        _mix =
        [
            .. new (double Share, Func<Draft> Draw)[]
            {
                (0.22, NodeLease), (0.15, LeaderLease), (0.05, Probe), (0.07, KubeletNode), (0.05, KubeletPod), (0.06, KubeletObject), (0.12, ControllerWatch), (0.10, ControllerRead),
                (0.05, ControllerWrite), (0.03, Review), (0.03, Metrics), (0.02, ApiServerWatch), (0.03, Automation), (0.02, Person),
            }
            .Select(entry => (upto += entry.Share, entry.Draw)),
        ];
    }

    /// <summary>Appends the next event.</summary>
    public void Next(StringBuilder into)
    {
        while (true)
        {
            double from = _profile == Profile.Metadata ? 0 : Heartbeats;
            double at = from + _draw.Fraction() * (_mix[^1].Upto - from);
            Draft draft = _mix.First(entry => at < entry.Upto || entry == _mix[^1]).Draw();
            if (_profile == Profile.Metadata)
            {
                _writer.Write(into, draft.Request, "Metadata", "", "");
                return;
            }

            bool isWrite = draft.Body is not null && draft.Request is { Stage: "ResponseComplete" } && draft.Request.Resource is not ("secrets" or "configmaps" or "serviceaccounts");
            if (isWrite)
            {
                bool isOutlier = _draw.Chance(OutlierShare);
                Request request = isOutlier ? draft.Request with { Resource = "dashboards", Group = "grafana.integreatly.org", Subresource = "" } : draft.Request;
                string sent = isOutlier ? _bodies.Outlier(request.Namespace, request.Name) : draft.Body!(false);
                _writer.Write(into, request, "RequestResponse", sent, request.Code >= 400 ? "" : isOutlier ? sent : draft.Body!(true));
                return;
            }

            if (_profile == Profile.RequestResponse)
            {
                bool isConfidential = draft.Request.Resource is "secrets" or "configmaps" || draft.Request.Subresource == "token";
                _writer.Write(into, draft.Request, isConfidential ? "Metadata" : "Request", "", "");
                return;
            }
        }
    }

    private Draft NodeLease()
    {
        Caller node = _draw.Of(_world.Nodes);
        string name = NodeName(node);
        return new(new Request(node, "update", $"/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}")
        {
            Query = "timeout=10s",
            Resource = "leases",
            Group = "coordination.k8s.io",
            Namespace = "kube-node-lease",
            Name = name,
            HasVersion = true,
        });
    }

    private Draft LeaderLease()
    {
        Caller caller = _draw.Chance(0.2) ? _draw.Of([_world.Scheduler, _world.ControllerManager, _world.CloudController]) : _draw.Of(_world.Operators);
        string[] parts = caller.User.Split(':');
        string space = parts.Length > 3 ? parts[2] : "kube-system";
        bool isRead = _draw.Chance(0.5);
        return new(new Request(caller, isRead ? "get" : "update", $"/apis/coordination.k8s.io/v1/namespaces/{space}/leases/{parts[^1]}")
        {
            Resource = "leases",
            Group = "coordination.k8s.io",
            Namespace = space,
            Name = parts[^1],
            HasVersion = !isRead,
            Code = !isRead && _draw.Chance(0.003) ? 409 : 200,
        });
    }

    private Draft Probe() => new(new Request(_world.Anonymous, "get", _draw.Of(["/readyz", "/livez", "/healthz"])));

    private Draft KubeletNode()
    {
        Caller node = _draw.Of(_world.Nodes);
        string name = NodeName(node);
        return _draw.Chance(0.5)
            ? new(new Request(node, "get", $"/api/v1/nodes/{name}") { Query = "resourceVersion=0&timeout=10s", Resource = "nodes", Name = name })
            : new(new Request(node, "patch", $"/api/v1/nodes/{name}/status") { Query = "timeout=10s", Resource = "nodes", Name = name, Subresource = "status" },
                response => _bodies.NodeStatus(name, response));
    }

    private Draft KubeletPod()
    {
        PodName pod = _draw.Of(_world.Pods);
        Caller node = _world.Nodes[pod.Node];
        string path = $"/api/v1/namespaces/{pod.Namespace}/pods/{pod.Name}";
        int code = _draw.Chance(0.02) ? 404 : 200;
        return _draw.Chance(0.5)
            ? new(new Request(node, "get", path) { Resource = "pods", Namespace = pod.Namespace, Name = pod.Name, Code = code })
            : new(new Request(node, "patch", path + "/status") { Resource = "pods", Namespace = pod.Namespace, Name = pod.Name, Subresource = "status", Code = code },
                response => response ? _bodies.Pod(pod, asResponse: true) : _bodies.PodStatusPatch(pod.App));
    }

    private Draft KubeletObject()
    {
        PodName pod = _draw.Of(_world.Pods);
        Caller node = _world.Nodes[pod.Node];
        if (_draw.Chance(0.25))
        {
            return new(new Request(node, "create", $"/api/v1/namespaces/{pod.Namespace}/serviceaccounts/{pod.App}/token")
            {
                Resource = "serviceaccounts",
                Namespace = pod.Namespace,
                Name = pod.App,
                Subresource = "token",
                Code = 201,
                Annotations = $"\"authentication.kubernetes.io/issued-credential-id\":\"JTI={_draw.Uuid()}\",",
            });
        }

        bool isSecret = _draw.Chance(0.5);
        string resource = isSecret ? "secrets" : "configmaps";
        string name = isSecret ? $"{pod.App}-tls" : $"{pod.App}-config";
        bool isWatch = _draw.Chance(0.5);
        string selector = $"fieldSelector=metadata.name%3D{name}";
        return new(new Request(node, isWatch ? "watch" : "list", $"/api/v1/namespaces/{pod.Namespace}/{resource}")
        {
            Query = isWatch ? $"allowWatchBookmarks=true&{selector}&resourceVersion={_writer.NextVersion()}&timeout=7m{_draw.Between(0, 60)}s&timeoutSeconds={_draw.Between(300, 600)}&watch=true"
                : $"{selector}&limit=500&resourceVersion=0",
            Resource = resource,
            Namespace = pod.Namespace,
            Name = name,
            Stage = isWatch ? Watching() : "ResponseComplete",
        });
    }

    private Draft ControllerWatch()
    {
        (string group, string resource) = _draw.Of(_draw.Chance(0.5) ? World.Custom : World.BuiltIn);
        return new(new Request(_draw.Of(_world.Operators), "watch", $"{Root(group)}/{resource}")
        {
            Query = $"allowWatchBookmarks=true&resourceVersion={_writer.NextVersion()}&timeout=8m{_draw.Between(0, 60)}s&timeoutSeconds={_draw.Between(300, 600)}&watch=true",
            Resource = resource,
            Group = group,
            Stage = Watching(),
        });
    }

    private Draft ControllerRead()
    {
        (string group, string resource) = _draw.Of(_draw.Chance(0.5) ? World.Custom : World.BuiltIn);
        string space = _draw.Of(World.Namespaces);
        bool isList = _draw.Chance(0.4);
        PodName pod = _draw.Of(_world.Pods);
        double luck = _draw.Fraction();
        return new(new Request(_draw.Of(_world.Operators), isList ? "list" : "get", $"{Root(group)}/namespaces/{space}/{resource}{(isList ? "" : "/" + pod.App)}")
        {
            Query = isList ? "limit=500&resourceVersion=0" : "",
            Resource = resource,
            Group = group,
            Namespace = space,
            Name = isList ? "" : pod.App,
            Code = luck < 0.004 ? 403 : luck < 0.021 && !isList ? 404 : 200,
        });
    }

    private Draft ControllerWrite()
    {
        PodName pod = _draw.Of(_world.Pods);
        switch (_draw.Between(0, 4))
        {
            case 0:
                return new(new Request(_world.Controllers[2], "update", $"/apis/discovery.k8s.io/v1/namespaces/{pod.Namespace}/endpointslices/{pod.App}-x7k2p")
                {
                    Resource = "endpointslices",
                    Group = "discovery.k8s.io",
                    Namespace = pod.Namespace,
                    Name = $"{pod.App}-x7k2p",
                    HasVersion = true,
                }, _ => _bodies.EndpointSlice(pod.Namespace, pod.App));
            case 1:
                return new(new Request(_world.Controllers[0], "create", $"/api/v1/namespaces/{pod.Namespace}/pods")
                {
                    Resource = "pods",
                    Namespace = pod.Namespace,
                    Name = pod.Name,
                    Code = 201,
                    Annotations = "\"mutation.webhook.admission.k8s.io/round_0_index_0\":\"{\\\"configuration\\\":\\\"istio-sidecar-injector\\\",\\\"webhook\\\":\\\"namespace.sidecar-injector.istio.io\\\",\\\"mutated\\\":false}\",\"pod-security.kubernetes.io/enforce-policy\":\"baseline:latest\",",
                }, response => _bodies.Pod(pod, response));
            case 2:
                (string group, string resource) = _draw.Of(World.Custom);
                return new(new Request(_draw.Of(_world.Operators), _draw.Chance(0.5) ? "patch" : "update", $"{Root(group)}/namespaces/{pod.Namespace}/{resource}/{pod.App}/status")
                {
                    Resource = resource,
                    Group = group,
                    Namespace = pod.Namespace,
                    Name = pod.App,
                    Subresource = "status",
                    HasVersion = true,
                }, response => _bodies.CustomResource(group, resource, pod.Namespace, pod.App, response));
            default:
                return new(new Request(_draw.Of(_world.Controllers), "create", $"/apis/events.k8s.io/v1/namespaces/{pod.Namespace}/events")
                {
                    Resource = "events",
                    Group = "events.k8s.io",
                    Namespace = pod.Namespace,
                    Name = $"{pod.Name}.{_draw.Hex(16)}",
                    Code = 201,
                }, _ => _bodies.Small("Event", pod.Namespace, pod.Name));
        }
    }

    private Draft Review()
    {
        bool isToken = _draw.Chance(0.5);
        string resource = isToken ? "tokenreviews" : "subjectaccessreviews";
        string group = isToken ? "authentication.k8s.io" : "authorization.k8s.io";
        return new(new Request(_draw.Of(_world.Operators), "create", $"/apis/{group}/v1/{resource}") { Resource = resource, Group = group, Code = 201 });
    }

    private Draft Metrics()
    {
        string space = _draw.Of(World.Namespaces);
        return new(new Request(_world.Controllers[5], "list", $"/apis/metrics.k8s.io/v1beta1/namespaces/{space}/pods")
        {
            Query = $"labelSelector=app.kubernetes.io%2Fname%3D{space.Split('-')[0]}",
            Resource = "pods",
            Group = "metrics.k8s.io",
            Namespace = space,
        });
    }

    private Draft ApiServerWatch()
    {
        (string group, string resource) = _draw.Of(World.BuiltIn);
        return new(new Request(_world.ApiServer, "watch", $"{Root(group)}/{resource}")
        {
            Query = $"allowWatchBookmarks=true&resourceVersion={_writer.NextVersion()}&timeout=9m{_draw.Between(0, 60)}s&timeoutSeconds=599&watch=true",
            Resource = resource,
            Group = group,
            Stage = Watching(),
        });
    }

    private Draft Automation()
    {
        Caller caller = _draw.Chance(0.6) ? _world.Operators[0] : _world.People[7];
        string space = _draw.Of(World.Namespaces);
        string resource = _draw.Of(["deployments", "secrets", "configmaps"]);
        string group = resource == "deployments" ? "apps" : "";
        string app = _draw.Of(_world.Pods).App;
        bool isRead = _draw.Chance(0.6);
        return new(new Request(caller, isRead ? "get" : "patch", $"{Root(group)}/namespaces/{space}/{resource}/{app}")
        {
            Query = isRead ? "" : "fieldManager=argocd-controller&force=true",
            Resource = resource,
            Group = group,
            Namespace = space,
            Name = app,
        }, isRead ? null : response => _bodies.Deployment(space, app, response));
    }

    private Draft Person()
    {
        Caller person = _draw.Skewed(_world.People);
        PodName pod = _draw.Of(_world.Pods);
        string pods = $"/api/v1/namespaces/{pod.Namespace}/pods";
        double kind = _draw.Fraction();
        if (kind < 0.20)
        {
            return new(new Request(person, "get", _draw.Of(["/api", "/apis", "/openapi/v3", "/version"])) { Query = "timeout=32s" });
        }

        if (kind < 0.75)
        {
            (string group, string resource) = _draw.Of(World.BuiltIn);
            bool isList = _draw.Chance(0.6);
            return new(new Request(person, isList ? "list" : "get", $"{Root(group)}/namespaces/{pod.Namespace}/{resource}{(isList ? "" : "/" + pod.App)}")
            {
                Query = isList ? "limit=500" : "",
                Resource = resource,
                Group = group,
                Namespace = pod.Namespace,
                Name = isList ? "" : pod.App,
                Code = _draw.Chance(0.05) ? 403 : 200,
            });
        }

        if (kind < 0.85)
        {
            return new(new Request(person, "get", $"{pods}/{pod.Name}/log") { Query = "container=app-0&follow=true", Resource = "pods", Namespace = pod.Namespace, Name = pod.Name, Subresource = "log" });
        }

        if (kind < 0.88)
        {
            return new(new Request(person, "get", $"{pods}/{pod.Name}/exec")
            {
                Query = "command=sh&command=-c&command=id&container=app-0&stdin=true&stdout=true&tty=true",
                Resource = "pods",
                Namespace = pod.Namespace,
                Name = pod.Name,
                Subresource = "exec",
                Code = 101,
            });
        }

        if (kind < 0.97)
        {
            return new(new Request(person, "patch", $"/apis/apps/v1/namespaces/{pod.Namespace}/deployments/{pod.App}")
            {
                Query = "fieldManager=kubectl-client-side-apply&fieldValidation=Strict",
                Resource = "deployments",
                Group = "apps",
                Namespace = pod.Namespace,
                Name = pod.App,
                Impersonated = _draw.Chance(0.1) ? "{\"username\":\"system:admin\",\"groups\":[\"system:masters\",\"system:authenticated\"]}" : "",
            }, response => _bodies.Deployment(pod.Namespace, pod.App, response));
        }

        if (kind < 0.985)
        {
            string role = _draw.Chance(0.5) ? "cluster-admin" : "view";
            string name = $"{pod.App}-{role}";
            return new(new Request(person, "create", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings")
            {
                Query = "fieldManager=kubectl-create",
                Resource = "clusterrolebindings",
                Group = "rbac.authorization.k8s.io",
                Name = name,
                Code = 201,
            }, response => _bodies.ClusterRoleBinding(name, role, person.User, response));
        }

        PodName debug = pod with { Name = $"node-debugger-{_draw.Suffix(5)}" };
        return new(new Request(person, "create", pods) { Query = "fieldManager=kubectl-debug", Resource = "pods", Namespace = pod.Namespace, Name = debug.Name, Code = 201 },
            response => _bodies.Pod(debug, response, isDebug: true));
    }

    private string Watching() => _draw.Chance(0.5) ? "ResponseStarted" : "ResponseComplete";

    private static string Root(string group) => group.Length == 0 ? "/api/v1" : $"/apis/{group}/v1";

    private static string NodeName(Caller node) => node.User["system:node:".Length..];

    /// <summary>A request, and what makes its body: the one sent, or with true the one returned.</summary>
    private readonly record struct Draft(Request Request, Func<bool, string>? Body = null);
}
