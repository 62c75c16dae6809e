using System.Globalization;
using System.Text;

namespace Vedette.Benchmarks.Data;

/// <summary>The objects that writes send and get back.</summary>
internal sealed class Bodies(Draw draw, EventWriter writer)
{
    /// <summary>Length of the text in an outlier's body, which stands in the request and in the response: half a megabyte together, as the largest event of a real log.</summary>
    private const int OutlierLength = 240_000;

    private static readonly string[] s_images = ["registry.example.com/shop/{0}:v1.9.0", "docker.io/library/{0}:latest", "quay.io/team/{0}@sha256:3b1d", "ghcr.io/acme/{0}:2.4.1"];

    /// <summary>A pod; asResponse adds what the server adds.</summary>
    public string Pod(PodName pod, bool asResponse, bool isDebug = false)
    {
        StringBuilder body = new("{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":");
        Metadata(body, pod.Name, pod.Namespace, pod.App, asResponse ? 2 : 0);
        body.Append(",\"spec\":");
        PodSpec(body, pod.App, isDebug);
        if (asResponse)
        {
            body.Append(",\"status\":");
            PodStatus(body, pod.App);
        }

        return body.Append('}').ToString();
    }

    /// <summary>A deployment.</summary>
    public string Deployment(string space, string app, bool asResponse)
    {
        StringBuilder body = new("{\"kind\":\"Deployment\",\"apiVersion\":\"apps/v1\",\"metadata\":");
        Metadata(body, app, space, app, asResponse ? 2 : 0);
        body.Append(CultureInfo.InvariantCulture, $",\"spec\":{{\"replicas\":{draw.Between(1, 9)},\"selector\":{{\"matchLabels\":{{\"app.kubernetes.io/name\":\"{app}\"}}}},\"template\":{{\"metadata\":{{\"labels\":{{\"app.kubernetes.io/name\":\"{app}\"}}}},\"spec\":");
        PodSpec(body, app, isDebug: false);
        body.Append("},\"strategy\":{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":\"25%\",\"maxSurge\":\"25%\"}},\"revisionHistoryLimit\":10,\"progressDeadlineSeconds\":600}");
        return body.Append(asResponse ? ",\"status\":{\"observedGeneration\":7,\"replicas\":3,\"updatedReplicas\":3,\"readyReplicas\":3,\"availableReplicas\":3}}" : "}").ToString();
    }

    /// <summary>The strategic merge patch that a kubelet sends for a pod's status.</summary>
    public string PodStatusPatch(string app)
    {
        StringBuilder body = new();
        body.Append("{\"metadata\":{\"uid\":\"").Append(draw.Uuid()).Append("\"},\"status\":");
        PodStatus(body, app);
        return body.Append('}').ToString();
    }

    /// <summary>The status of a node: conditions and images.</summary>
    public string NodeStatus(string node, bool asResponse)
    {
        StringBuilder body = new("{");
        if (asResponse)
        {
            body.Append("\"kind\":\"Node\",\"apiVersion\":\"v1\",\"metadata\":");
            Metadata(body, node, "", "node", 2);
            body.Append(',');
        }

        body.Append("\"status\":{\"conditions\":[");
        foreach (string condition in (string[])["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"])
        {
            body.Append(CultureInfo.InvariantCulture, $"{{\"lastHeartbeatTime\":\"2026-01-03T09:10:10Z\",\"lastTransitionTime\":\"2026-01-02T09:10:10Z\",\"message\":\"kubelet says {condition}\",\"reason\":\"Kubelet{condition}\",\"status\":\"False\",\"type\":\"{condition}\"}},");
        }

        body.Length--;
        body.Append("],\"images\":[");
        for (int image = 0; image < 50; image++)
        {
            body.Append(CultureInfo.InvariantCulture, $"{{\"names\":[\"registry.example.com/shop/app-{image}@sha256:{draw.Hex(64)}\",\"registry.example.com/shop/app-{image}:v1.{image}\"],\"sizeBytes\":{draw.Between(5_000_000, 900_000_000)}}},");
        }

        body.Length--;
        return body.Append("]}}").ToString();
    }

    /// <summary>An endpoint slice of 3 to 24 endpoints.</summary>
    public string EndpointSlice(string space, string app)
    {
        StringBuilder body = new("{\"kind\":\"EndpointSlice\",\"apiVersion\":\"discovery.k8s.io/v1\",\"metadata\":");
        Metadata(body, $"{app}-x7k2p", space, app, 1);
        body.Append(",\"addressType\":\"IPv4\",\"endpoints\":[");
        int count = draw.Between(3, 25);
        for (int i = 0; i < count; i++)
        {
            body.Append(CultureInfo.InvariantCulture, $"{{\"addresses\":[\"{draw.Address("10.244")}\"],\"conditions\":{{\"ready\":true,\"serving\":true,\"terminating\":false}},\"targetRef\":{{\"kind\":\"Pod\",\"namespace\":\"{space}\",\"name\":\"{app}-{draw.Suffix(10)}-{draw.Suffix(5)}\",\"uid\":\"{draw.Uuid()}\"}},\"nodeName\":\"ip-10-20-{i}-7.eu-central-1.compute.internal\",\"zone\":\"eu-central-1a\"}},");
        }

        body.Length--;
        body.Append("],\"ports\":[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":8080}]");
        return body.Append('}').ToString();
    }

