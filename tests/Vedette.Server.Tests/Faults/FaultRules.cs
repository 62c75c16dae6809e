using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;
using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>
/// Rules of every kind of memory: none, a window that counts, terms that are new, findings that are folded. Each fires once for each user of <see cref="ApiServerDouble"/>, whose second batch adds to what the first began:
/// who forgets what was before a crash tells too much or too little.
/// </summary>
internal static class FaultRules
{
    public const string Read = "6b1c3b3e-0000-4000-8000-000000000001";
    public const string Counted = "6b1c3b3e-0000-4000-8000-000000000003";
    public const string New = "6b1c3b3e-0000-4000-8000-000000000004";
    public const string Folded = "6b1c3b3e-0000-4000-8000-000000000005";

    private const string Text = $"""
        title: Secret read
        id: {Read}
        logsource: {"{product: kubernetes, service: audit}"}
        detection: {"{s: {verb: get, objectRef.resource: secrets}, condition: s}"}
        level: high
        ---
        title: ConfigMaps listed (counted)
        id: 6b1c3b3e-0000-4000-8000-000000000002
        name: listed
        logsource: {"{product: kubernetes, service: audit}"}
        detection: {"{s: {verb: list, objectRef.resource: configmaps}, condition: s}"}
        level: informational
        ---
        title: ConfigMaps listed often
        id: {Counted}
        correlation:
            type: event_count
            rules: [listed]
            group-by: [user.username]
            timespan: 2d
            condition: {"{gte: 6}"}
        level: medium
        ---
        title: First pod of a user
        id: {New}
        logsource: {"{product: kubernetes, service: audit}"}
        detection: {"{s: {verb: create, objectRef.resource: pods}, condition: s}"}
        level: low
        vedette:
            new_terms: {"{fields: [user.username], window: 60d}"}
        ---
        title: Secrets deleted
        id: {Folded}
        logsource: {"{product: kubernetes, service: audit}"}
        detection: {"{s: {verb: delete, objectRef.resource: secrets}, condition: s}"}
        level: high
        vedette:
            suppress: {"{by: [user.username], for: 2d}"}
        """;

    /// <summary>The rules that fire once for each user.</summary>
    public static readonly string[] All = [Read, Counted, New, Folded];

    /// <summary>Titles of the same.</summary>
    public static readonly string[] Titles = ["Secret read", "ConfigMaps listed often", "First pod of a user", "Secrets deleted"];

    /// <summary>The rules, compiled once: they hold no state.</summary>
    public static CompiledRules Compiled { get; } = Compile();

    private static CompiledRules Compile()
    {
        SigmaRuleSet rules = SigmaLoader.Load([new SigmaFile("faults.yml", Text)], new SigmaOptions());
        Assert.Empty(rules.Diagnostics);
        return CompiledRules.Compile(rules);
    }
}
