using System.Globalization;
using Vedette.Platforms.Verification;
using Vedette.Policy.Loading;

namespace Vedette.Platforms.ApiServer;

/// <summary>Verifies the audit flags of a kube-apiserver: names, values, CIS 1.2.16 to 1.2.19 and 3.2.1, and the traps of rotation.</summary>
internal static class FlagVerification
{
    /// <summary>Verifies.</summary>
    public static void Run(ObservedApiServer observed, VerifyRequest request, Verdict verdict)
    {
        Names(observed, verdict);
        Once(observed, verdict);
        Values(observed, verdict);
        Policy(observed, verdict);
        Backends(observed, verdict);
        if (observed.Flag("audit-log-path") is { Value: not ("" or "-") } path)
        {
            verdict.Ok(ApiServerChecks.LogPath, path.Place, $"--audit-log-path={path.Value}");
            Limit(observed, request.Version, "audit-log-maxage", ApiServerChecks.MaxAge, LogSizes.LeastAgeDays, zeroIsUnlimited: true, verdict);
            Limit(observed, request.Version, "audit-log-maxbackup", ApiServerChecks.MaxBackup, LogSizes.LeastBackup, zeroIsUnlimited: true, verdict);
            Limit(observed, request.Version, "audit-log-maxsize", ApiServerChecks.MaxSize, LogSizes.LeastSizeMiB, zeroIsUnlimited: false, verdict);
            Rotation(observed, request, verdict);
            Format(observed, request.Version, verdict);
        }
        else if (observed.Flag("audit-log-path") is { Value: "-" } output && observed.HasOnlyStandardOutput)
        {
            verdict.CannotTell(ApiServerChecks.LogPath, output.Place, "events go to standard output, which is all that this platform offers; nothing keeps them by age or number", "send them to a webhook too where they matter");
        }
        else if (observed.Flag("audit-log-path") is { } other)
        {
            verdict.Wrong(
                ApiServerChecks.LogPath, other.Place, "--audit-log-path=- writes events to standard output, mixed into kube-apiserver's own log, which the container runtime rotates at a few MiB",
                $"give a file: --audit-log-path={NodePaths.Kubernetes.LogFile}");
        }
        else if (observed.Flag("audit-webhook-config-file") is { } webhook)
        {
            verdict.CannotTell(
                ApiServerChecks.LogPath, webhook.Place, "there is no --audit-log-path; events go to a webhook only, and what that loses is nowhere", "keep a log file beside the webhook; CIS 1.2.16 asks for one");
        }
    }

    private static void Names(ObservedApiServer observed, Verdict verdict)
    {
        ObservedFlag[] unknown = [.. observed.Flags.Where(flag => !AuditFlag.All.ContainsKey(flag.Name))];
        foreach (ObservedFlag flag in unknown)
        {
            string mend = flag.Name.Contains("dry-run", StringComparison.Ordinal) || flag.Name.Contains("validate", StringComparison.Ordinal)
                ? "no flag tests a policy; use 'vedette policy lint' and 'vedette policy simulate'"
                : AuditFlag.Nearest(flag.Name) is { } meant ? $"write --{meant}" : "remove it";
            verdict.Wrong(ApiServerChecks.KnownFlags, flag.Place, $"there is no flag --{flag.Name}; kube-apiserver exits at start", mend);
        }

        ObservedFlag? deprecated = observed.Flag("audit-webhook-batch-initial-backoff");
        if (deprecated is { } old)
        {
            verdict.Wrong(ApiServerChecks.KnownFlags, old.Place, "--audit-webhook-batch-initial-backoff is deprecated and hidden", "write --audit-webhook-initial-backoff");
        }

        if (unknown.Length == 0 && deprecated is null)
        {
            verdict.Ok(ApiServerChecks.KnownFlags, new Place(observed.File), $"{observed.Flags.Length} audit flags, all known");
        }
    }