    /// <summary>A custom resource with 3 to 20 children.</summary>
    public string CustomResource(string group, string resource, string space, string name, bool asResponse)
    {
        StringBuilder body = new();
        body.Append(CultureInfo.InvariantCulture, $"{{\"kind\":\"{resource}\",\"apiVersion\":\"{group}/v1\",\"metadata\":");
        Metadata(body, name, space, name, asResponse ? 2 : 1);
        body.Append(CultureInfo.InvariantCulture, $",\"spec\":{{\"project\":\"default\",\"source\":{{\"repoURL\":\"https://git.example.com/{space}/{name}.git\",\"path\":\"deploy/overlays/prod\",\"targetRevision\":\"{draw.Hex(40)}\"}}}},\"status\":{{\"resources\":[");
        int count = draw.Between(3, 21);
        for (int i = 0; i < count; i++)
        {
            body.Append(CultureInfo.InvariantCulture, $"{{\"group\":\"apps\",\"version\":\"v1\",\"kind\":\"Deployment\",\"namespace\":\"{space}\",\"name\":\"{name}-{i}\",\"status\":\"Synced\",\"health\":{{\"status\":\"Healthy\",\"message\":\"\"}}}},");
        }

        body.Length--;
        return body.Append("],\"sync\":{\"status\":\"Synced\"}}}").ToString();
    }

    /// <summary>A binding of a cluster role.</summary>
    public string ClusterRoleBinding(string name, string role, string subject, bool asResponse)
    {
        StringBuilder body = new("{\"kind\":\"ClusterRoleBinding\",\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"metadata\":");
        Metadata(body, name, "", name, asResponse ? 1 : 0);
        return body.Append(CultureInfo.InvariantCulture, $",\"subjects\":[{{\"kind\":\"User\",\"apiGroup\":\"rbac.authorization.k8s.io\",\"name\":\"{subject}\"}}],\"roleRef\":{{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"{role}\"}}}}").ToString();
    }

    /// <summary>A config map with a file of a quarter of a megabyte: with quotes and newlines, as such files have.</summary>
    public string Outlier(string space, string name)
    {
        StringBuilder body = new("{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\",\"metadata\":");
        Metadata(body, name, space, name, 0);
        body.Append(",\"data\":{\"dashboard.json\":\"{");
        for (int start = body.Length; body.Length - start < OutlierLength;)
        {
            body.Append(CultureInfo.InvariantCulture, $"\\n  \\\"panel-{draw.Between(0, 10_000)}\\\": {{\\\"expr\\\": \\\"sum(rate(http_requests_total{{app=\\\\\\\"{draw.Suffix(8)}\\\\\\\"}}[5m])) by (code)\\\", \\\"w\\\": 12}},");
        }

        return body.Append("\\n}\"}}").ToString();
    }

    /// <summary>The patch or status that other writes send.</summary>
    public string Small(string kind, string space, string name) => string.Create(
        CultureInfo.InvariantCulture, $"{{\"kind\":\"{kind}\",\"apiVersion\":\"v1\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"{space}\",\"resourceVersion\":\"{writer.NextVersion()}\"}},\"spec\":{{\"holderIdentity\":\"{name}_{draw.Uuid()}\",\"leaseDurationSeconds\":15}}}}");

