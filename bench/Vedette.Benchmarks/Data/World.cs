using System.Collections.Immutable;

namespace Vedette.Benchmarks.Data;

/// <summary>Who sends requests, and from where.</summary>
/// <param name="User">Username.</param>
/// <param name="Uid">uid; empty for none.</param>
/// <param name="Groups">Groups.</param>
/// <param name="Extra">The members of extra, as JSON; empty for none.</param>
/// <param name="Address">Source address.</param>
/// <param name="Agent">User agent.</param>
/// <param name="Reason">What the authorizer says.</param>
internal sealed record Caller(string User, string Uid, ImmutableArray<string> Groups, string Extra, string Address, string Agent, string Reason);

/// <summary>A pod of the world.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="App">Its app.</param>
/// <param name="Node">Its node, among <see cref="World.Nodes"/>.</param>
internal sealed record PodName(string Namespace, string Name, string App, int Node);

/// <summary>The cluster that all generated events are about; the same for every seed of traffic. 200 nodes, 3,000 pods in 64 namespaces, 48 operators, 40 people and bots.</summary>
internal sealed class World
{
    private const int Seed = 20260101;

    private static readonly string[] s_operators =
    [
        "argocd", "cert-manager", "cert-manager-cainjector", "external-dns", "external-secrets", "ingress-nginx", "istiod", "kyverno-admission-controller",
        "kyverno-background-controller", "prometheus-operator", "kube-state-metrics", "velero", "tigera-operator", "calico-kube-controllers", "coredns", "cluster-autoscaler",
        "karpenter", "metrics-server", "flux-source-controller", "flux-kustomize-controller", "flux-helm-controller", "crossplane", "provider-aws", "rook-ceph-operator",
        "strimzi-cluster-operator", "postgres-operator", "redis-operator", "vault", "keda-operator", "gatekeeper-controller-manager", "opentelemetry-operator", "jaeger-operator",
        "loki-operator", "tempo-operator", "tekton-pipelines-controller", "argo-rollouts", "argo-workflows", "sealed-secrets", "reloader", "descheduler", "node-feature-discovery",
        "nvidia-gpu-operator", "aws-load-balancer-controller", "ebs-csi-controller", "efs-csi-controller", "snapshot-controller", "trivy-operator", "kubecost",
    ];

    private static readonly string[] s_apps =
    [
        "checkout", "payments", "auth", "catalog", "search", "cart", "orders", "shipping", "billing", "notifications", "recommend", "reports", "etl", "gateway", "frontend", "kafka",
        "redis", "postgres", "nats", "analytics",
    ];

    /// <summary>Builds the world.</summary>
    public World()
    {
        Draw draw = new(Seed);
        Nodes = [.. Enumerable.Range(0, 200).Select(_ => Node(draw))];
        Pods =
        [
            .. Enumerable.Range(0, 3000).Select(_ =>
            {
                string app = draw.Of(s_apps);
                return new PodName(draw.Of(Namespaces), $"{app}-{draw.Suffix(10)}-{draw.Suffix(5)}", app, draw.Between(0, 200));
            }),
        ];
        Operators = [.. s_operators.Select(name => Operator(draw, name))];
        People = [.. Enumerable.Range(0, 40).Select(index => Person(draw, index))];
        Scheduler = ControlPlane("system:kube-scheduler", "kube-scheduler/v1.34.2 (linux/amd64) kubernetes/8cc511e/leader-election", "system:kube-scheduler");
        CloudController = ControlPlane(
            "system:cloud-controller-manager", "cloud-controller-manager/v1.34.0 (linux/amd64) kubernetes/$Format/leader-election", "system:cloud-controller-manager");
        ControllerManager = ControlPlane(
            "system:kube-controller-manager", "kube-controller-manager/v1.34.2 (linux/amd64) kubernetes/8cc511e/leader-election", "system:kube-controller-manager");
        Controllers =
        [
            .. new[] { "replicaset-controller", "deployment-controller", "endpointslice-controller", "job-controller", "daemon-set-controller", "horizontal-pod-autoscaler", "node-controller" }
                .Select(name => Controller(draw, name)),
        ];
        ApiServer = new Caller(
            "system:apiserver", draw.Uuid(), ["system:authenticated", "system:masters"], "", "::1", "kube-apiserver/v1.34.2 (linux/amd64) kubernetes/8cc511e", "");
        Anonymous = new Caller(
            "system:anonymous", "", ["system:unauthenticated"], "", "10.20.14.26", "kube-probe/1.34",
            "RBAC: allowed by ClusterRoleBinding \"system:public-info-viewer\" of ClusterRole \"system:public-info-viewer\" to Group \"system:unauthenticated\"");
    }

