using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Engine;

/// <summary>
/// Which rules an event can concern, by its verb and resource. From each rule's condition follow the verbs and resources without which it cannot hold; where nothing follows the
/// rule is in every bucket. Exact: a rule left out could not have matched.
/// </summary>
internal sealed class RuleIndex
{
    /// <summary>Most buckets; with more the verbs are not told apart.</summary>
    public const int MaxBuckets = 1 << 16;

    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _verbs;
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> _resources;
    private readonly int _resourceCount;
    private readonly int[][] _buckets;

    private RuleIndex(Dictionary<byte[], int> verbs, Dictionary<byte[], int> resources, int[][] buckets, int[] all)
    {
        _verbs = verbs.GetAlternateLookup<ReadOnlySpan<byte>>();
        _resources = resources.GetAlternateLookup<ReadOnlySpan<byte>>();
        _resourceCount = resources.Count + 1;
        _buckets = buckets;
        All = all;
    }

    /// <summary>All rules.</summary>
    public int[] All { get; }

    /// <summary>Builds the index; place 0 of verbs and of resources is for all that no rule names.</summary>
    public static RuleIndex Build(ImmutableArray<DetectionRule> rules)
    {
        ImmutableHashSet<string>?[] verbs = [.. rules.Select(rule => Needed(rule.Condition, VerbsOf))];
        ImmutableHashSet<string>?[] resources = [.. rules.Select(rule => Needed(rule.Condition, ResourcesOf))];
        string[] verbNames = Names(verbs);
        string[] resourceNames = Names(resources);
        if ((verbNames.Length + 1L) * (resourceNames.Length + 1L) > MaxBuckets)
        {
            Array.Clear(verbs);
            verbNames = [];
        }

        int[][] buckets = new int[(verbNames.Length + 1) * (resourceNames.Length + 1)][];
        for (int verb = 0; verb <= verbNames.Length; verb++)
        {
            for (int resource = 0; resource <= resourceNames.Length; resource++)
            {
                buckets[verb * (resourceNames.Length + 1) + resource] =
                [
                    .. Enumerable.Range(0, rules.Length).Where(rule =>
                        IsIn(verbs[rule], verb == 0 ? null : verbNames[verb - 1]) && IsIn(resources[rule], resource == 0 ? null : resourceNames[resource - 1])),
                ];
            }
        }

        return new RuleIndex(Places(verbNames), Places(resourceNames), buckets, [.. Enumerable.Range(0, rules.Length)]);
    }

    /// <summary>The rules that can match this event.</summary>
    public ReadOnlySpan<int> Candidates(in EventView view)
    {
        JsonValue verb = view[AuditField.Verb];
        JsonValue resource = view[AuditField.ObjectResource];
        if (view.IsIrregular || verb.Kind is JsonKind.Array or JsonKind.Object || resource.Kind is JsonKind.Array or JsonKind.Object)
        {
            return All;
        }

        return _buckets[Place(_verbs, verb) * _resourceCount + Place(_resources, resource)];
    }

    private static int Place(Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> names, JsonValue value)
    {
        // Longer than any verb or resource of Kubernetes (a DNS label has 63 bytes): no rule's literal is looked for there in vain, it just lands in no bucket.
        const int MaxLength = 256;
        if (value.Raw.Length > MaxLength)
        {
            return 0;
        }

        Span<byte> plain = stackalloc byte[MaxLength];
        Span<byte> folded = stackalloc byte[MaxLength * CaseFolding.MaxGrowth];
        int length = value.Kind == JsonKind.String ? JsonText.Unescape(value.Raw, plain) : value.Raw.Length;
        if (value.Kind != JsonKind.String)
        {
            value.Raw.CopyTo(plain);
        }

        return names.TryGetValue(folded[..CaseFolding.Fold(plain[..length], folded)], out int place) ? place : 0;
    }

    private static bool IsIn(ImmutableHashSet<string>? needed, string? name) => needed is null || (name is not null && needed.Contains(name));

    private static string[] Names(ImmutableHashSet<string>?[] needed) =>
        [.. needed.Where(names => names is not null).SelectMany(names => names!).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static Dictionary<byte[], int> Places(string[] names)
    {
        Dictionary<byte[], int> places = new(Utf8Comparer.Instance);
        for (int i = 0; i < names.Length; i++)
        {
            places.Add(Convert.FromHexString(names[i]), i + 1);
        }

        return places;
    }

    /// <summary>The values, one of which must be there for the condition to hold; null when nothing follows.</summary>
    private static ImmutableHashSet<string>? Needed(Condition condition, Func<Condition, ImmutableHashSet<string>?> ofLeaf)
    {
        switch (condition)
        {
            case Condition.All all:
                // Any one of the parts is necessary; the smallest set tells most.
                return all.Of.Select(part => Needed(part, ofLeaf)).Where(names => names is not null).MinBy(names => names!.Count);
            case Condition.Any any:
                ImmutableHashSet<string> together = [];
                foreach (Condition part in any.Of)
                {
                    if (Needed(part, ofLeaf) is not { } names)
                    {
                        return null;
                    }

                    together = together.Union(names);
                }

                return together;
            case Condition.Constant { Value: false }:
                return [];
            default:
                return ofLeaf(condition);
        }
    }

    private static ImmutableHashSet<string>? VerbsOf(Condition leaf)
    {
        if (Literal(leaf, "verb") is { } verb)
        {
            return [Key(verb)];
        }

        return Literal(leaf, "vedette.operation")?.ToUpperInvariant() switch
        {
            // Several verbs stand for these, see docs/fields.md.
            null or "EXEC" or "ATTACH" or "PORTFORWARD" or "PROXY" => null,
            "CREATE" => [Key("create"), Key("patch")],
            { } operation => [Key(operation)],
        };
    }

    private static ImmutableHashSet<string>? ResourcesOf(Condition leaf)
    {
        if (Literal(leaf, "objectRef.resource") is { } resource)
        {
            return [Key(resource)];
        }

        return Literal(leaf, "vedette.resource") is { } path ? [Key(path.Split('/')[0])] : null;
    }

    private static string? Literal(Condition leaf, string path) =>
        leaf is Condition.Field { Test: ValueTest.Text { Pattern.IsLiteral: true } text } field && field.Path == path ? text.Pattern.LiteralText : null;

    // Folded bytes as hexadecimal text: sets of texts are easier to join than sets of arrays.
    private static string Key(string name) => Convert.ToHexString(CaseFolding.Fold(name));
}
