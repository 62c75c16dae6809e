using System.Collections.Immutable;

namespace Vedette.Detection.Coverage;

/// <summary>Microsoft's Threat Matrix for Kubernetes (microsoft.github.io/Threat-Matrix-for-Kubernetes), as data.</summary>
public static class ThreatMatrix
{
    /// <summary>Namespace of tags; after it comes the technique's name as in the address of its page.</summary>
    public const string Namespace = "threat-matrix.";

    /// <summary>The techniques, by id.</summary>
    public static ImmutableArray<Technique> Techniques { get; } =
    [
        Of("MS-TA9001", "Using cloud credentials", "initial-access", true, "using-cloud-credentials"),
        Of("MS-TA9002", "Compromised image in registry", "initial-access", true, "compromised-images-in-registry", "compromised-image-in-registry"),
        Of("MS-TA9003", "Kubeconfig file", "initial-access", true, "kubeconfig-file"),
        Of("MS-TA9004", "Application vulnerability", "initial-access", false, "application-vulnerability"),
        Of("MS-TA9005", "Exposed sensitive interfaces", "initial-access", true, "exposed-sensitive-interfaces"),
        Of("MS-TA9006", "Exec into container", "execution", true, "exec-into-container"),
        Of("MS-TA9007", "bash or cmd inside container", "execution", true, "bash-or-cmd-in-container", "bash-cmd-inside-container"),
        Of("MS-TA9008", "New container", "execution", true, "new-container"),
        Of("MS-TA9009", "Application exploit (RCE)", "execution", false, "application-exploit"),
        Of("MS-TA9010", "SSH server running inside container", "execution", false, "ssh-server-running-inside-container"),
        Of("MS-TA9011", "Sidecar injection", "execution", true, "sidecar-injection"),
        Of("MS-TA9012", "Backdoor container", "persistence", true, "backdoor-container"),
        Of("MS-TA9013", "Writable hostPath mount", "persistence", true, "writable-hostpath-mount"),
        Of("MS-TA9014", "Kubernetes CronJob", "persistence", true, "kubernetes-cronjob"),
        Of("MS-TA9015", "Malicious admission controller", "persistence", true, "malicious-admission-controller"),
        Of("MS-TA9016", "Access container service account", "credential-access", true, "access-container-service-account", "container-service-account"),
        Of("MS-TA9017", "Static pods", "persistence", true, "static-pods"),
        Of("MS-TA9018", "Privileged container", "privilege-escalation", true, "privileged-container"),
        Of("MS-TA9019", "Cluster-admin binding", "privilege-escalation", true, "cluster-admin-binding"),
        Of("MS-TA9020", "Access cloud resources", "privilege-escalation", true, "access-cloud-resources"),
        Of("MS-TA9021", "Clear container logs", "defense-evasion", false, "clear-container-logs"),
        Of("MS-TA9022", "Delete Kubernetes events", "defense-evasion", true, "delete-k8s-events"),
        Of("MS-TA9023", "Pod or container name similarity", "defense-evasion", true, "pod-or-container-name-similarity", "pod-container-name-similarity"),
        Of("MS-TA9024", "Connect from proxy server", "defense-evasion", true, "connect-from-proxy-server"),
        Of("MS-TA9025", "List Kubernetes secrets", "credential-access", true, "list-k8s-secrets"),
        Of("MS-TA9026", "Mount service principal", "credential-access", true, "mount-service-principal"),
        Of("MS-TA9027", "Application credentials in configuration files", "credential-access", true, "application-credentials-in-configuration-files"),
        Of("MS-TA9028", "Access managed identity credentials", "credential-access", true, "access-managed-identity-credentials", "access-managed-identity-credential"),
        Of("MS-TA9029", "Access the Kubernetes API server", "discovery", true, "access-the-k8s-api-server"),
        Of("MS-TA9030", "Access kubelet API", "discovery", true, "access-kubelet-api"),
        Of("MS-TA9031", "Network mapping", "discovery", false, "network-mapping"),
        Of("MS-TA9033", "Instance metadata API", "discovery", true, "instance-metadata-api"),
        Of("MS-TA9034", "Cluster internal networking", "lateral-movement", true, "cluster-internal-networking"),
        Of("MS-TA9035", "CoreDNS poisoning", "lateral-movement", true, "coredns-poisoning"),
        Of("MS-TA9036", "ARP poisoning and IP spoofing", "lateral-movement", false, "arp-poisoning-and-ip-spoofing"),
        Of("MS-TA9037", "Images from a private registry", "collection", true, "images-from-a-private-registry", "images-from-private-registry"),
        Of("MS-TA9038", "Data destruction", "impact", true, "data-destruction"),
        Of("MS-TA9039", "Resource hijacking", "impact", true, "resource-hijacking"),
        Of("MS-TA9040", "Denial of service", "impact", true, "denial-of-service"),
        Of("MS-TA9041", "Collecting data from pod", "collection", true, "collecting-data-from-pod"),
    ];

    private static Technique Of(string id, string name, string tactic, bool isVisible, params ReadOnlySpan<string> tags) => new(id, name, [tactic], [id.ToLowerInvariant(), .. tags], isVisible);
}
