using System.Collections.Immutable;
using System.Text;
using Vedette.Audit.Batches;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Pipeline.Scanning;

namespace Vedette.Reports.Tests;

/// <summary>Reports to test with: a small story, and a finding whose every text an attacker chose.</summary>
internal static class Reports
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static readonly DetectionRule Bound = new()
    {
        Id = "6b1c3b3e-0000-4000-8000-000000000001",
        Title = "cluster-admin bound to a user",
        Level = RuleLevel.Critical,
        Description = "Somebody gave the role that may do everything.\nWhoever holds it owns the cluster.\n\nFind out who asked for it.",
        Tags = ["attack.privilege-escalation", "attack.t1098.006", "threat-matrix.cluster-admin-binding"],
        References = ["https://kubernetes.io/docs/reference/access-authn-authz/rbac/", "javascript:alert(1)"],
        FalsePositives = ["Set-up of a new cluster"],
        NextSteps = ["Look for what the new administrator did since.", "Delete the binding."],
        Author = "Vedette",
        Condition = new Condition.Constant(true),
    };

    public static readonly DetectionRule Read = new()
    {
        Id = "6b1c3b3e-0000-4000-8000-000000000002",
        Title = "Secrets listed",
        Level = RuleLevel.High,
        Description = "All secrets of a namespace were read at once.",
        Tags = ["attack.credential-access", "attack.t1552.007"],
        Condition = new Condition.Constant(true),
    };

    public static readonly DetectionRule Refused = new()
    {
        Id = "6b1c3b3e-0000-4000-8000-000000000003",
        Title = "Request refused",
        Level = RuleLevel.Low,
        Condition = new Condition.Constant(true),
    };

    /// <summary>Three rules, two actors, one of them through another.</summary>
    public static ScanReport Story { get; } = Of(
        [
            Finding(Refused, 1, "mallory", "mallory listed secrets in prod (refused, 403)") with { Decision = "forbid", Code = 403 },
            Finding(Bound, 2, "mallory", "mallory created clusterrolebindings owned (allowed, 201)") with
            {
                Verb = "create",
                Code = 201,
                Target = new FindingTarget("clusterrolebindings", null, null, "owned", "rbac.authorization.k8s.io"),
                Origin = new EventOrigin("logs/audit.log", 42),
            },
            Finding(Read, 3, "mallory", "mallory listed secrets in prod (allowed, 200)") with { Origin = new EventOrigin("logs/audit.log", 57) },
            Finding(Read, 4, "mallory", "mallory listed secrets in prod (allowed, 200)") with { Origin = new EventOrigin("logs/audit.log", 58) },
            Finding(Read, 5, "admin", "eve as admin listed secrets in kube-system (allowed, 200)") with { Actor = new FindingActor("admin", ["system:masters"], "eve"), SourceIp = "198.51.100.7" },
        ]);

    /// <summary>A report of findings, with one blind rule, one damaged input and some rejects.</summary>
    public static ScanReport Of(ImmutableArray<Finding> findings) => new(
        new ScanResult(findings, new ScanStatistics
        {
            Inputs =
            [
                new InputStatistics("logs/audit.log", 1_200, 2_400_000, ImmutableSortedDictionary<string, long>.Empty.Add("not json", 2), null, false) { FirstEvent = Noon, LastEvent = Noon.AddHours(1) },
                new InputStatistics("logs/old.log.gz", 34, 56_000, ImmutableSortedDictionary<string, long>.Empty, "its compression is damaged after 56000 bytes", false),
            ],
            Rejects = ImmutableSortedDictionary<string, long>.Empty.Add("not json", 2),
            Rules = [new RuleStatistics(Bound, 1, 0), new RuleStatistics(Read, 3, 0), new RuleStatistics(Refused, 1, 0), new RuleStatistics(Refused with { Id = "blind", Title = "Privileged pod", Level = RuleLevel.High }, 0, 17)],
        }),
        Noon.AddHours(2), "1.2.3", "prod-eu");

    public static Finding Finding(DetectionRule rule, int number, string user, string message) => new()
    {
        Id = $"{number:x32}",
        Time = Noon.AddMinutes(number),
        Rule = rule,
        Cluster = "prod-eu",
        Actor = new FindingActor(user, ["developers", "system:authenticated"], null),
        SourceIp = "203.0.113.9",
        UserAgent = "kubectl/v1.36.0",
        Verb = "list",
        Target = new FindingTarget("secrets", null, "prod", null, null),
        RequestUri = "/api/v1/namespaces/prod/secrets",
        Decision = "allow",
        Code = 200,
        Events = [new FindingEvent($"audit-{number}", "ResponseComplete")],
        Message = message,
    };

    /// <summary>A finding with this in every text there is, the rule's too.</summary>
    public static ScanReport Everywhere(string text)
    {
        DetectionRule rule = Bound with
        {
            Id = text,
            Title = text,
            Description = text,
            Tags = [text, "attack." + text],
            References = [text, "https://example.com/" + text],
            FalsePositives = [text],
            NextSteps = [text],
            Author = text,
        };
        Finding finding = Finding(rule, 1, text, text) with
        {
            Cluster = text,
            Actor = new FindingActor(text, [text, text], text),
            SourceIp = text,
            UserAgent = text,
            Verb = text,
            Target = new FindingTarget(text, text, text, text, text),
            RequestUri = text,
            Decision = text,
            Events = [new FindingEvent(text, text)],
            Origin = new EventOrigin(text, 7),
        };
        ScanReport report = Of([finding, finding with { Id = $"{2:x32}", Message = text + "2" }]);
        ScanStatistics statistics = report.Result.Statistics with
        {
            Inputs = [new InputStatistics(text, 1, 2, ImmutableSortedDictionary<string, long>.Empty.Add(text, 3), text, true)],
            Rejects = ImmutableSortedDictionary<string, long>.Empty.Add(text, 3),
            Rules = [new RuleStatistics(rule, 2, 5)],
        };
        return report with { Result = report.Result with { Statistics = statistics }, Cluster = text };
    }

    public static string Write(string format, ScanReport report)
    {
        using MemoryStream bytes = new();
        ReportFormat.Write(format, report, bytes);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
