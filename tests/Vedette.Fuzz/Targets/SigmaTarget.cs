using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Linting;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Stateful;
using Vedette.Detection.Tests.Engine;
using Vedette.Documents;

namespace Vedette.Fuzz.Targets;

/// <summary>
/// Whatever the text, the loader answers with rules and diagnostics that have a place in it; what it loads compiles, is linted and evaluates on fixed events; a rule answers the same among others as
/// alone, and as <see cref="ObviousEvaluator"/> where that knows the tests.
/// </summary>
internal static class SigmaTarget
{
    private static readonly ImmutableArray<string> s_events =
    [
        """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/default/pods?dryRun=All","verb":"create","user":{"username":"system:serviceaccount:default:app","groups":["system:serviceaccounts","system:authenticated"]},"sourceIPs":["10.1.2.3"],"userAgent":"kubectl/v1.33.0 (linux/amd64) kubernetes/abc","objectRef":{"resource":"pods","namespace":"default","name":"web","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":201},"requestObject":{"kind":"Pod","spec":{"hostNetwork":true,"containers":[{"name":"a","image":"busybox","command":["sh","-c","id"],"securityContext":{"privileged":true,"capabilities":{"add":["SYS_ADMIN"]}}}],"volumes":[{"name":"v","hostPath":{"path":"/"}}]}},"responseObject":{"kind":"Pod"},"requestReceivedTimestamp":"2026-11-23T04:12:56.156847Z","stageTimestamp":"2026-11-23T04:12:56.256847Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}""",
        """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"2","stage":"ResponseStarted","requestURI":"/api/v1/namespaces/kube-system/pods/web/exec?command=id&stdin=true","verb":"get","user":{"username":"alice@example.com","groups":[]},"impersonatedUser":{"username":"root"},"sourceIPs":["2001:db8::1","192.168.0.1"],"userAgent":"curl/8","objectRef":{"resource":"pods","namespace":"kube-system","name":"web","subresource":"exec"},"responseStatus":{"metadata":{},"status":"Failure","reason":"Forbidden","code":403},"requestReceivedTimestamp":"2026-11-23T04:12:57.000000Z","stageTimestamp":"2026-11-23T04:12:58.000000Z","annotations":{"authorization.k8s.io/decision":"forbid"}}""",
        """{"kind":"Event","level":"Request","stage":"Panic","verb":"","user":{},"requestObject":{"a":[1,"two",null,true,[],{"b":"Stra\u00dfe \ud83d\ude00"}],"a.b":"dotted","rules":[{"verbs":["*"],"resources":["secrets"]}],"roleRef":{"kind":"ClusterRole","name":"cluster-admin"}},"stageTimestamp":"not a time","annotations":{}}""",
        """{"kind":"Event","auditID":"5","verb":"create","user":{"username":"alice@example.com"},"objectRef":{"resource":"pods"},"responseStatus":{"code":403},"requestReceivedTimestamp":"0001-01-01T00:00:00Z","stageTimestamp":"0001-01-01T00:00:00Z"}""",
        """{"kind":"Event","auditID":"6","verb":"create","user":{"username":"alice@example.com"},"objectRef":{"resource":"pods"},"responseStatus":{"code":79228162514264337593543950335},"requestReceivedTimestamp":"9999-12-31T23:59:59.999999Z","stageTimestamp":"9999-12-31T23:59:59.999999Z"}""",
        "{}",
    ];

    private static readonly ImmutableArray<JsonElement> s_parsed = [.. s_events.Select(json => JsonDocument.Parse(json).RootElement)];

    public static void Check(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        SigmaRuleSet set = SigmaLoader.Load([new SigmaFile("rules.yml", text)], new SigmaOptions());
        CheckDiagnostics(set.Diagnostics, text);
        CheckDiagnostics(RuleLinter.Lint(set, _ => false), text);
        CompiledRules together = CompiledRules.Compile(set);
        RuleEvaluator evaluator = new(together);
        RuleEvaluator[] alone = [.. set.Rules.Select(rule => new RuleEvaluator(CompiledRules.Compile([rule])))];
        LogDetector log = new(together);
        EventDecoder decoder = new();
        for (int i = 0; i < s_events.Length; i++)
        {
            FuzzFailure.Unless(decoder.Decode(Encoding.UTF8.GetBytes(s_events[i]), out EventView view) == DecodeStatus.Ok, "the event is one");
            HashSet<int> matched = [.. evaluator.Evaluate(view)];
            for (int rule = 0; rule < alone.Length; rule++)
            {
                bool holds = matched.Contains(rule);
                FuzzFailure.Unless(alone[rule].Evaluate(view).Count == 1 == holds, $"rule {rule} on event {i}: {holds} among others, not so alone");
                if (set.Rules[rule] is { Filters.IsEmpty: true, Condition: var condition } && IsObvious(condition))
                {
                    FuzzFailure.Unless(ObviousEvaluator.Holds(condition, s_parsed[i]) == holds, $"rule {rule} on event {i}: {holds}, obviously not so");
                }
            }

            log.Add(view);
        }

        log.Complete();
    }

    private static void CheckDiagnostics(ImmutableArray<Diagnostic> diagnostics, string text)
    {
        // YamlDotNet counts any of these as a line end.
        int lines = text.Count(character => character is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 1;
        foreach (Diagnostic diagnostic in diagnostics)
        {
            FuzzFailure.Unless(diagnostic.Line >= 0 && diagnostic.Line <= lines + 1 && diagnostic.Column >= 0, $"no such place: {diagnostic}");
            FuzzFailure.Unless(diagnostic.Message.Length > 0 && diagnostic.Code.Length > 0, "a diagnostic says nothing");
        }
    }

    /// <summary>Is it made of tests that <see cref="ObviousEvaluator"/> reads as the engine does? Not beyond ASCII, where .NET's folding is another, and not on fields that are derived.</summary>
    private static bool IsObvious(Condition condition) => condition switch
    {
        Condition.Constant => true,
        Condition.Not not => IsObvious(not.Of),
        Condition.All all => all.Of.All(IsObvious),
        Condition.Any any => any.Of.All(IsObvious),
        Condition.Field field => IsPlain(field.Path) && IsObvious(field.Test),
        Condition.Keyword keyword => IsObvious(keyword.Test),
        Condition.IsNull isNull => IsPlain(isNull.Path),
        Condition.Exists exists => IsPlain(exists.Path),
        _ => false,
    };

    private static bool IsObvious(ValueTest test) => test switch
    {
        ValueTest.Text text => text.Pattern.Parts.All(part => Ascii.IsValid(part.Text)) && text.Pattern.Parts.Length < 8,
        ValueTest.NumberIs or ValueTest.BooleanIs => true,
        _ => false,
    };

    private static bool IsPlain(string path) => !path.StartsWith("vedette.", StringComparison.Ordinal) && path.Count(character => character == '.') < FieldPathLimit;

    /// <summary>A path has at most 64 names (docs/sigma.md).</summary>
    private const int FieldPathLimit = 64;
}