    private void Metadata(StringBuilder body, string name, string space, string app, int managers)
    {
        body.Append(CultureInfo.InvariantCulture, $"{{\"name\":\"{name}\",\"namespace\":\"{space}\",\"uid\":\"{draw.Uuid()}\",\"resourceVersion\":\"{writer.NextVersion()}\",\"generation\":{draw.Between(1, 9)},\"creationTimestamp\":\"2026-01-0{draw.Between(1, 9)}T08:15:22Z\",\"labels\":{{\"app.kubernetes.io/name\":\"{app}\",\"app.kubernetes.io/instance\":\"{app}\",\"app.kubernetes.io/managed-by\":\"Helm\",\"pod-template-hash\":\"{draw.Suffix(10)}\",\"team\":\"team-{app}\"}},\"annotations\":{{\"checksum/config\":\"{draw.Hex(64)}\",\"prometheus.io/scrape\":\"true\",\"prometheus.io/port\":\"9090\"}}");
        if (managers > 0)
        {
            body.Append(",\"managedFields\":[");
            for (int manager = 0; manager < managers; manager++)
            {
                body.Append(CultureInfo.InvariantCulture, $"{{\"manager\":\"{(manager == 0 ? "kube-controller-manager" : "kubelet")}\",\"operation\":\"Update\",\"apiVersion\":\"v1\",\"time\":\"2026-01-03T09:10:11Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{{\"f:metadata\":{{\"f:annotations\":{{\".\":{{}},\"f:checksum/config\":{{}},\"f:prometheus.io/port\":{{}},\"f:prometheus.io/scrape\":{{}}}},\"f:generateName\":{{}},\"f:labels\":{{\".\":{{}},\"f:app.kubernetes.io/instance\":{{}},\"f:app.kubernetes.io/managed-by\":{{}},\"f:app.kubernetes.io/name\":{{}},\"f:pod-template-hash\":{{}},\"f:team\":{{}}}},\"f:ownerReferences\":{{\".\":{{}},\"k:{{\\\"uid\\\":\\\"{draw.Uuid()}\\\"}}\":{{}}}}}},\"f:spec\":{{\"f:containers\":{{\"k:{{\\\"name\\\":\\\"app\\\"}}\":{{\".\":{{}},\"f:args\":{{}},\"f:env\":{{\".\":{{}}");
                int variables = draw.Between(4, 18);
                for (int variable = 0; variable < variables; variable++)
                {
                    body.Append(CultureInfo.InvariantCulture, $",\"k:{{\\\"name\\\":\\\"VAR_{variable}\\\"}}\":{{\".\":{{}},\"f:name\":{{}},\"f:value\":{{}}}}");
                }

                body.Append("},\"f:image\":{},\"f:imagePullPolicy\":{},\"f:livenessProbe\":{\".\":{},\"f:failureThreshold\":{},\"f:httpGet\":{\".\":{},\"f:path\":{},\"f:port\":{},\"f:scheme\":{}}},\"f:name\":{},\"f:resources\":{\".\":{},\"f:limits\":{\".\":{},\"f:memory\":{}},\"f:requests\":{\".\":{},\"f:cpu\":{},\"f:memory\":{}}}}},\"f:dnsPolicy\":{},\"f:enableServiceLinks\":{},\"f:restartPolicy\":{},\"f:schedulerName\":{},\"f:securityContext\":{},\"f:serviceAccount\":{},\"f:serviceAccountName\":{},\"f:terminationGracePeriodSeconds\":{}}}},");
            }

            body.Length--;
            body.Append(']');
        }

        body.Append('}');
    }

