using System.Collections.Immutable;
using System.Text;
using Vedette.Audit.Needs;
using Vedette.Policy.Model;

namespace Vedette.Policy.Deriving;

/// <summary>A derived policy as the file that kube-apiserver reads.</summary>
public static class DerivedPolicyYaml
{
    /// <summary>Most requests named in a sentence.</summary>
    private const int MaxRequests = 5;

    /// <summary>The text.</summary>
    /// <param name="derivation">The rules.</param>
    /// <param name="explain">Say what each rule and its level are there for?</param>
    public static string Write(PolicyDerivation derivation, bool explain)
    {
        StringBuilder yaml = new("# Made by 'vedette policy derive' for detection rules. What changes with the rules changes here: make it anew.\n");
        if (derivation.Rules.Any(rule => rule.Targets.ContainsKey("*")))
        {
            yaml.Append("# Group \"*\" needs Kubernetes 1.36.\n");
        }

        foreach (DerivedLoss loss in derivation.Losses)
        {
            yaml.Append("# Lost: ").Append(OneLine(Sentence(loss))).Append('\n');
        }

        yaml.Append("apiVersion: audit.k8s.io/v1\nkind: Policy\nomitManagedFields: true\nrules:\n");
        foreach (DerivedRule rule in derivation.Rules)
        {
            yaml.Append("  # ").Append(rule.Why).Append('\n');
            foreach (string line in explain ? Explained(rule) : [])
            {
                yaml.Append("  #   ").Append(OneLine(line)).Append('\n');
            }

            yaml.Append("  - level: ").Append(rule.Level).Append('\n');
            if (!rule.Verbs.IsEmpty)
            {
                yaml.Append("    verbs: [").AppendJoin(", ", rule.Verbs).Append("]\n");
            }

            yaml.Append(rule.IsForPaths ? "    nonResourceURLs: [\"*\"]\n" : "").Append(rule.Targets.IsEmpty ? "" : "    resources:\n");
            foreach ((string group, ImmutableArray<string> resources) in rule.Targets)
            {
                yaml.Append("      - group: ").Append(Quoted(group, isPlain: false)).Append("\n        resources: [").AppendJoin(", ", resources.Select(name => Quoted(name, isPlain: true))).Append("]\n");
            }

            yaml.Append(rule.KeepsReceived || rule.Level == AuditLevel.None ? "" : "    omitStages: [RequestReceived]\n").Append(rule is { KeepsManagedFields: true, Level: > AuditLevel.Metadata } ? "    omitManagedFields: false\n" : "");
        }

        return yaml.ToString();
    }

    /// <summary>A loss in a sentence.</summary>
    public static string Sentence(DerivedLoss loss)
    {
        string more = loss.Requests.Length > MaxRequests ? $" and {loss.Requests.Length - MaxRequests} more" : "";
        return $"{loss.Rule.Title} needs {loss.Needed} of {string.Join(", ", loss.Requests.Take(MaxRequests))}{more}, which get {loss.Kept}: {loss.Why}";
    }

    /// <summary>What a rule and its level are there for, a line each.</summary>
    private static IEnumerable<string> Explained(DerivedRule rule)
    {
        if (rule.IsAskedFor && rule.Without.IsNone)
        {
            yield return "Asked for; no detection needs it.";
            yield break;
        }

        if (rule.Without.Guard is { } guard)
        {
            yield return $"Without it {guard}.";
        }

        foreach (RuleNeeds detection in rule.For)
        {
            bool isLostWithout = rule.Without.Lost.Contains(detection);
            bool isLostBelow = rule.Lowered.Lost.Contains(detection);
            yield return $"{detection.Title}{(isLostWithout && isLostBelow ? "" : isLostBelow ? " (its level)" : " (that it stands here)")}";
        }
    }

    /// <summary>Names come from rule files, which may hold anything; what YAML would read as something else than a text is quoted.</summary>
    private static string Quoted(string name, bool isPlain) => isPlain && name.Length > 5 && name.All(letter => char.IsAsciiLetterLower(letter) || letter is '/')
        ? name
        : $"\"{string.Concat(name.Where(letter => letter is not ('"' or '\\') && !char.IsControl(letter)))}\"";

    private static string OneLine(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));
}
