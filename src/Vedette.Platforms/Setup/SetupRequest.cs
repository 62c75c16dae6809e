using System.Collections.Immutable;
using Vedette.Platforms.Residency;
using Vedette.Policy.Loading;

namespace Vedette.Platforms.Setup;

/// <summary>What to set up: the options that all platforms share, and those of one.</summary>
public sealed record SetupRequest
{
    /// <summary>Longest retention taken, in days.</summary>
    public const int MaxRetentionDays = 3653;

    /// <summary>Days that events are kept when nobody says.</summary>
    public const int DefaultRetentionDays = 30;

    /// <summary>Name of a cluster whose name nobody gave.</summary>
    public const string UnnamedCluster = "cluster";

    /// <summary>The policy. Without meaning where the platform has none to choose.</summary>
    public required ChosenPolicy Policy { get; init; }

    /// <summary>Where events go.</summary>
    public Backend Backend { get; init; } = Backend.Log;

    /// <summary>Name of the cluster: part of the receiver's path, name of cloud resources.</summary>
    public string Cluster { get; init; } = UnnamedCluster;

    /// <summary>Days that events must be kept.</summary>
    public int RetentionDays { get; init; } = DefaultRetentionDays;

    /// <summary>Where data may be.</summary>
    public ResidencyRule Residency { get; init; } = ResidencyRule.Anywhere;

    /// <summary>What each kube-apiserver has to carry; null when nobody knows.</summary>
    public Traffic? Traffic { get; init; }

    /// <summary>Version of Kubernetes.</summary>
    public KubernetesVersion Version { get; init; } = KubernetesVersion.Default;

    /// <summary>Options of the platform.</summary>
    public OptionValues Options { get; init; } = OptionValues.None;

    /// <summary>Values that setup cannot know, as far as the user gave them: by name, such as <c>WEBHOOK_URL</c>.</summary>
    public ImmutableDictionary<string, string> Values { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Files that options name.</summary>
    public required InputFiles Files { get; init; }
}
