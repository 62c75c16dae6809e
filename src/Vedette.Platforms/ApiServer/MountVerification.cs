using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ApiServer;

/// <summary>Verifies that a kube-apiserver in a container sees its files from the node.</summary>
internal static class MountVerification
{
    /// <summary>Verifies.</summary>
    public static void Run(ObservedApiServer observed, Verdict verdict)
    {
        if (observed.Mounts is not { } mounts)
        {
            return;
        }

        Readable(observed, "audit-policy-file", ApiServerChecks.PolicyVisible, "the policy", verdict);
        Readable(observed, "audit-webhook-config-file", ApiServerChecks.WebhookVisible, "the webhook's kubeconfig", verdict);
        Writable(observed, verdict);
        foreach (string name in Twice(observed.VolumeNames))
        {
            verdict.Wrong(ApiServerChecks.MountsUnique, new Place(observed.File), $"two volumes are called '{name}'; the pod is invalid and does not start", "rename or remove one of them");
        }

        foreach (string path in Twice(mounts.Select(mount => mount.MountPath)))
        {
            verdict.Wrong(ApiServerChecks.MountsUnique, new Place(observed.File), $"two mounts are at {path}; the pod is invalid and does not start", "remove one of them");
        }
    }

    private static void Readable(ObservedApiServer observed, string name, Check check, string what, Verdict verdict)
    {
        if (observed.Flag(name) is not { Value.Length: > 0 } flag)
        {
            return;
        }

        if (observed.MountOf(flag.Value) is not { } mount)
        {
            verdict.Wrong(check, flag.Place, $"{what} at {flag.Value} is not mounted: kube-apiserver's container does not see the node's files and exits", $"mount it by hostPath, type File, readOnly: true, at {flag.Value}");
        }
        else if (mount.MountPath == flag.Value && mount.Type is not ("File" or ""))
        {
            verdict.Wrong(check, flag.Place, $"{flag.Value} is mounted as hostPath of type {mount.Type}: where the file is missing, a directory is made in its place or the pod does not start", "use type File");
        }
        else
        {
            verdict.Ok(check, flag.Place, $"{mount.HostPath} of the node{(mount.IsReadOnly ? ", read-only" : "; readOnly: true would do")}");
        }
    }

    private static void Writable(ObservedApiServer observed, Verdict verdict)
    {
        if (observed.Flag("audit-log-path") is not { Value: not ("" or "-") } flag)
        {
            return;
        }

        if (observed.MountOf(flag.Value) is not { } mount)
        {
            verdict.Wrong(
                ApiServerChecks.LogWritable, flag.Place, $"{flag.Value} is not mounted: the log is inside the container and gone with it", $"mount its directory by hostPath, type DirectoryOrCreate, at {Path.GetDirectoryName(flag.Value)}");
        }
        else if (mount.IsReadOnly)
        {
            verdict.Wrong(ApiServerChecks.LogWritable, flag.Place, $"'{mount.Name}' is mounted read-only: kube-apiserver cannot open its log and exits", "set readOnly: false");
        }
        else if (mount.MountPath == flag.Value)
        {
            verdict.Wrong(
                ApiServerChecks.LogWritable, flag.Place, "the log is mounted as a single file: rotation renames it, which a mount point does not allow, so it grows without end or logging stops",
                $"mount the directory: {Path.GetDirectoryName(flag.Value)}");
        }
        else if (mount.Type is not ("DirectoryOrCreate" or "Directory" or ""))
        {
            verdict.Wrong(ApiServerChecks.LogWritable, flag.Place, $"the log's directory is mounted as hostPath of type {mount.Type}", "use type DirectoryOrCreate");
        }
        else
        {
            verdict.Ok(ApiServerChecks.LogWritable, flag.Place, $"{mount.HostPath} of the node");
        }
    }

    private static ImmutableArray<string> Twice(IEnumerable<string> names) =>
        [.. names.GroupBy(name => name, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => same.Key)];
}
