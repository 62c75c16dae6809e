using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Vedette.Detection.Logic;

/// <summary>The resources that every cluster has, as kube-apiserver 1.36 names them, with their subresources and what their objects have at the top.</summary>
internal static class KubernetesResources
{
    private static readonly FrozenDictionary<string, (string Kind, string Group, string Subresources)> s_resources =
        new Dictionary<string, (string Kind, string Group, string Subresources)>(StringComparer.Ordinal)
        {
            ["bindings"] = ("Binding", "", ""),
            ["configmaps"] = ("ConfigMap", "", ""),
            ["endpoints"] = ("Endpoints", "", ""),
            ["events"] = ("Event", "", ""),
            ["limitranges"] = ("LimitRange", "", ""),
            ["namespaces"] = ("Namespace", "", "finalize status"),
            ["nodes"] = ("Node", "", "proxy status"),
            ["persistentvolumeclaims"] = ("PersistentVolumeClaim", "", "status"),
            ["persistentvolumes"] = ("PersistentVolume", "", "status"),
            ["pods"] = ("Pod", "", "attach binding ephemeralcontainers eviction exec log portforward proxy resize status"),
            ["podtemplates"] = ("PodTemplate", "", ""),
            ["replicationcontrollers"] = ("ReplicationController", "", "scale status"),
            ["resourcequotas"] = ("ResourceQuota", "", "status"),
            ["secrets"] = ("Secret", "", ""),
            ["serviceaccounts"] = ("ServiceAccount", "", "token"),
            ["services"] = ("Service", "", "proxy status"),
            ["controllerrevisions"] = ("ControllerRevision", "apps", ""),
            ["daemonsets"] = ("DaemonSet", "apps", "status"),
            ["deployments"] = ("Deployment", "apps", "scale status"),
            ["replicasets"] = ("ReplicaSet", "apps", "scale status"),
            ["statefulsets"] = ("StatefulSet", "apps", "scale status"),
            ["cronjobs"] = ("CronJob", "batch", "status"),
            ["jobs"] = ("Job", "batch", "status"),
            ["horizontalpodautoscalers"] = ("HorizontalPodAutoscaler", "autoscaling", "status"),
            ["poddisruptionbudgets"] = ("PodDisruptionBudget", "policy", "status"),
            ["podsecuritypolicies"] = ("PodSecurityPolicy", "policy", ""),
            ["clusterrolebindings"] = ("ClusterRoleBinding", "rbac.authorization.k8s.io", ""),
            ["clusterroles"] = ("ClusterRole", "rbac.authorization.k8s.io", ""),
            ["rolebindings"] = ("RoleBinding", "rbac.authorization.k8s.io", ""),
            ["roles"] = ("Role", "rbac.authorization.k8s.io", ""),
            ["ingresses"] = ("Ingress", "networking.k8s.io", "status"),
            ["ingressclasses"] = ("IngressClass", "networking.k8s.io", ""),
            ["networkpolicies"] = ("NetworkPolicy", "networking.k8s.io", ""),
            ["endpointslices"] = ("EndpointSlice", "discovery.k8s.io", ""),
            ["leases"] = ("Lease", "coordination.k8s.io", ""),
            ["mutatingadmissionpolicies"] = ("MutatingAdmissionPolicy", "admissionregistration.k8s.io", ""),
            ["mutatingadmissionpolicybindings"] = ("MutatingAdmissionPolicyBinding", "admissionregistration.k8s.io", ""),
            ["mutatingwebhookconfigurations"] = ("MutatingWebhookConfiguration", "admissionregistration.k8s.io", ""),
            ["validatingadmissionpolicies"] = ("ValidatingAdmissionPolicy", "admissionregistration.k8s.io", "status"),
            ["validatingadmissionpolicybindings"] = ("ValidatingAdmissionPolicyBinding", "admissionregistration.k8s.io", ""),
            ["validatingwebhookconfigurations"] = ("ValidatingWebhookConfiguration", "admissionregistration.k8s.io", ""),
            ["customresourcedefinitions"] = ("CustomResourceDefinition", "apiextensions.k8s.io", "status"),
            ["apiservices"] = ("APIService", "apiregistration.k8s.io", "status"),
            ["certificatesigningrequests"] = ("CertificateSigningRequest", "certificates.k8s.io", "approval status"),
            ["selfsubjectreviews"] = ("SelfSubjectReview", "authentication.k8s.io", ""),
            ["tokenreviews"] = ("TokenReview", "authentication.k8s.io", ""),
            ["localsubjectaccessreviews"] = ("LocalSubjectAccessReview", "authorization.k8s.io", ""),
            ["selfsubjectaccessreviews"] = ("SelfSubjectAccessReview", "authorization.k8s.io", ""),
            ["selfsubjectrulesreviews"] = ("SelfSubjectRulesReview", "authorization.k8s.io", ""),
            ["subjectaccessreviews"] = ("SubjectAccessReview", "authorization.k8s.io", ""),
            ["csidrivers"] = ("CSIDriver", "storage.k8s.io", ""),
            ["csinodes"] = ("CSINode", "storage.k8s.io", ""),
            ["storageclasses"] = ("StorageClass", "storage.k8s.io", ""),
            ["volumeattachments"] = ("VolumeAttachment", "storage.k8s.io", "status"),
            ["priorityclasses"] = ("PriorityClass", "scheduling.k8s.io", ""),
            ["runtimeclasses"] = ("RuntimeClass", "node.k8s.io", ""),
            ["flowschemas"] = ("FlowSchema", "flowcontrol.apiserver.k8s.io", "status"),
            ["prioritylevelconfigurations"] = ("PriorityLevelConfiguration", "flowcontrol.apiserver.k8s.io", "status"),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    // What people write instead: kinds, singulars, kubectl's short names. Endpoints is its own singular.
    private static readonly FrozenDictionary<string, string> s_misnomers = s_resources
        .Select(pair => KeyValuePair.Create(pair.Value.Kind.ToLowerInvariant(), pair.Key))
        .Concat(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["cm"] = "configmaps",
            ["ns"] = "namespaces",
            ["po"] = "pods",
            ["sa"] = "serviceaccounts",
            ["svc"] = "services",
            ["deploy"] = "deployments",
            ["ds"] = "daemonsets",
            ["rs"] = "replicasets",
            ["sts"] = "statefulsets",
            ["cj"] = "cronjobs",
            ["csr"] = "certificatesigningrequests",
            ["crd"] = "customresourcedefinitions",
            ["pvc"] = "persistentvolumeclaims",
            ["pv"] = "persistentvolumes",
            ["netpol"] = "networkpolicies",
            ["networkpolicys"] = "networkpolicies",
        })
        .Where(pair => !s_resources.ContainsKey(pair.Key)).DistinctBy(pair => pair.Key, StringComparer.Ordinal).ToFrozenDictionary(StringComparer.Ordinal);

