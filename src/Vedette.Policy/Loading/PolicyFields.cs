using System.Collections.Immutable;

namespace Vedette.Policy.Loading;

/// <summary>The members of a policy file (audit.k8s.io/v1, types.go), spelt exactly: Kubernetes' decoder minds upper and lower case.</summary>
internal static class PolicyFields
{
    public static ImmutableArray<string> OfPolicy { get; } = ["apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields"];

    public static ImmutableArray<string> OfRule { get; } =
        ["level", "users", "userGroups", "verbs", "resources", "namespaces", "nonResourceURLs", "omitStages", "omitManagedFields"];

    public static ImmutableArray<string> OfResources { get; } = ["group", "resources", "resourceNames"];

    /// <summary>What to do about an unknown member.</summary>
    /// <param name="name">The member as written.</param>
    /// <param name="known">The members that may stand there.</param>
    public static string Mend(string name, ImmutableArray<string> known)
    {
        if (Nearest(name, known) is { } nearest)
        {
            return $"write {nearest}";
        }

        if (known == OfResources && OfRule.Contains(name, StringComparer.Ordinal))
        {
            return $"{name} belongs to the rule: indent it like 'resources'";
        }

        if (known == OfRule && OfResources.Contains(name, StringComparer.Ordinal))
        {
            return $"{name} belongs into an entry of 'resources'";
        }

        if (known == OfPolicy && OfRule.Contains(name, StringComparer.Ordinal))
        {
            return $"{name} belongs into a rule";
        }

        return $"remove it; here may stand {string.Join(", ", known)}";
    }

    /// <summary>What dropping a member does to the rule it was meant for.</summary>
    public static string Consequence(string name, ImmutableArray<string> known, int? rule)
    {
        string dropped = "kube-apiserver starts, drops it and only logs a warning";
        if (rule is not { } index)
        {
            return dropped;
        }

        string meant = Nearest(name, known) ?? name;
        string? widened = meant switch
        {
            "users" or "userGroups" => "all users",
            "verbs" => "all verbs",
            "namespaces" => "all namespaces",
            "nonResourceURLs" or "resources" when known == OfRule => "all requests that its other fields let through",
            "resources" or "resourceNames" => "the whole API group, or all its names",
            _ => null,
        };
        return widened is null ? dropped : $"{dropped}, so that rules[{index}] is for {widened}";
    }

    private static string? Nearest(string name, ImmutableArray<string> known)
    {
        string? best = known.FirstOrDefault(field => field.Equals(name, StringComparison.OrdinalIgnoreCase));
        return best ?? known.Select(field => (field, distance: Distance(name, field)))
            .Where(pair => pair.distance <= Math.Max(1, pair.field.Length / 4)).OrderBy(pair => pair.distance).Select(pair => pair.field).FirstOrDefault();
    }

    /// <summary>Edits between two names (Levenshtein), case ignored; names longer than 64 characters are far from everything.</summary>
    private static int Distance(string left, string right)
    {
        if (left.Length > 64)
        {
            return int.MaxValue;
        }

        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 0; i < left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < right.Length; j++)
            {
                int substitution = diagonal + (char.ToLowerInvariant(left[i]) == char.ToLowerInvariant(right[j]) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(substitution, Math.Min(row[j], diagonal) + 1);
            }
        }

        return row[^1];
    }
}