    private void PodSpec(StringBuilder body, string app, bool isDebug)
    {
        body.Append(CultureInfo.InvariantCulture, $"{{\"volumes\":[{{\"name\":\"config\",\"configMap\":{{\"name\":\"{app}-config\",\"defaultMode\":420}}}},{{\"name\":\"kube-api-access-{draw.Suffix(5)}\",\"projected\":{{\"sources\":[{{\"serviceAccountToken\":{{\"expirationSeconds\":3607,\"path\":\"token\"}}}},{{\"configMap\":{{\"name\":\"kube-root-ca.crt\",\"items\":[{{\"key\":\"ca.crt\",\"path\":\"ca.crt\"}}]}}}},{{\"downwardAPI\":{{\"items\":[{{\"path\":\"namespace\",\"fieldRef\":{{\"apiVersion\":\"v1\",\"fieldPath\":\"metadata.namespace\"}}}}]}}}}],\"defaultMode\":420}}}}");
        if (isDebug || draw.Chance(1.0 / 60))
        {
            body.Append(CultureInfo.InvariantCulture, $",{{\"name\":\"host\",\"hostPath\":{{\"path\":\"{(isDebug ? "/" : "/var/log")}\",\"type\":\"\"}}}}");
        }

        body.Append("],\"containers\":[");
        int containers = draw.Between(1, 4);
        for (int container = 0; container < containers; container++)
        {
            string image = string.Format(CultureInfo.InvariantCulture, draw.Of(s_images), app);
            body.Append(CultureInfo.InvariantCulture, $"{{\"name\":\"app-{container}\",\"image\":\"{image}\",\"args\":[\"--config=/etc/config/app.yaml\",\"--listen=:8080\",\"--log.level=info\"],\"ports\":[{{\"name\":\"http\",\"containerPort\":8080,\"protocol\":\"TCP\"}}],\"env\":[");
            int variables = draw.Between(4, 18);
            for (int variable = 0; variable < variables; variable++)
            {
                body.Append(CultureInfo.InvariantCulture, $"{{\"name\":\"VAR_{variable}\",\"value\":\"http://{app}.{draw.Of(World.Namespaces)}.svc.cluster.local:80{variable:00}/api?x=1\\u0026y={draw.Suffix(8)}\"}},");
            }

            body.Length--;
            body.Append("],\"resources\":{\"limits\":{\"memory\":\"512Mi\"},\"requests\":{\"cpu\":\"100m\",\"memory\":\"256Mi\"}},\"volumeMounts\":[{\"name\":\"config\",\"mountPath\":\"/etc/config\"},{\"name\":\"kube-api-access\",\"readOnly\":true,\"mountPath\":\"/var/run/secrets/kubernetes.io/serviceaccount\"}],\"livenessProbe\":{\"httpGet\":{\"path\":\"/healthz\",\"port\":8080,\"scheme\":\"HTTP\"},\"timeoutSeconds\":1,\"periodSeconds\":10,\"successThreshold\":1,\"failureThreshold\":3},\"terminationMessagePath\":\"/dev/termination-log\",\"terminationMessagePolicy\":\"File\",\"imagePullPolicy\":\"IfNotPresent\",\"securityContext\":");
            body.Append(isDebug ? "{\"privileged\":true}" : "{\"capabilities\":{\"drop\":[\"ALL\"]},\"runAsNonRoot\":true,\"readOnlyRootFilesystem\":true,\"allowPrivilegeEscalation\":false}").Append("},");
        }

        body.Length--;
        body.Append(CultureInfo.InvariantCulture, $"],\"restartPolicy\":\"Always\",\"terminationGracePeriodSeconds\":30,\"dnsPolicy\":\"ClusterFirst\",\"serviceAccountName\":\"{app}\",\"serviceAccount\":\"{app}\",");
        body.Append(isDebug ? "\"hostNetwork\":true,\"hostPID\":true," : "").Append("\"securityContext\":{},\"schedulerName\":\"default-scheduler\",\"tolerations\":[{\"key\":\"node.kubernetes.io/not-ready\",\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300},{\"key\":\"node.kubernetes.io/unreachable\",\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300}],\"priority\":0,\"enableServiceLinks\":true,\"preemptionPolicy\":\"PreemptLowerPriority\"}");
    }

    private void PodStatus(StringBuilder body, string app)
    {
        body.Append("{\"phase\":\"Running\",\"conditions\":[");
        foreach (string condition in (string[])["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"])
        {
            body.Append(CultureInfo.InvariantCulture, $"{{\"type\":\"{condition}\",\"status\":\"True\",\"lastProbeTime\":null,\"lastTransitionTime\":\"2026-01-03T09:10:10Z\"}},");
        }

        body.Length--;
        body.Append(CultureInfo.InvariantCulture, $"],\"hostIP\":\"10.20.1.7\",\"podIP\":\"{draw.Address("10.244")}\",\"startTime\":\"2026-01-03T09:10:00Z\",\"containerStatuses\":[{{\"name\":\"app\",\"state\":{{\"running\":{{\"startedAt\":\"2026-01-03T09:10:09Z\"}}}},\"lastState\":{{}},\"ready\":true,\"restartCount\":0,\"image\":\"registry.example.com/shop/{app}:v1\",\"imageID\":\"registry.example.com/shop/{app}@sha256:{draw.Hex(64)}\",\"containerID\":\"containerd://{draw.Hex(64)}\",\"started\":true}}],\"qosClass\":\"Burstable\"}}");
    }
}
