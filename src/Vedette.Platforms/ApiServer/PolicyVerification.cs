using System.Collections.Immutable;
using System.Text;
using Vedette.Documents;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Vedette.Policy.Linting;
using Vedette.Policy.Loading;

namespace Vedette.Platforms.ApiServer;

/// <summary>Verifies an audit policy where it lies: that it loads, that the linter finds no error, CIS 3.2.2.</summary>
internal static class PolicyVerification
{
    /// <summary>Verifies the policy that a kube-apiserver is given.</summary>
    public static void Run(ObservedApiServer observed, NodeFiles node, VerifyRequest request, Verdict verdict)
    {
        if (observed.Flag("audit-policy-file") is not { Value.Length: > 0 } flag || observed.OnHost(flag.Value) is not { } path)
        {
            return;
        }

        if (!node.TryRead(path, out string text))
        {
            Missing(flag, path, text, node, verdict);
            return;
        }

        Judge(new Place(node.Shown(path)), text, request.Version, verdict);
        if (observed.PolicyHash is { } hash)
        {
            Place place = new(observed.File);
            string real = ChosenPolicy.HashOf(text);
            if (hash == real)
            {
                verdict.Ok(ApiServerChecks.PolicyCurrent, place, "the pod's annotation has the hash of the policy file");
            }
            else
            {
                verdict.Wrong(
                    ApiServerChecks.PolicyCurrent, place, "the policy file has changed since the pod's annotation was written: it is read once at start, and kubelet restarts the pod only when the manifest changes",
                    $"run setup again, or set the annotation to {real}");
            }
        }
    }

    /// <summary>Judges a policy's text.</summary>
    public static void Judge(Place place, string text, KubernetesVersion version, Verdict verdict)
    {
        LoadedPolicy loaded = PolicyLoader.Load(place.File, Encoding.UTF8.GetBytes(text), version);
        ImmutableArray<Diagnostic> found = PolicyLinter.Lint(loaded, text);
        if (loaded.Policy is null)
        {
            Diagnostic first = found.FirstOrDefault(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ?? new Diagnostic("", DiagnosticSeverity.Error, place.File, 0, 0, loaded.LoadError ?? "");
            verdict.Wrong(ApiServerChecks.PolicyLoads, At(place, first), first.Message, first.Help ?? "see 'vedette policy lint'");
            return;
        }

        verdict.Ok(ApiServerChecks.PolicyLoads, place, $"{loaded.Policy.Rules.Length} rules");
        Diagnostic[] errors = [.. found.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error || diagnostic.Code == LoadProblem.UnknownField)];
        foreach (Diagnostic error in errors)
        {
            verdict.Wrong(ApiServerChecks.PolicySound, At(place, error), $"{error.Code}: {error.Message}", error.Help ?? $"see 'vedette policy lint --explain {error.Code}'");
        }

        if (errors.Length == 0)
        {
            verdict.Ok(ApiServerChecks.PolicySound, place, "'vedette policy lint' finds no error");
        }

        if (found.FirstOrDefault(diagnostic => diagnostic.Code == PolicyChecks.PatchLosesEvent.Id) is { } patch)
        {
            verdict.CannotTell(ApiServerChecks.PolicyPatches, At(place, patch), patch.Message, patch.Help ?? "see 'vedette policy lint --explain VP2050'");
        }

        if (found.FirstOrDefault(diagnostic => diagnostic.Code == PolicyChecks.Cis.Id) is { } cis)
        {
            verdict.Wrong(ApiServerChecks.PolicyCis, At(place, cis), cis.Message, "see 'vedette policy lint --explain VP2060'");
        }
        else
        {
            verdict.Ok(ApiServerChecks.PolicyCis, place, "Secrets, ConfigMaps and TokenReviews at Metadata; changes of workloads, exec and proxying, and the rest recorded");
        }
    }

    private static void Missing(ObservedFlag flag, string path, string why, NodeFiles node, Verdict verdict)
    {
        if (node.HasNode)
        {
            verdict.Wrong(ApiServerChecks.PolicyLoads, new Place(node.Shown(path)), $"{why}; kube-apiserver does not start without its policy", $"put the policy to {path} on every control-plane node before the flag is set");
        }
        else
        {
            verdict.CannotTell(ApiServerChecks.PolicyLoads, flag.Place, $"{path}: {why}", "run this on the node, or give its files by --root");
        }
    }

    /// <summary>The place of a diagnostic; where the policy stands inside another file, that file as a whole.</summary>
    private static Place At(Place place, Diagnostic diagnostic) => place.Line == 0 ? new Place(place.File, diagnostic.Line, diagnostic.Column) : place;
}
