using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Coverage;

/// <summary>A technique, and the rules that are about it.</summary>
/// <param name="Technique">The technique.</param>
/// <param name="Rules">Rules with a tag for it, for one below it, or for its other name; in order of their titles.</param>
public sealed record TechniqueCoverage(Technique Technique, ImmutableArray<DetectionRule> Rules);

/// <summary>Which techniques rules are about.</summary>
public static class RuleCoverage
{
    /// <summary>Coverage of the Containers matrix of ATT&amp;CK.</summary>
    public static ImmutableArray<TechniqueCoverage> OfAttack(SigmaRuleSet set) => Of(set, AttackMatrix.Techniques, AttackMatrix.Namespace);

    /// <summary>Coverage of the Threat Matrix for Kubernetes.</summary>
    public static ImmutableArray<TechniqueCoverage> OfThreatMatrix(SigmaRuleSet set) => Of(set, ThreatMatrix.Techniques, ThreatMatrix.Namespace);

    private static ImmutableArray<TechniqueCoverage> Of(SigmaRuleSet set, ImmutableArray<Technique> techniques, string space)
    {
        DetectionRule[] rules = [.. set.All.Where(rule => rule.Status is not ("deprecated" or "unsupported")).OrderBy(rule => rule.Title, StringComparer.Ordinal)];
        return [.. techniques.Select(technique => new TechniqueCoverage(technique, [.. rules.Where(rule => rule.Tags.Any(tag => IsAbout(tag, space, technique)))]))];
    }

    private static bool IsAbout(string tag, string space, Technique technique)
    {
        if (!tag.StartsWith(space, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        string name = tag[space.Length..];
        return technique.Tags.Any(own => name.Equals(own, StringComparison.OrdinalIgnoreCase) || (name.StartsWith(own, StringComparison.OrdinalIgnoreCase) && name[own.Length] == '.'));
    }
}
