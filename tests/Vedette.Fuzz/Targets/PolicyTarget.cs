using System.Collections.Immutable;
using System.Text;
using Vedette.Documents;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Linting;
using Vedette.Policy.Loading;
using Vedette.Policy.Requests;

namespace Vedette.Fuzz.Targets;

/// <summary>Whatever the text, a policy loads or is refused with a reason; what loads is linted, and compiled it answers as the obvious evaluator.</summary>
internal static class PolicyTarget
{
    private static readonly ImmutableArray<RequestAttributes> s_requests =
    [
        new() { User = new RequestUser("system:serviceaccount:default:app", ["system:serviceaccounts", "system:authenticated"]), Verb = "create", Resource = "pods", Namespace = "default", IsResourceRequest = true, ApiVersion = "v1", Path = "/api/v1/namespaces/default/pods" },
        new() { User = new RequestUser("alice", []), Verb = "get", Resource = "pods", Subresource = "exec", Name = "web", Namespace = "kube-system", IsResourceRequest = true, ApiVersion = "v1", Path = "/api/v1/namespaces/kube-system/pods/web/exec" },
        new() { User = new RequestUser("system:kube-proxy", ["system:nodes"]), Verb = "watch", Resource = "deployments", ApiGroup = "apps", Name = "a", IsResourceRequest = true, ApiVersion = "v1", Path = "/apis/apps/v1/deployments/a" },
        new() { Verb = "get", Path = "/healthz/ping" },
        new() { User = new RequestUser("", [""]), Verb = "", Path = "" },
    ];

    public static void Check(ReadOnlySpan<byte> input)
    {
        LoadedPolicy loaded = PolicyLoader.Load("policy.yaml", input);
        FuzzFailure.Unless(loaded.Policy is null == loaded.LoadError is not null, "a policy is refused without a reason, or taken with one");
        FuzzFailure.Unless(loaded.Policy is not null || loaded.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error), "a policy is refused without a diagnostic");
        string text = Encoding.UTF8.GetString(input);
        int lines = text.Count(character => character is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029') + 1;
        foreach (Diagnostic diagnostic in PolicyLinter.Lint(loaded, text).AddRange(loaded.Diagnostics))
        {
            FuzzFailure.Unless(diagnostic.Line >= 0 && diagnostic.Line <= lines + 1 && diagnostic.Column >= 0, $"no such place: {diagnostic}");
        }

        if (loaded.Policy is { } policy)
        {
            CompiledPolicy compiled = CompiledPolicy.Compile(policy);
            foreach (RequestAttributes request in s_requests)
            {
                FuzzFailure.Unless(compiled.Evaluate(request) == PolicyChecker.Evaluate(policy, request), $"the compiled policy has another answer to {request}");
            }
        }
    }
}
