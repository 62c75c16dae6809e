namespace Vedette.Benchmarks.Rules;

/// <summary>
/// The benchmark rules as tables, one rule a line, so that the C++ reference and the product evaluate the same ones. Larger sets are drawn at random, from a seed, in the likeness of the hundred.
/// </summary>
internal static class RuleTable
{
    private static readonly string[] s_verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

    private static readonly string[] s_resources =
    [
        "pods", "secrets", "configmaps", "services", "serviceaccounts", "deployments", "daemonsets", "statefulsets", "jobs", "cronjobs", "ingresses", "endpoints", "events",
        "leases", "nodes", "namespaces", "persistentvolumes", "roles", "rolebindings", "clusterroles", "clusterrolebindings", "validatingwebhookconfigurations",
        "mutatingwebhookconfigurations", "certificatesigningrequests", "tokenreviews", "applications", "kustomizations", "backups",
    ];

    private static readonly string[] s_groups =
        ["system:masters", "system:authenticated", "system:unauthenticated", "oidc:platform-admins", "oidc:developers", "system:nodes", "system:serviceaccounts"];

    private static readonly string[] s_subresources = ["status", "exec", "log", "attach", "portforward", "token", "scale", "ephemeralcontainers", "proxy", "finalizers"];

    private static readonly string[] s_agents = ["kubectl/", "curl/", "python-requests", "Go-http-client", "k9s", "Mozilla", "peirates", "kubernetes-dashboard", "argocd", "Helm/"];

    private static readonly string[] s_words = ["admin", "secret", "token", "debug", "prod", "grant", "backdoor", "miner", "shell", "root", "kube", "proxy"];

    /// <summary>Reads a table.</summary>
    public static RulePredicate[][] Read(string path) =>
        [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => line.Split('\t').Select(RulePredicate.Parse).ToArray())];

    /// <summary>Writes a table.</summary>
    public static void Write(string path, IEnumerable<RulePredicate[]> rules) =>
        File.WriteAllLines(path, rules.Select(rule => string.Join('\t', rule.Select(predicate => predicate.ToString()))));

    /// <summary>Draws rules that look like the hundred: verbs, resources, then one to three other predicates.</summary>
    public static IEnumerable<RulePredicate[]> Draw(int count, int seed)
    {
        Random random = new(seed);
        for (int rule = 0; rule < count; rule++)
        {
            List<RulePredicate> predicates = [new("verb", "in", Some(random, s_verbs, 1, 3)), new("resource", "in", Some(random, s_resources, 1, 3))];
            int others = random.Next(1, 4);
            for (int i = 0; i < others; i++)
            {
                predicates.Add(Other(random));
            }

            yield return [.. predicates];
        }
    }

    /// <summary>Draws rules about resources that no event has.</summary>
    public static IEnumerable<RulePredicate[]> DrawUnrelated(int count, int seed) =>
        Draw(count, seed).Select((rule, index) => rule.Select(predicate => predicate.Field == "resource" ? predicate with { Values = [$"widgets{index}"] } : predicate).ToArray());

    private static RulePredicate Other(Random random) => random.Next(9) switch
    {
        0 => new("code", "in", Some(random, ["200", "201", "403", "404", "409"], 1, 2)),
        1 => new("group", "in", Some(random, s_groups, 1, 1)),
        2 => new("name", "contains", [s_words[random.Next(s_words.Length)] + (random.Next(2) == 0 ? "" : $"-{random.Next(50)}")]),
        3 => new("ns", "in", Namespaces(random, 1, 3)),
        4 => new("ns", "notin", Namespaces(random, 1, 3)),
        5 => new("subresource", "in", Some(random, s_subresources, 1, 1)),
        6 => new("ua", "prefix", Some(random, s_agents, 1, 2)),
        7 => new("user", "notin", [.. Enumerable.Range(0, 60).OrderBy(_ => random.Next()).Take(30).Select(i => $"system:serviceaccount:ns{i}:sa{i}")]),
        _ => new("user", "prefix", [random.Next(2) == 0 ? "oidc:" : $"system:serviceaccount:ns{random.Next(60)}:"]),
    };

    private static string[] Namespaces(Random random, int least, int most) =>
        [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => Data.World.Namespaces[random.Next(Data.World.Namespaces.Length)]).Distinct(StringComparer.Ordinal)];

    private static string[] Some(Random random, string[] from, int least, int most)
    {
        string[] all = [.. from];
        random.Shuffle(all);
        return all[..random.Next(least, most + 1)];
    }
}
