using System.Collections.Immutable;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ApiServer;

/// <summary>What verification looks at in a kube-apiserver of one's own. CIS numbers are those of the Kubernetes benchmark 1.9 to 1.12 and 2.0.1.</summary>
internal static class ApiServerChecks
{
    public static readonly Check Readable = new("VC1000", "The configuration of kube-apiserver can be read");
    public static readonly Check PolicyGiven = new("VC1001", "An audit policy is given (CIS 3.2.1)");
    public static readonly Check KnownFlags = new("VC1002", "Every audit flag exists");
    public static readonly Check FlagsOnce = new("VC1003", "Every audit flag is given once");
    public static readonly Check FlagValues = new("VC1004", "Every audit flag has a value that kube-apiserver takes");
    public static readonly Check BackendGiven = new("VC1005", "Events go somewhere");
    public static readonly Check FlagTexts = new("VC1006", "Values of extra arguments are texts");
    public static readonly Check LogPath = new("VC1010", "Events go to a log file (CIS 1.2.16)");
    public static readonly Check MaxAge = new("VC1011", "Rotated logs are kept 30 days or more (CIS 1.2.17)");
    public static readonly Check MaxBackup = new("VC1012", "10 rotated logs or more are kept (CIS 1.2.18)");
    public static readonly Check MaxSize = new("VC1013", "A log is rotated at 100 MiB or more (CIS 1.2.19)");
    public static readonly Check Rotation = new("VC1014", "Rotation keeps what is to be kept");
    public static readonly Check LogFormat = new("VC1015", "The log is JSON, and loses nothing");
    public static readonly Check PolicyVisible = new("VC1020", "kube-apiserver sees the policy file");
    public static readonly Check LogWritable = new("VC1021", "kube-apiserver can write its log, and the node keeps it");
    public static readonly Check WebhookVisible = new("VC1022", "kube-apiserver sees the webhook's kubeconfig");
    public static readonly Check MountsUnique = new("VC1023", "No volume name and no mount path is there twice");
    public static readonly Check ManifestsAlone = new("VC1024", "The manifests directory holds manifests only");
    public static readonly Check PolicyLoads = new("VC1030", "kube-apiserver takes the policy");
    public static readonly Check PolicySound = new("VC1031", "The policy has no error of its own");
    public static readonly Check PolicyCis = new("VC1032", "The policy covers what CIS 3.2.2 asks");
    public static readonly Check PolicyPatches = new("VC1034", "A patch cannot keep itself out of the log");
    public static readonly Check PolicyCurrent = new("VC1033", "The running policy is the one in the file");
    public static readonly Check FileModes = new("VC1040", "Only root can change the policy, read the log and read the token");
    public static readonly Check DiskSpace = new("VC1041", "The disk holds all that rotation keeps");
    public static readonly Check LogFresh = new("VC1050", "The log has events of the last minutes");
    public static readonly Check LogParses = new("VC1051", "The last lines of the log are audit events");
    public static readonly Check MetricsEvents = new("VC1060", "kube-apiserver counts audit events");
    public static readonly Check MetricsErrors = new("VC1061", "No audit event was lost");
    public static readonly Check MetricsRejected = new("VC1062", "No request was refused because of auditing");
    public static readonly Check WebhookReads = new("VC1070", "The webhook's kubeconfig can be used");
    public static readonly Check WebhookUrl = new("VC1071", "The receiver's URL is one that works");
    public static readonly Check WebhookTrust = new("VC1072", "The receiver is authenticated, and kube-apiserver to it");
    public static readonly Check WebhookMode = new("VC1073", "A slow receiver does not slow kube-apiserver");
    public static readonly Check WebhookSizes = new("VC1074", "Buffer, throttle and truncation fit");
    public static readonly Check Residency = new("VC1075", "Events stay where they may be");
    public static readonly Check FilledIn = new("VC1080", "Every value is filled in");

    /// <summary>All of them.</summary>
    public static ImmutableArray<Check> All { get; } =
    [
        Readable, PolicyGiven, KnownFlags, FlagsOnce, FlagValues, FlagTexts, BackendGiven, LogPath, MaxAge, MaxBackup, MaxSize, Rotation, LogFormat, PolicyVisible, LogWritable, WebhookVisible, MountsUnique,
        ManifestsAlone, PolicyLoads, PolicySound, PolicyCis, PolicyCurrent, PolicyPatches, FileModes, DiskSpace, LogFresh, LogParses, MetricsEvents, MetricsErrors, MetricsRejected, WebhookReads, WebhookUrl, WebhookTrust,
        WebhookMode, WebhookSizes, Residency, FilledIn,
    ];
}