    /// <summary>Namespaces: 20 apps in three environments, and those of the system.</summary>
    public static string[] Namespaces { get; } =
        [.. s_apps.SelectMany(app => new[] { $"{app}-prod", $"{app}-staging", $"{app}-dev" }), "kube-system", "default", "kube-public", "monitoring"];

    /// <summary>Groups and resources of custom resources.</summary>
    public static (string Group, string Resource)[] Custom { get; } =
    [
        ("argoproj.io", "applications"), ("argoproj.io", "rollouts"), ("cert-manager.io", "certificates"), ("cert-manager.io", "certificaterequests"), ("velero.io", "backups"),
        ("monitoring.coreos.com", "servicemonitors"), ("monitoring.coreos.com", "prometheusrules"), ("kyverno.io", "policyreports"), ("keda.sh", "scaledobjects"),
        ("networking.istio.io", "virtualservices"), ("external-secrets.io", "externalsecrets"), ("kustomize.toolkit.fluxcd.io", "kustomizations"), ("helm.toolkit.fluxcd.io", "helmreleases"),
        ("crd.projectcalico.org", "ippools"), ("karpenter.sh", "nodeclaims"), ("kafka.strimzi.io", "kafkatopics"),
    ];

    /// <summary>Groups and resources that every cluster has.</summary>
    public static (string Group, string Resource)[] BuiltIn { get; } =
    [
        ("", "pods"), ("", "services"), ("", "configmaps"), ("", "secrets"), ("", "nodes"), ("", "namespaces"), ("", "serviceaccounts"), ("", "events"), ("", "endpoints"),
        ("", "persistentvolumeclaims"), ("", "replicationcontrollers"), ("", "resourcequotas"), ("apps", "deployments"), ("apps", "replicasets"), ("apps", "statefulsets"),
        ("apps", "daemonsets"), ("batch", "jobs"), ("batch", "cronjobs"), ("networking.k8s.io", "ingresses"), ("networking.k8s.io", "networkpolicies"),
        ("rbac.authorization.k8s.io", "roles"), ("rbac.authorization.k8s.io", "rolebindings"), ("policy", "poddisruptionbudgets"), ("storage.k8s.io", "storageclasses"),
    ];

    /// <summary>Kubelets.</summary>
    public ImmutableArray<Caller> Nodes { get; }

    /// <summary>Pods.</summary>
    public ImmutableArray<PodName> Pods { get; }

    /// <summary>Operators and controllers that are installed, each with a service account.</summary>
    public ImmutableArray<Caller> Operators { get; }

    /// <summary>People and CI bots, in order of how busy they are.</summary>
    public ImmutableArray<Caller> People { get; }

    /// <summary>The controllers inside kube-controller-manager.</summary>
    public ImmutableArray<Caller> Controllers { get; }

    /// <summary>kube-scheduler.</summary>
    public Caller Scheduler { get; }

    /// <summary>cloud-controller-manager.</summary>
    public Caller CloudController { get; }

    /// <summary>kube-controller-manager itself.</summary>
    public Caller ControllerManager { get; }

    /// <summary>The API server's own requests.</summary>
    public Caller ApiServer { get; }

    /// <summary>Probes.</summary>
    public Caller Anonymous { get; }

    private static Caller Node(Draw draw)
    {
        string address = draw.Address(draw.Chance(0.5) ? "10.20" : draw.Chance(0.5) ? "10.21" : "10.22");
        string name = $"ip-{address.Replace('.', '-')}.eu-central-1.compute.internal";
        return new Caller(
            $"system:node:{name}", "", ["system:nodes", "system:authenticated"], $"\"authentication.kubernetes.io/credential-id\":[\"X509SHA256={draw.Hex(64)}\"]", address,
            "kubelet/v1.34.2 (linux/amd64) kubernetes/8cc511e", "");
    }

