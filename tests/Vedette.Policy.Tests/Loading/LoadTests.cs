using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Documents;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Xunit;

namespace Vedette.Policy.Tests.Loading;

/// <summary>What Kubernetes 1.36 makes of policy texts: the recorded answers of its own loader.</summary>
public class LoadTests
{
    private static readonly Dictionary<string, JsonElement> s_rows = Tables.Rows("policy-load.json.gz").ToDictionary(row => row.GetProperty("id").GetString()!, StringComparer.Ordinal);

    /// <summary>Texts whose message comes from a YAML scanner or dumps Go values: refused alike, told in our words.</summary>
    private static readonly ImmutableHashSet<string> s_ownWords = ["load-tabs", "load-templated"];

    public static IEnumerable<ITheoryDataRow> Rows() => s_rows.Keys.Select(id => new TheoryDataRow<string>(id));

    public static IEnumerable<ITheoryDataRow> Accepted() => s_rows.Where(row => Tables.TextOrNull(row.Value, "loadError") is null).Select(row => new TheoryDataRow<string>(row.Key));

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_text_is_accepted_or_refused_in_the_words_of_kube_apiserver(string id)
    {
        JsonElement row = s_rows[id];
        LoadedPolicy loaded = Load(row.GetProperty("text").GetString()!);
        string? expected = Tables.TextOrNull(row, "loadError");
        if (s_ownWords.Contains(id))
        {
            Assert.NotNull(loaded.LoadError);
        }
        else
        {
            Assert.Equal(expected, loaded.LoadError);
        }

        Assert.Equal(Tables.TextOrNull(row, "strictError"), loaded.StrictError);
        Assert.Equal(expected is null, loaded.Policy is not null);
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public void An_accepted_text_means_what_kube_apiserver_understands(string id)
    {
        JsonElement row = s_rows[id];
        AuditPolicy policy = Load(row.GetProperty("text").GetString()!).Policy!;
        JsonElement[] rules = [.. row.GetProperty("decodedRules").EnumerateArray()];
        Assert.Equal(rules.Length, policy.Rules.Length);
        Assert.Equal(Tables.Strings(row, "decodedOmitStages"), policy.OmitStages.Values);
        Assert.Equal(row.GetProperty("decodedOmitManagedFields").GetBoolean(), policy.OmitManagedFields?.Value ?? false);
        foreach ((JsonElement expected, PolicyRule rule) in rules.Zip(policy.Rules))
        {
            Assert.Equal(expected.GetProperty("Level").GetString(), rule.Level.ToString());
            Assert.Equal(Tables.Strings(expected, "Users"), rule.Users.Values);
            Assert.Equal(Tables.Strings(expected, "UserGroups"), rule.UserGroups.Values);
            Assert.Equal(Tables.Strings(expected, "Verbs"), rule.Verbs.Values);
            Assert.Equal(Tables.Strings(expected, "Namespaces"), rule.Namespaces.Values);
            Assert.Equal(Tables.Strings(expected, "NonResourceURLs"), rule.NonResourceUrls.Values);
            Assert.Equal(Tables.Strings(expected, "OmitStages"), rule.OmitStages.Values);
            Assert.Equal(expected.TryGetProperty("OmitManagedFields", out JsonElement omit) ? omit.GetBoolean() : null, rule.OmitManagedFields?.Value);
            JsonElement[] entries = expected.TryGetProperty("Resources", out JsonElement resources) ? [.. resources.EnumerateArray()] : [];
            Assert.Equal(entries.Length, rule.Resources.Length);
            foreach ((JsonElement entry, GroupResources own) in entries.Zip(rule.Resources))
            {
                Assert.Equal(entry.GetProperty("Group").GetString(), own.Group.Value);
                Assert.Equal(Tables.Strings(entry, "Resources"), own.Resources.Values);
                Assert.Equal(Tables.Strings(entry, "ResourceNames"), own.ResourceNames.Values);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Whatever_is_wrong_is_told_with_a_place_and_a_mend(string id)
    {
        JsonElement row = s_rows[id];
        LoadedPolicy loaded = Load(row.GetProperty("text").GetString()!);
        Assert.Equal(loaded.LoadError is not null, loaded.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        if (loaded.StrictError is not null && loaded.LoadError is null)
        {
            Assert.Contains(loaded.Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Warning);
        }

        Assert.All(loaded.Diagnostics, diagnostic =>
        {
            Assert.NotEqual(0, diagnostic.Line);
            Assert.NotEqual(0, diagnostic.Column);
            Assert.NotNull(diagnostic.Help);
        });
    }

    [Fact]
    public void Validation_says_what_Kubernetes_says()
    {
        foreach (JsonElement row in Tables.Rows("policy-validation.json.gz"))
        {
            Assert.Equal(Tables.TextOrNull(row, "loadError"), Load(row.GetProperty("policy").GetRawText()).LoadError);
        }
    }

    [Fact]
    public void Positions_point_at_what_is_meant()
    {
        AuditPolicy policy = Tables.Policy("""
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
            - level: None
              users: ["a", b]
              resources:
              - group: apps
                resources:
                - deployments
            """);
        PolicyRule rule = policy.Rules[0];
        Assert.Equal((5, 3), (rule.Line, rule.Column));
        Assert.Equal((5, 10), (rule.LevelText.Line, rule.LevelText.Column));
        Assert.Equal((6, 3), (rule.Users.Line, rule.Users.Column));
        Assert.Equal(new PolicyText("b", 6, 16), rule.Users.Items[1]);
        Assert.Equal((7, 3), rule.ResourcesPlace);
        Assert.Equal(new PolicyText("apps", 8, 12), rule.Resources[0].Group);
        Assert.Equal(new PolicyText("deployments", 10, 7), rule.Resources[0].Resources.Items[0]);
        Assert.Equal((3, 1), (policy.OmitStages.Line, policy.OmitStages.Column));
    }

    [Theory]
    [InlineData("users: [yes]", "failed decoding: json: cannot unmarshal bool into Go struct field PolicyRule.rules.users of type string")]
    [InlineData("users: [y]", "failed decoding: json: cannot unmarshal bool into Go struct field PolicyRule.rules.users of type string")]
    [InlineData("users: alice", "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.users of type []string")]
    [InlineData("users: {a: b}", "failed decoding: json: cannot unmarshal object into Go struct field PolicyRule.rules.users of type []string")]
    [InlineData("namespaces: [010]", "failed decoding: json: cannot unmarshal number into Go struct field PolicyRule.rules.namespaces of type string")]
    [InlineData("omitManagedFields: \"true\"", "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.omitManagedFields of type bool")]
    [InlineData("resources: [pods]", "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.resources of type v1.GroupResources")]
    [InlineData("users: [2020-01-01, 12:30, 1.2.3, 0x, 1e999]", null)]
    [InlineData("users: !!str 1", "failed decoding: json: cannot unmarshal string into Go struct field PolicyRule.rules.users of type []string")]
    [InlineData("users: [!!str 1]", null)]
    public void Values_have_the_types_that_Kubernetes_sees_in_them(string line, string? error)
    {
        Assert.Equal(error, Load($"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  {line}\n").LoadError);
    }

    [Fact]
    public void Of_wrong_types_the_first_by_name_is_told_since_YAML_becomes_JSON_by_way_of_a_sorted_map()
    {
        Assert.Equal(
            "failed decoding: json: cannot unmarshal number into Go struct field PolicyRule.rules.level of type v1.Level",
            Load("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- verbs: get\n  level: 1\n").LoadError);
    }

    [Fact]
    public void Only_the_first_document_counts_and_that_is_told()
    {
        LoadedPolicy loaded = Load("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n---\nthis: [is broken\n");
        Assert.NotNull(loaded.Policy);
        Assert.Null(loaded.StrictError);
        Diagnostic told = Assert.Single(loaded.Diagnostics);
        Assert.Equal((LoadProblem.MoreDocuments, 5), (told.Code, told.Line));
    }

    [Fact]
    public void Older_versions_of_Kubernetes_refuse_the_group_wildcard()
    {
        const string text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  resources:\n  - group: \"*\"\n";
        Assert.Null(Load(text).LoadError);
        Assert.StartsWith("rules[0].resources.group: Invalid value: \"*\": a lowercase RFC 1123 subdomain", Load(text, 35).LoadError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1beta1", 36, false)]
    [InlineData("v1beta1", 24, false)]
    [InlineData("v1beta1", 23, true)]
    [InlineData("v1alpha1", 23, true)]
    public void The_old_API_versions_load_until_1_24(string apiVersion, int minor, bool loads)
    {
        LoadedPolicy loaded = Load($"apiVersion: audit.k8s.io/{apiVersion}\nkind: Policy\nrules:\n- level: Metadata\n", minor);
        Assert.Equal(loads, loaded.Policy is not null);
    }

    [Fact]
    public void A_merge_key_after_a_member_wins_over_it()
    {
        // go-yaml v2 sets members one after the other; YAML 1.1 would keep the map's own.
        AuditPolicy policy = Tables.Policy("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- &a\n  level: Metadata\n- level: None\n  <<: *a\n");
        Assert.Equal(AuditLevel.Metadata, policy.Rules[1].Level);
    }

    [Fact]
    public void A_rules_list_twice_in_JSON_is_decoded_over_the_first()
    {
        // Go's decoder reuses the elements of the slice it has: the second list's rule keeps the first one's verbs.
        AuditPolicy policy = Tables.Policy("""{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"None","verbs":["get"]}],"rules":[{"level":"Metadata"}]}""");
        Assert.Equal(AuditLevel.Metadata, policy.Rules[0].Level);
        Assert.Equal(["get"], policy.Rules[0].Verbs.Values);
    }

    [Fact]
    public void A_misspelt_key_is_told_with_what_the_rule_then_does()
    {
        Diagnostic told = Assert.Single(Load("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  nonResourceURLS: [/healthz]\n").Diagnostics);
        Assert.Equal(LoadProblem.UnknownField, told.Code);
        Assert.Equal((5, 3), (told.Line, told.Column));
        Assert.Contains("rules[0] is for all requests", told.Message, StringComparison.Ordinal);
        Assert.Equal("write nonResourceURLs", told.Help);
    }

    [Fact]
    public void No_bytes_make_the_loader_throw()
    {
        byte[] seed = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- &a {level: Metadata, users: [\"x\", 'y'], <<: *a}\n- <<: [*a]\n  verbs: !!binary aGk=\n"u8.ToArray();
        Gen.Select(Gen.Int[0, seed.Length - 1], Gen.Byte, Gen.Int[0, seed.Length]).Array[0, 6].Sample(edits =>
        {
            byte[] bytes = [.. seed];
            foreach ((int at, byte value, int length) in edits)
            {
                if (at < bytes.Length)
                {
                    bytes[at] = value;
                }

                bytes = length < 8 ? bytes[..Math.Max(1, bytes.Length - length)] : bytes;
            }

            LoadedPolicy loaded = PolicyLoader.Load("x", bytes);
            Assert.Equal(loaded.Policy is null, loaded.LoadError is not null);
        });
    }

    private static LoadedPolicy Load(string text, int minor = 36) => PolicyLoader.Load("policy.yaml", Encoding.UTF8.GetBytes(text), new KubernetesVersion(minor));
}
