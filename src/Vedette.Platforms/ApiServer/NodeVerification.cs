using System.Globalization;
using Vedette.Platforms.Setup;
using Vedette.Platforms.StaticPod;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ApiServer;

/// <summary>Verifies what lies on a node: modes, free space, other files among the manifests. Owners are not looked at: a copied directory has others.</summary>
internal static class NodeVerification
{
    private const UnixFileMode GroupOrOtherWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private const UnixFileMode Other = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Verifies.</summary>
    public static void Run(ObservedApiServer observed, NodeFiles node, VerifyRequest request, Verdict verdict)
    {
        Mode(observed, node, "audit-policy-file", GroupOrOtherWrite, "others than root may change the policy", "chmod 0644", verdict);
        Mode(observed, node, "audit-webhook-config-file", GroupOrOtherWrite | Other, "it holds a token, and others than root may read it", "chmod 0600", verdict);
        Mode(observed, node, "audit-log-path", GroupOrOtherWrite | Other, "others than root may read or change the log", "chmod 0600", verdict);
        Space(observed, node, request, verdict);
        Manifests(observed.File, verdict);
    }

    private static void Mode(ObservedApiServer observed, NodeFiles node, string name, UnixFileMode forbidden, string why, string mend, Verdict verdict)
    {
        if (observed.Flag(name) is { Value: not ("" or "-") } flag && observed.OnHost(flag.Value) is { } path && node.ModeOf(path) is { } mode)
        {
            string octal = RenderedFile.Octal(mode);
            if ((mode & forbidden) != UnixFileMode.None)
            {
                verdict.Wrong(ApiServerChecks.FileModes, new Place(node.Shown(path)), $"mode {octal}: {why}", $"{mend} {path}");
            }
            else
            {
                verdict.Ok(ApiServerChecks.FileModes, new Place(node.Shown(path)), $"mode {octal}");
            }
        }
    }

    private static void Space(ObservedApiServer observed, NodeFiles node, VerifyRequest request, Verdict verdict)
    {
        if (!node.IsLive || observed.Flag("audit-log-path") is not { Value: not ("" or "-") } flag || observed.OnHost(flag.Value) is not { } path)
        {
            return;
        }

        if (!long.TryParse(observed.Value("audit-log-maxbackup", request.Version), NumberStyles.None, CultureInfo.InvariantCulture, out long backups)
            || !long.TryParse(observed.Value("audit-log-maxsize", request.Version), NumberStyles.None, CultureInfo.InvariantCulture, out long size))
        {
            return;
        }

        string directory = node.Local(path[..path.LastIndexOf('/')])!;
        Place place = new(directory);
        if (backups == 0 || size == 0)
        {
            verdict.CannotTell(ApiServerChecks.DiskSpace, place, "the log has no limit of size, so no disk is large enough", "set --audit-log-maxbackup and --audit-log-maxsize");
            return;
        }

        if (request.FreeBytes(directory) is not { } free)
        {
            verdict.CannotTell(ApiServerChecks.DiskSpace, place, "the free space cannot be read", "run this on the node, as root");
            return;
        }

        long taken = Directory.Exists(directory) ? new DirectoryInfo(directory).EnumerateFiles().Sum(file => file.Length) : 0;
        long need = (backups + 1) * size * 1024 * 1024;
        string figures = string.Create(CultureInfo.InvariantCulture, $"({backups} + 1) x {size} MiB = {need / 1073741824.0:0.0} GiB; {free / 1073741824.0:0.0} GiB are free, {taken / 1073741824.0:0.0} GiB are taken by the log");
        if (free + taken < need)
        {
            verdict.Wrong(ApiServerChecks.DiskSpace, place, figures, "make room, give the log a disk of its own, or lower --audit-log-maxbackup; a full disk stops logging, and the node with it");
        }
        else
        {
            verdict.Ok(ApiServerChecks.DiskSpace, place, figures);
        }
    }

    /// <summary>kubelet runs every file of the manifests directory whose name does not begin with a dot: a backup copy is a second kube-apiserver.</summary>
    private static void Manifests(string file, Verdict verdict)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is not { } directory || Path.GetFileName(directory) != "manifests" || !Directory.Exists(directory))
        {
            return;
        }

        bool isAlone = true;
        foreach (string other in Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).Where(other => Path.GetFileName(other) is not ['.', ..] && Path.GetFullPath(other) != Path.GetFullPath(file)))
        {
            if (new FileInfo(other).Length <= InputFiles.MaxLength && PodManifest.Open(other, File.ReadAllText(other), out _) is not null)
            {
                isAlone = false;
                verdict.Wrong(ApiServerChecks.ManifestsAlone, new Place(other), "kubelet runs this too: every file here whose name does not begin with a dot is a pod, and a copy of kube-apiserver's manifest is a second kube-apiserver", "move it out of the manifests directory");
            }
        }

        if (isAlone)
        {
            verdict.Ok(ApiServerChecks.ManifestsAlone, new Place(directory), "no second kube-apiserver");
        }
    }
}
