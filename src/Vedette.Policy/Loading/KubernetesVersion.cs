using System.Globalization;

namespace Vedette.Policy.Loading;

/// <summary>A minor version of Kubernetes 1: what kube-apiserver accepts in a policy has changed over the years.</summary>
/// <param name="Minor">36 for 1.36.</param>
public readonly record struct KubernetesVersion(int Minor) : IComparable<KubernetesVersion>
{
    /// <summary>Taken when none is named.</summary>
    public static KubernetesVersion Default { get; } = new(36);

    /// <summary>From here on <c>group: "*"</c> is a wildcard; before, kube-apiserver refuses it.</summary>
    public static KubernetesVersion GroupWildcard { get; } = new(36);

    /// <summary>From here on audit.k8s.io/v1alpha1 and v1beta1 are gone (Kubernetes 1.24 changelog).</summary>
    public static KubernetesVersion OldVersionsRemoved { get; } = new(24);

    /// <summary>From here on there is omitManagedFields (Kubernetes 1.23 changelog).</summary>
    public static KubernetesVersion OmitManagedFields { get; } = new(23);

    /// <summary>Reads <c>1.36</c>, <c>v1.36.2</c>, <c>1.36.2-gke.100</c>.</summary>
    public static bool TryParse(string text, out KubernetesVersion version)
    {
        version = Default;
        string[] parts = text.TrimStart('v').Split('.');
        if (parts.Length < 2 || parts[0] != "1" || !int.TryParse(parts[1].TrimEnd('+'), NumberStyles.None, CultureInfo.InvariantCulture, out int minor))
        {
            return false;
        }

        version = new KubernetesVersion(minor);
        return true;
    }

    /// <inheritdoc />
    public int CompareTo(KubernetesVersion other) => Minor.CompareTo(other.Minor);

    /// <summary>Is left older?</summary>
    public static bool operator <(KubernetesVersion left, KubernetesVersion right) => left.Minor < right.Minor;

    /// <summary>Is left newer?</summary>
    public static bool operator >(KubernetesVersion left, KubernetesVersion right) => left.Minor > right.Minor;

    /// <summary>Is left older or the same?</summary>
    public static bool operator <=(KubernetesVersion left, KubernetesVersion right) => left.Minor <= right.Minor;

    /// <summary>Is left newer or the same?</summary>
    public static bool operator >=(KubernetesVersion left, KubernetesVersion right) => left.Minor >= right.Minor;

    /// <inheritdoc />
    public override string ToString() => $"1.{Minor}";
}
