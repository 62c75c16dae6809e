using System.Globalization;
using System.Text;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Setup;
using Vedette.Platforms.StaticPod;
using Vedette.Platforms.Verification;
using Vedette.Policy.Loading;
using Xunit;

namespace Vedette.Platforms.Tests.ApiServer;

/// <summary>What verification says of a kube-apiserver of one's own: every trap that recipes lead into, with its mend.</summary>
public class KubeApiServerTests
{
    private const string Good = "--audit-policy-file=/etc/kubernetes/audit/policy.yaml --audit-log-path=/var/log/kubernetes/audit/audit.log --audit-log-maxage=30 --audit-log-maxbackup=10 --audit-log-maxsize=100";

    private const string Mounts = "policy:/etc/kubernetes/audit/policy.yaml:ro:File log:/var/log/kubernetes/audit:rw:DirectoryOrCreate webhook:/etc/kubernetes/audit/webhook.kubeconfig:ro:File";

    private static readonly DateTimeOffset s_now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_right_one_is_right() => Assert.DoesNotContain(Verify(Good), result => result.Outcome == Outcome.Wrong);

    [Theory]
    [InlineData("VC1001", "--audit-log-path=/var/log/kubernetes/audit/audit.log", "not one event is recorded", "--audit-policy-file")]
    [InlineData("VC1005", "--audit-policy-file=/etc/kubernetes/audit/policy.yaml", "for nobody", "--audit-log-path")]
    [InlineData("VC1002", Good + " --audit-policy-dry-run=true", "there is no flag", "vedette policy lint")]
    [InlineData("VC1002", Good + " --audit-log-max-backups=10", "there is no flag", "--audit-log-maxbackup")]
    [InlineData("VC1002", Good + " --audit-webhook-batch-initial-backoff=5s", "deprecated", "--audit-webhook-initial-backoff")]
    [InlineData("VC1003", Good + " --audit-log-maxage=60", "2 times", "remove")]
    [InlineData("VC1004", Good + " --audit-log-mode=async", "batch, blocking or blocking-strict", "blocking")]
    [InlineData("VC1004", Good + " --audit-log-version=audit.k8s.io/v1beta1", "audit.k8s.io/v1 only", "audit.k8s.io/v1")]
    [InlineData("VC1004", Good + " --audit-log-maxsize=100MB", "a number", "100")]
    [InlineData("VC1010", "--audit-policy-file=/etc/kubernetes/audit/policy.yaml --audit-log-path=-", "standard output", "/var/log/kubernetes/audit/audit.log")]
    [InlineData("VC1011", Good + " --audit-log-maxage=7", "CIS asks for 30", "30")]
    [InlineData("VC1012", Good + " --audit-log-maxbackup=5", "CIS asks for 10", "10")]
    [InlineData("VC1013", Good + " --audit-log-maxsize=10", "CIS asks for 100", "100")]
    [InlineData("VC1013", Good + " --audit-log-maxsize=0", "no rotation at all", "100")]
    [InlineData("VC1015", Good + " --audit-log-format=legacy", "legacy format", "remove")]
    [InlineData("VC1015", Good + " --audit-log-mode=batch", "loses what waits in memory", "remove")]
    [InlineData("VC1020", Good + " --audit-policy-file=/etc/kubernetes/other.yaml", "not mounted", "hostPath")]
    [InlineData("VC1021", Good + " --audit-log-path=/var/log/audit.log", "inside the container", "DirectoryOrCreate")]
    public void A_wrong_flag_is_told_with_its_mend(string check, string flags, string why, string mend)
    {
        CheckResult result = Assert.Single(Verify(flags), result => result.Check.Id == check && result.Outcome == Outcome.Wrong);
        Assert.Contains(why, result.Why, StringComparison.Ordinal);
        Assert.Contains(mend, result.Mend, StringComparison.Ordinal);
        Assert.True(result.Place.Line > 0 || check is "VC1001" or "VC1005");
    }