    private static void Once(ObservedApiServer observed, Verdict verdict)
    {
        foreach (IGrouping<string, ObservedFlag> same in observed.Flags.GroupBy(flag => flag.Name, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            verdict.Wrong(ApiServerChecks.FlagsOnce, same.Last().Place, $"--{same.Key} is given {same.Count()} times; the last one counts", "remove the others");
        }
    }

    private static void Values(ObservedApiServer observed, Verdict verdict)
    {
        foreach (ObservedFlag flag in observed.Flags)
        {
            if (flag.IsNoText)
            {
                verdict.Wrong(ApiServerChecks.FlagTexts, flag.Place, $"{flag.Name}: {flag.Value} is no text in YAML, and kubeadm takes texts only: the configuration is refused", $"write {flag.Name}: \"{flag.Value}\"");
            }

            if (AuditFlag.All.TryGetValue(flag.Name, out AuditFlag? known) && known.ObjectionTo(flag.Value) is { } objection)
            {
                verdict.Wrong(ApiServerChecks.FlagValues, flag.Place, $"--{flag.Name}={flag.Value}: {objection}; kube-apiserver exits at start", $"the default is '{known.Default}'");
            }
        }
    }

    private static void Policy(ObservedApiServer observed, Verdict verdict)
    {
        if (observed.Flag("audit-policy-file") is { Value.Length: > 0 } policy)
        {
            verdict.Ok(ApiServerChecks.PolicyGiven, policy.Place, $"--audit-policy-file={policy.Value}");
        }
        else
        {
            verdict.Wrong(ApiServerChecks.PolicyGiven, new Place(observed.File), "there is no --audit-policy-file: not one event is recorded, whatever else is set", $"give one: --audit-policy-file={NodePaths.Kubernetes.Policy}");
        }
    }

    private static readonly string[] s_backendFlags = ["audit-log-path", "audit-webhook-config-file"];

    private static void Backends(ObservedApiServer observed, Verdict verdict)
    {
        string[] backends = [.. s_backendFlags.Where(name => observed.Flag(name) is { Value.Length: > 0 })];
        if (backends.Length > 0)
        {
            verdict.Ok(ApiServerChecks.BackendGiven, observed.PlaceOf(backends[0]), string.Join(" and ", backends.Select(name => $"--{name}")));
        }
        else
        {
            verdict.Wrong(
                ApiServerChecks.BackendGiven, new Place(observed.File), "neither --audit-log-path nor --audit-webhook-config-file is given: events are made for nobody",
                $"give --audit-log-path={NodePaths.Kubernetes.LogFile}");
        }
    }

    private static void Limit(ObservedApiServer observed, KubernetesVersion version, string name, Check check, int least, bool zeroIsUnlimited, Verdict verdict)
    {
        string text = observed.Value(name, version);
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
        {
            return;
        }

        string given = observed.Flag(name) is null ? $"--{name} is not given; its default in Kubernetes {version} is {text}" : $"--{name}={text}";
        if (value >= least)
        {
            verdict.Ok(check, observed.PlaceOf(name), given);
        }
        else if (value == 0)
        {
            string meaning = zeroIsUnlimited ? "without a limit" : version.Minor < 36 ? "100 MiB" : "no rotation at all: one file until the disk is full";
            verdict.Wrong(check, observed.PlaceOf(name), $"{given}, which means {meaning}; CIS asks for {least} or more to be set", $"set --{name}={least} or more");
        }
        else
        {
            verdict.Wrong(check, observed.PlaceOf(name), $"{given}; CIS asks for {least} or more", $"set --{name}={least} or more");
        }
    }

    private static void Rotation(ObservedApiServer observed, VerifyRequest request, Verdict verdict)
    {
        if (!Whole("audit-log-maxage", out long age) || !Whole("audit-log-maxbackup", out long backups) || !Whole("audit-log-maxsize", out long size) || request.RetentionDays is not { } days)
        {
            return;
        }

        Place place = observed.PlaceOf("audit-log-maxage");
        string cap = FormattableString.Invariant($"(maxbackup {backups} + 1) x maxsize {size} MiB = {(backups + 1) * size / 1024.0:0.0} GiB");
        if (age > 0 && age < days)
        {
            verdict.Wrong(ApiServerChecks.Rotation, place, $"maxage deletes rotated logs after {age} days, and {days} are to be kept", $"set --audit-log-maxage={days} and see that size does not delete earlier, or ship the log off the node");
        }
        else if (days > LogSizes.MaxNodeDays)
        {
            verdict.CannotTell(ApiServerChecks.Rotation, place, $"{days} days are to be kept, and rotation on a node is no archive: {cap}, whatever maxage says", "show where the log is shipped to, and verify that place");
        }
        else if (backups > 0 && size > 0)
        {
            double rate = (backups + 1.0) * size * 1024 * 1024 / (days * 86_400.0) / 1024;
            verdict.CannotTell(
                ApiServerChecks.Rotation, observed.PlaceOf("audit-log-maxbackup"), FormattableString.Invariant($"maxage is an upper bound only: {cap} holds {days} days up to {rate:0.#} KiB/s of events"),
                "measure the log with 'vedette setup … --log AUDIT_LOG', which computes maxbackup");
        }
        else
        {
            verdict.Ok(ApiServerChecks.Rotation, place, $"kept {days} days; no limit of number deletes earlier");
        }

        bool Whole(string name, out long value) => long.TryParse(observed.Value(name, request.Version), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static void Format(ObservedApiServer observed, KubernetesVersion version, Verdict verdict)
    {
        if (observed.Value("audit-log-format", version) == "legacy")
        {
            verdict.Wrong(ApiServerChecks.LogFormat, observed.PlaceOf("audit-log-format"), "the legacy format has no bodies, no groups of resources and no stages' times", "remove --audit-log-format=legacy");
        }

        if (observed.Value("audit-log-mode", version) == "batch")
        {
            verdict.Wrong(ApiServerChecks.LogFormat, observed.PlaceOf("audit-log-mode"), "in mode batch the log loses what waits in memory, and drops events when its buffer is full", "remove --audit-log-mode=batch; a write to a file is quick");
        }
        else if (observed.Value("audit-log-mode", version) == "blocking-strict")
        {
            verdict.CannotTell(ApiServerChecks.LogFormat, observed.PlaceOf("audit-log-mode"), "blocking-strict refuses requests that cannot be logged: a full disk stops the cluster", "keep it only if that is meant");
        }
    }
}
