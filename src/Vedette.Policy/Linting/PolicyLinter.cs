using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Reachability;

namespace Vedette.Policy.Linting;

/// <summary>Looks for what is wrong with a policy though kube-apiserver takes it, besides what loading told already.</summary>
public static class PolicyLinter
{
    /// <summary>Lints a policy.</summary>
    /// <param name="loaded">What loading made of it; of a policy that kube-apiserver refuses only that is told.</param>
    /// <param name="text">Its text, for the comments in it.</param>
    /// <param name="space">The requests that there can be; those of Kubernetes 1.36 when left out.</param>
    /// <returns>In order of the text, what comments ask to ignore left out.</returns>
    public static ImmutableArray<Diagnostic> Lint(LoadedPolicy loaded, string text, RequestSpace? space = null) =>
        Lint(loaded, text, loaded.Policy is { } policy ? RuleReachability.Of(policy, space ?? RequestSpace.Kubernetes) : []);

    /// <summary>Lints a policy of which is known what its rules decide.</summary>
    /// <param name="loaded">What loading made of it; of a policy that kube-apiserver refuses only that is told.</param>
    /// <param name="text">Its text, for the comments in it.</param>
    /// <param name="reached">What each of its rules decides.</param>
    /// <returns>In order of the text, what comments ask to ignore left out.</returns>
    public static ImmutableArray<Diagnostic> Lint(LoadedPolicy loaded, string text, ImmutableArray<RuleReachability> reached)
    {
        if (loaded.Policy is not { } policy)
        {
            return loaded.Diagnostics;
        }

        Report report = new(policy);
        foreach (PolicyRule rule in policy.Rules)
        {
            ValueChecks.Run(rule, report);
            IdentityChecks.Run(rule, report);
        }

        OrderChecks.Run(policy, reached, report);
        LeakChecks.Run(policy, report);
        BlindnessChecks.Run(policy, report);
        VolumeChecks.Run(policy, report);
        CisCheck.Run(policy, report);
        return new IgnoreComments(policy, text).Apply([.. loaded.Diagnostics, .. report.Found]);
    }
}
