using System.Globalization;

namespace Vedette.Platforms.Kubespray;

/// <summary>A release of Kubespray 2, as far as auditing differs between them. Variables and policy template are the same from v2.18 to master.</summary>
/// <param name="Minor">31 for v2.31.0; <see cref="Master"/> for master.</param>
internal readonly record struct KubesprayVersion(int Minor)
{
    /// <summary>Oldest release that is looked after here.</summary>
    public const int Oldest = 18;

    /// <summary>master.</summary>
    public const int Master = int.MaxValue;

    /// <summary>Taken when none is named: the newest release.</summary>
    public static KubesprayVersion Default { get; } = new(31);

    /// <summary>Default of audit_log_maxbackups: 1 up to v2.21.</summary>
    public int DefaultBackups => Minor <= 21 ? 1 : 10;

    /// <summary>Does kubeadm's configuration list arguments (v1beta4), so that one can be there twice? Up to v2.26 it was a map, then both forms, from v2.31 on a list.</summary>
    public bool ListsArguments => Minor >= 31;

    /// <summary>Is kube-apiserver restarted when its policy changes? There has been a handler for that since v2.28.</summary>
    public bool RestartsOnPolicy => Minor >= 28;

    /// <summary>Reads <c>v2.31.0</c>, <c>2.24</c>, <c>master</c>.</summary>
    public static bool TryParse(string text, out KubesprayVersion version)
    {
        version = Default;
        if (text == "master")
        {
            version = new KubesprayVersion(Master);
            return true;
        }

        string[] parts = text.TrimStart('v').Split('.');
        if (parts.Length < 2 || parts[0] != "2" || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor) || minor < Oldest)
        {
            return false;
        }

        version = new KubesprayVersion(minor);
        return true;
    }

    /// <inheritdoc />
    public override string ToString() => Minor == Master ? "master" : $"v2.{Minor}";
}