    // What an object has at its top; besides, the members of every object, of the options of a delete, and of the operations of a JSON patch.
    private static readonly FrozenDictionary<string, FrozenSet<string>> s_roots = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["configmaps"] = "data binaryData immutable",
        ["secrets"] = "data stringData immutable type",
        ["serviceaccounts"] = "secrets imagePullSecrets automountServiceAccountToken",
        ["roles"] = "rules",
        ["clusterroles"] = "rules aggregationRule",
        ["rolebindings"] = "roleRef subjects",
        ["clusterrolebindings"] = "roleRef subjects",
        ["pods"] = "spec status",
        ["deployments"] = "spec status",
        ["daemonsets"] = "spec status",
        ["replicasets"] = "spec status",
        ["statefulsets"] = "spec status",
        ["jobs"] = "spec status",
        ["cronjobs"] = "spec status",
        ["services"] = "spec status",
        ["namespaces"] = "spec status",
        ["nodes"] = "spec status",
        ["podtemplates"] = "template",
        ["mutatingwebhookconfigurations"] = "webhooks",
        ["validatingwebhookconfigurations"] = "webhooks",
        ["certificatesigningrequests"] = "spec status",
    }.ToFrozenDictionary(
        pair => pair.Key,
        pair => pair.Value.Split(' ').Concat("apiVersion kind metadata op path value from dryRun gracePeriodSeconds propagationPolicy preconditions orphanDependents ignoreStoreReadErrorWithClusterBreakingPotential".Split(' '))
            .ToFrozenSet(StringComparer.Ordinal),
        StringComparer.Ordinal);

    /// <summary>The resources' names.</summary>
    public static IEnumerable<string> Names => s_resources.Keys;

    /// <summary>Workloads: resources with a pod spec.</summary>
    public static ImmutableArray<string> Workloads { get; } =
        ["pods", "podtemplates", "deployments", "replicasets", "replicationcontrollers", "statefulsets", "daemonsets", "jobs", "cronjobs"];

    /// <summary>The subresources of a resource.</summary>
    public static IEnumerable<string> SubresourcesOf(string resource) =>
        s_resources.TryGetValue(resource, out (string, string, string Subresources) known) ? known.Subresources.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];

    /// <summary>The resource that is meant by a kind, a singular or a short name; null where the name can be a resource.</summary>
    public static string? Meant(string name) => s_misnomers.GetValueOrDefault(name.ToLowerInvariant());

    /// <summary>Can the body of a request for this resource itself have this member at its top?</summary>
    public static bool CanHaveRoot(string resource, string root) => !s_roots.TryGetValue(resource, out FrozenSet<string>? roots) || roots.Contains(root) || uint.TryParse(root, out _);
}
