using System.Collections.Frozen;
using System.Globalization;
using Vedette.Policy.Loading;

namespace Vedette.Platforms.ApiServer;

/// <summary>Type of a flag's value.</summary>
internal enum AuditFlagType
{
    Text,
    Whole,
    Number,
    Truth,
    Duration,
}

/// <summary>An audit flag of kube-apiserver (apiserver/pkg/server/options/audit.go, 1.36.2).</summary>
/// <param name="Name">Without dashes.</param>
/// <param name="Type">Type of its value.</param>
/// <param name="Default">Default from 1.36 on.</param>
internal sealed record AuditFlag(string Name, AuditFlagType Type, string Default)
{
    /// <summary>All of them, the deprecated <c>audit-webhook-batch-initial-backoff</c> included.</summary>
    public static FrozenDictionary<string, AuditFlag> All { get; } = new AuditFlag[]
    {
        new("audit-log-batch-buffer-size", AuditFlagType.Whole, "10000"),
        new("audit-log-batch-max-size", AuditFlagType.Whole, "1"),
        new("audit-log-batch-max-wait", AuditFlagType.Duration, "0s"),
        new("audit-log-batch-throttle-burst", AuditFlagType.Whole, "0"),
        new("audit-log-batch-throttle-enable", AuditFlagType.Truth, "false"),
        new("audit-log-batch-throttle-qps", AuditFlagType.Number, "0"),
        new("audit-log-compress", AuditFlagType.Truth, "false"),
        new("audit-log-format", AuditFlagType.Text, "json"),
        new("audit-log-maxage", AuditFlagType.Whole, "366"),
        new("audit-log-maxbackup", AuditFlagType.Whole, "100"),
        new("audit-log-maxsize", AuditFlagType.Whole, "100"),
        new("audit-log-mode", AuditFlagType.Text, "blocking"),
        new("audit-log-path", AuditFlagType.Text, ""),
        new("audit-log-truncate-enabled", AuditFlagType.Truth, "false"),
        new("audit-log-truncate-max-batch-size", AuditFlagType.Whole, "10485760"),
        new("audit-log-truncate-max-event-size", AuditFlagType.Whole, "102400"),
        new("audit-log-version", AuditFlagType.Text, "audit.k8s.io/v1"),
        new("audit-policy-file", AuditFlagType.Text, ""),
        new("audit-webhook-batch-buffer-size", AuditFlagType.Whole, "10000"),
        new("audit-webhook-batch-initial-backoff", AuditFlagType.Duration, "10s"),
        new("audit-webhook-batch-max-size", AuditFlagType.Whole, "400"),
        new("audit-webhook-batch-max-wait", AuditFlagType.Duration, "30s"),
        new("audit-webhook-batch-throttle-burst", AuditFlagType.Whole, "15"),
        new("audit-webhook-batch-throttle-enable", AuditFlagType.Truth, "true"),
        new("audit-webhook-batch-throttle-qps", AuditFlagType.Number, "10"),
        new("audit-webhook-config-file", AuditFlagType.Text, ""),
        new("audit-webhook-initial-backoff", AuditFlagType.Duration, "10s"),
        new("audit-webhook-mode", AuditFlagType.Text, "batch"),
        new("audit-webhook-truncate-enabled", AuditFlagType.Truth, "false"),
        new("audit-webhook-truncate-max-batch-size", AuditFlagType.Whole, "10485760"),
        new("audit-webhook-truncate-max-event-size", AuditFlagType.Whole, "102400"),
        new("audit-webhook-version", AuditFlagType.Text, "audit.k8s.io/v1"),
    }.ToFrozenDictionary(flag => flag.Name, StringComparer.Ordinal);

    /// <summary>Default of a version: up to 1.35 the three limits of rotation were 0 (100 MiB a file, no limit of age and number).</summary>
    public string DefaultIn(KubernetesVersion version) => version.Minor < 36 && Name is ("audit-log-maxage" or "audit-log-maxbackup" or "audit-log-maxsize") ? "0" : Default;

    /// <summary>Why kube-apiserver would refuse a value; null when it takes it (options/audit.go, Validate).</summary>
    public string? ObjectionTo(string value)
    {
        bool fits = Type switch
        {
            AuditFlagType.Whole => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
            AuditFlagType.Number => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _),
            AuditFlagType.Truth => value is "true" or "false" or "1" or "0" or "t" or "f" or "T" or "F" or "TRUE" or "FALSE" or "True" or "False",
            AuditFlagType.Duration => GoDuration.TryParse(value, out _),
            _ => true,
        };
        if (!fits)
        {
            return Type switch
            {
                AuditFlagType.Truth => "it takes true or false",
                AuditFlagType.Duration => "it takes a duration such as 5s",
                _ => "it takes a number",
            };
        }

        return Name switch
        {
            "audit-log-mode" or "audit-webhook-mode" when value is not ("batch" or "blocking" or "blocking-strict") => "it takes batch, blocking or blocking-strict",
            "audit-log-format" when value is not ("json" or "legacy") => "it takes json or legacy",
            "audit-log-version" or "audit-webhook-version" when value != "audit.k8s.io/v1" => "it takes audit.k8s.io/v1 only",
            "audit-log-maxage" or "audit-log-maxbackup" or "audit-log-maxsize" when value.StartsWith('-') => "it must not be negative",
            "audit-webhook-batch-buffer-size" or "audit-webhook-batch-max-size" or "audit-webhook-batch-throttle-qps" or "audit-webhook-batch-throttle-burst"
                or "audit-webhook-truncate-max-event-size" or "audit-log-truncate-max-event-size" when double.Parse(value, CultureInfo.InvariantCulture) <= 0 => "it must be positive",
            _ => null,
        };
    }

    /// <summary>The flag that somebody may have meant by a name that is none; null when none is near.</summary>
    public static string? Nearest(string name)
    {
        string shape = Shape(name);
        return All.Keys.Where(known => Shape(known) == shape || Shape(known).TrimEnd('s') == shape.TrimEnd('s')).Order(StringComparer.Ordinal).FirstOrDefault();

        // The mistakes people make: max-age, maxbackups, log-file, policy-path, webhook-config.
        static string Shape(string text) => text.Replace("-", "", StringComparison.Ordinal).Replace("file", "", StringComparison.Ordinal).Replace("path", "", StringComparison.Ordinal);
    }
}