    private Caller Operator(Draw draw, string name)
    {
        string space = name.StartsWith("calico", StringComparison.Ordinal) || name.StartsWith("tigera", StringComparison.Ordinal) || draw.Chance(0.3) ? "kube-system" : name.Split('-')[0];
        string agent = draw.Between(0, 4) switch
        {
            0 => $"{name}/v0.0.0 (linux/amd64) kubernetes/$Format",
            1 => $"manager/v0.0.0 (linux/amd64) kubernetes/$Format/{name}",
            2 => $"{name}/v2.13.1 (linux/amd64) kubernetes/client-go",
            _ => "Go-http-client/2.0",
        };
        return ServiceAccount(draw, space, name, draw.Of(Nodes).User["system:node:".Length..], $"{name}-{draw.Suffix(9)}-{draw.Suffix(5)}", draw.Address("10.244"), agent);
    }

    private static Caller Controller(Draw draw, string name) => ServiceAccount(
        draw, "kube-system", name, "", "", "10.20.0.11", $"kube-controller-manager/v1.34.2 (linux/amd64) kubernetes/8cc511e/system:serviceaccount:kube-system:{name}");

    private static Caller ServiceAccount(Draw draw, string space, string name, string node, string pod, string address, string agent)
    {
        string token = draw.Uuid();
        string extra = $"\"authentication.kubernetes.io/credential-id\":[\"JTI={token}\"]";
        if (pod.Length > 0)
        {
            extra += $",\"authentication.kubernetes.io/node-name\":[\"{node}\"],\"authentication.kubernetes.io/node-uid\":[\"{draw.Uuid()}\"]"
                + $",\"authentication.kubernetes.io/pod-name\":[\"{pod}\"],\"authentication.kubernetes.io/pod-uid\":[\"{draw.Uuid()}\"]";
        }

        return new Caller(
            $"system:serviceaccount:{space}:{name}", draw.Uuid(), ["system:serviceaccounts", $"system:serviceaccounts:{space}", "system:authenticated"], extra, address, agent,
            $"RBAC: allowed by ClusterRoleBinding \"{name}\" of ClusterRole \"{name}\" to ServiceAccount \"{name}/{space}\"");
    }

    private static Caller Person(Draw draw, int index)
    {
        string[] first = ["anna", "chen", "david", "fatima", "igor", "jana", "kofi", "lena", "marco", "nadia"];
        string[] last = ["muller", "silva", "novak", "okafor", "tanaka"];
        bool isBot = index % 8 == 7;
        string name = isBot ? $"ci-bot-{index}" : $"oidc:{first[index % 10]}.{last[index / 8 % 5]}@example.com";
        string group = index % 10 == 0 ? "oidc:platform-admins" : "oidc:developers";
        string[] agents = ["kubectl/v1.34.1 (linux/amd64) kubernetes/93248f9", "kubectl/v1.33.4 (darwin/arm64) kubernetes/5a7c1a2", "kubectl/v1.32.0 (windows/amd64) kubernetes/70d3cc9", "k9s/v0.50.9"];
        string token = draw.Uuid();
        return new Caller(
            name, token, [group, "system:authenticated"], $"\"authentication.kubernetes.io/credential-id\":[\"JTI={token}\"]", draw.Address("192.168"),
            isBot ? "Go-http-client/2.0" : draw.Of(agents), $"RBAC: allowed by ClusterRoleBinding \"{group[5..]}\" of ClusterRole \"edit\" to Group \"{group}\"");
    }

    private static Caller ControlPlane(string user, string agent, string role) => new(
        user, "", ["system:authenticated"], $"\"authentication.kubernetes.io/credential-id\":[\"X509SHA256={new Draw(user.Length).Hex(64)}\"]", "10.20.0.11", agent,
        $"RBAC: allowed by ClusterRoleBinding \"{role}\" of ClusterRole \"{role}\" to User \"{user}\"");
}
