using System.Collections.Immutable;
using Vedette.Platforms.Aks;
using Vedette.Platforms.ClusterApi;
using Vedette.Platforms.Eks;
using Vedette.Platforms.Falco;
using Vedette.Platforms.Gke;
using Vedette.Platforms.K3s;
using Vedette.Platforms.Kind;
using Vedette.Platforms.Kops;
using Vedette.Platforms.Kubeadm;
using Vedette.Platforms.Kubespray;
using Vedette.Platforms.MicroK8s;
using Vedette.Platforms.Minikube;
using Vedette.Platforms.OpenShift;
using Vedette.Platforms.Retention;
using Vedette.Platforms.Rke2;
using Vedette.Platforms.Shippers;
using Vedette.Platforms.StaticPod;
using Vedette.Platforms.Talos;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms;

/// <summary>All platforms, in the order of the help.</summary>
public static class PlatformCatalogue
{
    /// <summary>The platforms.</summary>
    public static ImmutableArray<Platform> All { get; } =
    [
        new KubeadmPlatform(),
        new StaticPodPlatform(),
        new K3sPlatform(),
        new Rke2Platform(),
        new TalosPlatform(),
        new KopsPlatform(),
        new KindPlatform(),
        new MinikubePlatform(),
        new MicroK8sPlatform(),
        new ClusterApiPlatform(),
        new OpenShiftPlatform(),
        new KubesprayPlatform(),
        new EksPlatform(),
        new GkePlatform(),
        new AksPlatform(),
        new FalcoPlatform(),
        new ShippersPlatform(),
        new RetentionPlatform(),
    ];

    /// <summary>Everything that verification can say, by id.</summary>
    public static ImmutableArray<Check> Checks { get; } = [.. All.SelectMany(platform => platform.Checks).Distinct().OrderBy(check => check.Id, StringComparer.Ordinal)];
}