    [Theory]
    [InlineData("VC1020", "policy:/etc/kubernetes/audit/policy.yaml:ro:DirectoryOrCreate log:/var/log/kubernetes/audit:rw:DirectoryOrCreate", "a directory is made in its place")]
    [InlineData("VC1021", "policy:/etc/kubernetes/audit/policy.yaml:ro:File log:/var/log/kubernetes/audit:ro:DirectoryOrCreate", "mounted read-only")]
    [InlineData("VC1021", "policy:/etc/kubernetes/audit/policy.yaml:ro:File log:/var/log/kubernetes/audit/audit.log:rw:FileOrCreate", "rotation renames it")]
    [InlineData("VC1023", Mounts + " policy:/elsewhere:ro:File", "two volumes are called 'policy'")]
    [InlineData("VC1023", Mounts + " other:/var/log/kubernetes/audit:rw:Directory", "two mounts are at")]
    public void A_wrong_mount_is_told(string check, string mounts, string why) =>
        Assert.Contains(Verify(Good, mounts: mounts), result => result.Check.Id == check && result.Outcome == Outcome.Wrong && result.Why.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void Rotation_had_no_limits_before_136_and_has_some_from_then_on()
    {
        const string Bare = "--audit-policy-file=/etc/kubernetes/audit/policy.yaml --audit-log-path=/var/log/kubernetes/audit/audit.log";
        Assert.Equal(3, Verify(Bare, version: 35).Count(result => result.Outcome == Outcome.Wrong && result.Why.Contains("its default in Kubernetes 1.35 is 0", StringComparison.Ordinal)));
        Assert.DoesNotContain(Verify(Bare, version: 36), result => result.Outcome == Outcome.Wrong);
    }

    [Fact]
    public void Maxage_is_an_upper_bound_and_no_archive()
    {
        Assert.Contains(Verify(Good, retention: 365), result => result.Check == ApiServerChecks.Rotation && result.Outcome == Outcome.Wrong && result.Why.Contains("after 30 days, and 365 are to be kept", StringComparison.Ordinal));
        Assert.Contains(Verify(Good, retention: 30), result => result.Check == ApiServerChecks.Rotation && result.Outcome == Outcome.CannotTell && result.Why.Contains("(maxbackup 10 + 1) x maxsize 100 MiB", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("- level: Metadata\n- level: RequestResponse\n  resources: [{group: \"\", resources: [secrets]}]", "VC1031", "unreachable")]
    [InlineData("- level: RequestResponse\n  resources: [{group: \"\", resources: [secrets, configmaps]}]\n- level: Metadata", "VC1031", "Secrets")]
    [InlineData("- level: Metadata\n  users: [\"system:serviceaccount:kube-system:anonymous\"]\n- level: Metadata", "VC1031", "not the anonymous user")]
    [InlineData("- level: Metadata\n  verb: [get]\n- level: Metadata", "VC1031", "VP1006")]
    [InlineData("- level: metadata", "VC1030", "Unsupported value")]
    [InlineData("", "VC1030", "0 rules")]
    [InlineData("- level: None\n  resources: [{group: \"\", resources: [pods]}]\n- level: Metadata", "VC1032", "CIS 3.2.2")]
    public void A_wrong_policy_on_the_node_is_told(string rules, string check, string why) => Assert.Contains(
        Verify(Good, policy: $"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:{(rules.Length == 0 ? " []" : "\n" + rules)}\n"),
        result => result.Check.Id == check && result.Outcome == Outcome.Wrong && result.Why.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void A_policy_changed_without_a_restart_is_told()
    {
        Assert.Contains(Verify(Good, annotation: "0000"), result => result.Check == ApiServerChecks.PolicyCurrent && result.Outcome == Outcome.Wrong && result.Why.Contains("read once at start", StringComparison.Ordinal));
        Assert.Contains(Verify(Good, annotation: SetupFixture.Preset("recommended").Hash), result => result.Check == ApiServerChecks.PolicyCurrent && result.Outcome == Outcome.Ok);
    }

    [Fact]
    public void A_backup_among_the_manifests_is_a_second_kube_apiserver()
    {
        using Node node = new();
        node.Write("etc/kubernetes/manifests/kube-apiserver.yaml.bak", Node.Manifest(Good, Mounts, null));
        node.Write("etc/kubernetes/manifests/.kube-apiserver.yaml.old", Node.Manifest(Good, Mounts, null));
        CheckResult result = Assert.Single(node.Verify(), result => result.Check == ApiServerChecks.ManifestsAlone);
        Assert.Equal(Outcome.Wrong, result.Outcome);
        Assert.EndsWith("kube-apiserver.yaml.bak", result.Place.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("etc/kubernetes/audit/webhook.kubeconfig", 0x1A4, "token")]
    [InlineData("var/log/kubernetes/audit/audit.log", 0x1A4, "the log")]
    [InlineData("etc/kubernetes/audit/policy.yaml", 0x1B6, "change the policy")]
    public void A_file_that_others_may_read_or_change_is_told(string file, int mode, string why)
    {
        using Node node = new(Good + " --audit-webhook-config-file=/etc/kubernetes/audit/webhook.kubeconfig");
        node.Write("etc/kubernetes/audit/webhook.kubeconfig", Kubeconfig());
        node.Write("var/log/kubernetes/audit/audit.log", Event(s_now));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no modes here");
        foreach (string path in new[] { "etc/kubernetes/audit/webhook.kubeconfig", "var/log/kubernetes/audit/audit.log", "etc/kubernetes/audit/policy.yaml" })
        {
            node.SetMode(path, path == file ? (UnixFileMode)mode : RenderedFile.Private);
        }

        CheckResult result = Assert.Single(node.Verify(), result => result.Check == ApiServerChecks.FileModes && result.Outcome == Outcome.Wrong);
        Assert.Contains(why, result.Why, StringComparison.Ordinal);
        Assert.Contains("chmod", result.Mend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server: http://vedette.example.com/audit/prod", "VC1071", Outcome.Wrong, "leaves the token out")]
    [InlineData("server: https://vedette.example.com/audit?cluster=prod", "VC1071", Outcome.Wrong, "drops the query")]
    [InlineData("server: vedette.example.com", "VC1071", Outcome.Wrong, "no http or https URL")]
    [InlineData("server: https://audit.eu-west-1.amazonaws.com/x", "VC1075", Outcome.Wrong, "eu-west-1 (eu)")]
    [InlineData("server: https://vedette.example.com", "VC1071", Outcome.CannotTell, "which cluster")]
    [InlineData("server: https://vedette.example.com/audit/prod", "VC1075", Outcome.CannotTell, "nothing in the name")]
    [InlineData("server: https://vedette.example.com/x\n    insecure-skip-tls-verify: true", "VC1072", Outcome.Wrong, "insecure-skip-tls-verify")]
    [InlineData("server: https://vedette.example.com/x\n    certificate-authority: /root/ca.pem", "VC1072", Outcome.Wrong, "not mounted")]
    public void A_wrong_receiver_is_told(string cluster, string check, Outcome outcome, string why)
    {
        using Node node = new(Good + " --audit-webhook-config-file=/etc/kubernetes/audit/webhook.kubeconfig");
        node.Write("etc/kubernetes/audit/webhook.kubeconfig", Kubeconfig(cluster));
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule residency));
        Assert.Contains(node.Verify(residency: residency), result => result.Check.Id == check && result.Outcome == outcome && result.Why.Contains(why, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--audit-webhook-mode=blocking", "VC1073", "waits for the receiver")]
    [InlineData("--audit-webhook-mode=blocking-strict", "VC1073", "stands still")]
    [InlineData("--audit-webhook-truncate-max-batch-size=1000000", "VC1074", "has no effect")]
    [InlineData("--audit-webhook-initial-backoff=500ms", "VC1074", "five tries of a batch take 4.1 s")]
    [InlineData("--audit-webhook-batch-throttle-qps=1", "VC1074", "dropped, while all clients get their answers")]
    public void A_webhook_flag_that_loses_events_is_told(string flag, string check, string why) => Assert.Contains(
        Verify(Good + " --audit-webhook-config-file=/etc/kubernetes/audit/webhook.kubeconfig " + flag), result => result.Check.Id == check && result.Outcome == Outcome.Wrong && result.Why.Contains(why, StringComparison.Ordinal));

    [Theory]
    [InlineData("apiserver_audit_event_total 0\n", "VC1060", "audits nothing")]
    [InlineData("apiserver_audit_event_total 1200\napiserver_audit_error_total{plugin=\"log\"} 3\n", "VC1061", "3 events were lost")]
    [InlineData("apiserver_audit_event_total 1.2e+06\napiserver_audit_error_total{plugin=\"buffered\"} 7\n", "VC1061", "buffer was full")]
    [InlineData("apiserver_audit_event_total 1\napiserver_audit_error_total{plugin=\"webhook\"} 43\n", "VC1061", "five tries")]
    [InlineData("apiserver_audit_event_total 1\napiserver_audit_requests_rejected_total 2\n", "VC1062", "refused")]
    public void Counters_tell_of_lost_events(string metrics, string check, string why)
    {
        using Node node = new();
        node.Write("metrics.txt", "# HELP apiserver_audit_event_total [ALPHA] Counter\n" + metrics);
        Assert.Contains(node.Verify(("metrics", node["metrics.txt"])), result => result.Check.Id == check && result.Outcome == Outcome.Wrong && result.Why.Contains(why, StringComparison.Ordinal));
    }

    [Fact]
    public void Counters_without_errors_are_well()
    {
        using Node node = new();
        node.Write("metrics.txt", "apiserver_audit_event_total 12\napiserver_audit_error_total{plugin=\"log\"} 0\napiserver_audit_requests_rejected_total 0\n");
        Assert.Equal(3, node.Verify(("metrics", node["metrics.txt"])).Count(result => result.Check.Id.StartsWith("VC106", StringComparison.Ordinal) && result.Outcome == Outcome.Ok));
    }

    [Theory]
    [InlineData(1, "VC1050", Outcome.Ok)]
    [InlineData(60, "VC1050", Outcome.Wrong)]
    public void The_log_has_events_of_the_last_minutes(int minutes, string check, Outcome outcome)
    {
        using Node node = new();
        node.Write("audit.log", Event(s_now.AddHours(-3)) + Event(s_now.AddMinutes(-minutes)));
        Assert.Contains(node.Verify(("log", node["audit.log"])), result => result.Check.Id == check && result.Outcome == outcome);
    }

    [Theory]
    [InlineData("", "the log is empty")]
    [InlineData("2026-11-25T12:00:00Z AUDIT: id=\"1\" stage=\"ResponseComplete\"\n", "no audit events in JSON")]
    public void A_log_without_events_is_told(string content, string why)
    {
        using Node node = new();
        node.Write("audit.log", content);
        Assert.Contains(node.Verify(("log", node["audit.log"])), result => result.Check == ApiServerChecks.LogParses && result.Outcome == Outcome.Wrong && result.Why.Contains(why, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(100, Outcome.Wrong)]
    [InlineData(2000, Outcome.Ok)]
    public void The_disk_must_hold_what_rotation_keeps(int freeMiB, Outcome outcome)
    {
        using Node node = new();
        string log = node["log/audit.log"];
        node.Write("log/audit.log", "");
        node.Write("kube-apiserver.yaml", Node.Manifest(Good + $" --audit-log-path={log}", $"log:{Path.GetDirectoryName(log)}:rw:Directory", null));
        IReadOnlyList<CheckResult> results = SetupFixture.Verify(
            "static-pod",
            new VerifyRequest { Files = SetupFixture.Inputs, FreeBytes = _ => freeMiB * 1048576L, Options = SetupFixture.Options(("root", "/"), ("config", node["kube-apiserver.yaml"])) });
        CheckResult result = Assert.Single(results, result => result.Check == ApiServerChecks.DiskSpace);
        Assert.Equal(outcome, result.Outcome);
        Assert.Contains("(10 + 1) x 100 MiB = 1.1 GiB", result.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_unknown_and_not_wrong() => Assert.All(
        SetupFixture.Verify("static-pod", new VerifyRequest { Files = SetupFixture.Inputs, Options = SetupFixture.Options(("config", "/nowhere/kube-apiserver.yaml")) }),
        result => Assert.Equal(Outcome.CannotTell, result.Outcome));

    private static IReadOnlyList<CheckResult> Verify(string flags, string mounts = Mounts, string? policy = null, string? annotation = null, int? retention = null, int version = 36)
    {
        using Node node = new(flags, mounts, annotation);
        node.Write("etc/kubernetes/audit/webhook.kubeconfig", Kubeconfig());
        if (policy is not null)
        {
            node.Write("etc/kubernetes/audit/policy.yaml", policy);
        }

        return node.Verify(null, retention, version);
    }

    private static string Event(DateTimeOffset time) =>
        $$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete","verb":"get","stageTimestamp":"{{time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)}}"}""" + "\n";

    private static string Kubeconfig(string cluster = "server: https://vedette.example.com/audit/prod\n    certificate-authority-data: LS0t") =>
        $"apiVersion: v1\nkind: Config\nclusters:\n- name: a\n  cluster:\n    {cluster}\nusers:\n- name: u\n  user: {{token: t}}\ncontexts:\n- name: c\n  context: {{cluster: a, user: u}}\ncurrent-context: c\n";

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    /// <summary>A directory with the files of a control-plane node.</summary>
    private sealed class Node : IDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("vedette-node-").FullName;

        public Node(string flags = Good, string mounts = Mounts, string? annotation = null)
        {
            Write("etc/kubernetes/manifests/kube-apiserver.yaml", Manifest(flags, mounts, annotation));
            Write("etc/kubernetes/audit/policy.yaml", SetupFixture.Preset("recommended").Text);
            SetMode("etc/kubernetes/audit/policy.yaml", RenderedFile.Readable);
        }

        public string this[string path] => Path.Combine(_directory, path);

        public static string Manifest(string flags, string mounts, string? annotation)
        {
            StringBuilder text = new("apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\n");
            text.Append(annotation is null ? "" : $"  annotations: {{{PodManifest.PolicyAnnotation}: \"{annotation}\"}}\n").Append("spec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n");
            text.Append(string.Concat(flags.Split(' ').Select(flag => $"    - {flag}\n"))).Append("    volumeMounts:\n");
            string[][] parts = [.. mounts.Split(' ').Select(mount => mount.Split(':'))];
            text.Append(string.Concat(parts.Select(mount => $"    - {{name: {mount[0]}, mountPath: {mount[1]}, readOnly: {(mount[2] == "ro" ? "true" : "false")}}}\n"))).Append("  volumes:\n");
            return text.Append(string.Concat(parts.Select(mount => $"  - {{name: {mount[0]}, hostPath: {{path: {mount[1]}, type: {mount[3]}}}}}\n"))).ToString();
        }

        public void Write(string path, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
            File.WriteAllText(this[path], text);
            SetMode(path, RenderedFile.Private);
        }

        public void SetMode(string path, UnixFileMode mode)
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(this[path], mode);
            }
        }

        public IReadOnlyList<CheckResult> Verify(params (string Name, string Value)[] options) => Verify(null, null, 36, options);

        public IReadOnlyList<CheckResult> Verify(ResidencyRule? residency = null, int? retention = null, int version = 36, params (string Name, string Value)[] options) => SetupFixture.Verify(
            "static-pod",
            new VerifyRequest
            {
                Files = SetupFixture.Inputs,
                RetentionDays = retention,
                Residency = residency ?? ResidencyRule.Anywhere,
                Version = new KubernetesVersion(version),
                Time = new At(s_now),
                Options = SetupFixture.Options([("root", _directory), .. options]),
            });

        public void Dispose() => Directory.Delete(_directory, recursive: true);
    }
}
