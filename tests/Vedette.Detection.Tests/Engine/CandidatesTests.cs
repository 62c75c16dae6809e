using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

/// <summary>Large random rule sets: what is left out must not have mattered, neither for matches nor for blindness.</summary>
public class CandidatesTests
{
    private static readonly Dictionary<string, string[]> s_values = new()
    {
        ["verb"] = ["get", "CREATE", "patch", "delete"],
        ["objectRef.resource"] = ["pods", "Secrets", "roles"],
        ["objectRef.subresource"] = ["exec", "log"],
        ["objectRef.namespace"] = ["default", "kube-system", "stra\u00dfe"],
        ["objectRef.name"] = ["web-1", "WEB-2", "token", "kelvin", "a-b-c"],
        ["user.username"] = ["alice", "Alice", "system:node:n1", "\u212Aelvin"],
        ["user.groups"] = ["devs", "Admins", "system:masters"],
        ["user.extra.scopes"] = ["a", "b"],
        ["userAgent"] = ["kubectl/v1.36", "curl/8", "Helm/3"],
        ["sourceIPs"] = ["10.0.0.1", "8.8.8.8"],
        ["requestURI"] = ["/api/v1/pods", "/apis/x?dryRun=All", "/api/v1/Secrets/token"],
        ["responseStatus.code"] = ["200", "201", "403"],
        ["annotations.authorization.k8s.io/decision"] = ["allow", "forbid"],
        ["annotations.note"] = ["a", "b"],
        ["requestObject.spec.image"] = ["web:1", "miner", "debug-shell", "WEB:2"],
        ["requestObject.kind"] = ["Pod", "Role"],
    };

    private static readonly string[] s_derived =
    [
        "vedette.operation", "vedette.resource", "vedette.actor", "vedette.actor.kind", "vedette.actor.namespace", "vedette.impersonated", "vedette.source.isPublic",
        "vedette.userAgent.product", "vedette.success", "vedette.dryRun", "vedette.path", "vedette.object.kind", "vedette.podSpec.images",
    ];

    // Of a program with so long a name nothing is remembered.
    private static readonly string s_longAgent = "kubectl/" + new string('9', KeyedHash.MaxLength);

    private static readonly Gen<Condition> s_leaf =
        from path in Gen.OneOf(s_values.Keys.ToArray())
        from value in Gen.OneOf(s_values[path])
        from start in Gen.Int[0, value.Length - 1]
        from length in Gen.Int[1, value.Length - start]
        from form in Gen.Int[0, 6]
        from cased in Gen.Bool
        select (Condition)(form switch
        {
            0 => new Condition.IsNull(path),
            1 => new Condition.Exists(path),
            2 => Text(path, value[start..(start + length)], TextPosition.Anywhere, cased),
            3 => Text(path, value[..length], TextPosition.Start, false),
            4 => Text(path, value[start..], TextPosition.End, false),
            _ => Text(path, value, TextPosition.Whole, cased && form == 5),
        });

    private static readonly Gen<Condition> s_derivedLeaf = Gen.Select(Gen.OneOf(s_derived), Gen.OneOf("create", "pods", "true", "alice", "user", "web", "kubectl", "Pod", "/api*", "*o*")).Select(
        (path, text) => (Condition)new Condition.Field(path, new ValueTest.Text(SigmaText.Parse(text), false)));

    private static readonly Gen<Condition> s_anyLeaf = Gen.OneOf<Condition>(s_leaf, s_leaf, s_derivedLeaf);

    private static readonly Gen<Condition> s_reference = Gen.Select(Gen.OneOf(s_values.Keys.ToArray()), Gen.OneOf(s_values.Keys.ToArray()), Gen.Bool).Select(
        (one, other, cased) => (Condition)new Condition.FieldReference(one, other, TextPosition.Anywhere, cased));

    private static readonly Gen<Condition> s_expression = Gen.Select(Gen.OneOf(s_values.Keys.ToArray()), Gen.OneOf("^(?=a).*c$", "[a-k]+", "(?<!o)k", "^.?e")).Select(
        (path, text) => (Condition)new Condition.Field(path, new ValueTest.Matches(text, RegexOptions.None)));

    private static readonly Gen<Condition> s_leafOfEveryKind = Gen.OneOf<Condition>(s_anyLeaf, s_anyLeaf, Gen.Bool.Select(value => (Condition)new Condition.Constant(value)), s_reference, s_expression);

    private static readonly Gen<string> s_event =
        from shape in Gen.Int[0, (1 << 18) - 1]
        from picks in Gen.Int[0, 59].Array[20]
        select Write(shape, picks);

    [Fact]
    public void Matches_and_blindness_are_those_of_the_obvious_reading_of_every_rule() => Gen.Select(Rules(s_leaf, 400), s_event.Array[4]).Sample(
        (conditions, events) =>
        {
            CompiledRules rules = Compile(conditions);
            RuleEvaluator evaluator = new(rules);
            EventDecoder decoder = new();
            long[] blind = new long[conditions.Length];
            foreach (string json in Repeated(events))
            {
                using JsonDocument document = JsonDocument.Parse(json);
                int[] expected = [.. Enumerable.Range(0, conditions.Length).Where(rule => ObviousEvaluator.Holds(conditions[rule], document.RootElement))];
                for (int rule = 0; rule < conditions.Length; rule++)
                {
                    blind[rule] += !expected.Contains(rule) && Judge(conditions[rule], document.RootElement) is null ? 1 : 0;
                }

                Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(json), rules.Fields, out EventView view));
                Assert.Equal(expected, evaluator.Evaluate(view));
            }

            Assert.Equal(blind, evaluator.Blind.ToArray());
        },
        iter: 20);

    [Fact]
    public void Matches_and_blindness_are_the_same_whether_or_not_rules_are_left_out() =>
        Gen.Select(Rules(s_anyLeaf, 1_500), s_event.Array[10]).Sample(
            (conditions, events) =>
            {
                CompiledRules rules = Compile(conditions);
                RuleEvaluator fast = new(rules);
                RuleEvaluator slow = new(rules);
                EventDecoder few = new();
                EventDecoder all = new();
                foreach (string json in Repeated(events))
                {
                    byte[] bytes = Encoding.UTF8.GetBytes(json);
                    Assert.Equal(DecodeStatus.Ok, few.Decode(bytes, rules.Fields, out EventView view));
                    Assert.Equal(DecodeStatus.Ok, all.Decode(bytes, out EventView whole));
                    Assert.Equal(slow.EvaluateAll(whole), fast.Evaluate(view));
                }

                Assert.Equal(slow.Matched.ToArray(), fast.Matched.ToArray());
                Assert.Equal(slow.Blind.ToArray(), fast.Blind.ToArray());
            },
            iter: 30);

    [Fact]
    public void What_filters_keep_from_matching_is_the_same_whether_or_not_rules_are_left_out() =>
        Gen.Select(Rules(s_anyLeaf, 400), Rules(s_anyLeaf, CandidateIndex.MaxFilters + 20), Gen.Int[0, CandidateIndex.MaxFilters + 19].Array[0, 3].Array[400], s_event.Array[10]).Sample(
            (conditions, others, picks, events) =>
            {
                RuleFilter[] filters = [.. others.Select((condition, place) => new RuleFilter { Id = $"{place}", Name = $"{place}", Title = $"{place}", Condition = new Condition.Not(condition) })];
                CompiledRules rules = CompiledRules.Compile(conditions.Select(
                    (condition, rule) => Events.Rule(condition, $"rule {rule}") with { Filters = [.. picks[rule].Select(place => filters[place])] }));
                RuleEvaluator fast = new(rules);
                RuleEvaluator slow = new(rules);
                EventDecoder decoder = new();
                foreach (string json in Repeated(events))
                {
                    Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(json), out EventView view));
                    Assert.Equal(slow.EvaluateAll(view), fast.Evaluate(view));
                }

                Assert.Equal(slow.Matched.ToArray(), fast.Matched.ToArray());
                Assert.Equal(slow.Blind.ToArray(), fast.Blind.ToArray());
                Assert.All(Enumerable.Range(0, conditions.Length), rule => Assert.Equal(slow.Suppressed(rule).ToArray(), fast.Suppressed(rule).ToArray()));
            },
            iter: 30);

    [Fact]
    public void Threads_that_tell_each_other_what_they_have_worked_out_find_what_the_obvious_reading_finds() =>
        Gen.Select(
            Rules(s_leafOfEveryKind, 400), Rules(s_leafOfEveryKind, CandidateIndex.MaxFilters + 20), Gen.Int[0, CandidateIndex.MaxFilters + 19].Array[0, 3].Array[400], s_event.Array[12]).Sample(
            (conditions, others, picks, events) =>
            {
                RuleFilter[] filters = [.. others.Select((condition, place) => new RuleFilter { Id = $"{place}", Name = $"{place}", Title = $"{place}", Condition = new Condition.Not(condition) })];
                CompiledRules rules = CompiledRules.Compile(conditions.Select(
                    (condition, rule) => Events.Rule(condition, $"rule {rule}") with { Filters = [.. picks[rule].Select(place => filters[place])] }));
                byte[][] all = [.. Repeated(events).Select(Encoding.UTF8.GetBytes)];
                RuleEvaluator obvious = new(rules);
                EventDecoder decoder = new();
                int[][] expected = [.. all.Select(json =>
                {
                    decoder.Decode(json, out EventView view);
                    return obvious.EvaluateAll(view).ToArray();
                })];

                SharedFacets shared = new(rules);
                RuleEvaluator[] evaluators = [.. Enumerable.Range(0, 3).Select(_ => new RuleEvaluator(rules, shared.NewMemories()))];
                ConcurrentBag<string> wrong = [];
                Thread[] threads = [.. evaluators.Select((evaluator, number) => new Thread(() =>
                {
                    EventDecoder own = new();
                    for (int i = 0; i < all.Length; i++)
                    {
                        int place = (i + (number * 7)) % all.Length;
                        own.Decode(all[place], number == 0 ? FieldSet.All : rules.Fields, out EventView view);
                        if (!evaluator.Evaluate(view).SequenceEqual(expected[place]))
                        {
                            wrong.Add(Encoding.UTF8.GetString(all[place]));
                        }
                    }
                }))];
                Array.ForEach(threads, thread => thread.Start());
                Array.ForEach(threads, thread => thread.Join());
                Assert.Empty(wrong);
                Assert.All(evaluators, evaluator =>
                {
                    Assert.Equal(obvious.Matched.ToArray(), evaluator.Matched.ToArray());
                    Assert.Equal(obvious.Blind.ToArray(), evaluator.Blind.ToArray());
                    Assert.All(Enumerable.Range(0, conditions.Length), rule => Assert.Equal(obvious.Suppressed(rule).ToArray(), evaluator.Suppressed(rule).ToArray()));
                });
            },
            iter: 20, threads: 1);

    [Fact]
    public void An_expression_that_ran_out_of_time_is_no_answer_to_be_remembered()
    {
        RuleEvaluator evaluator = new(Compile([new Condition.All([
            Text("verb", "get", TextPosition.Whole, false), new Condition.Field("objectRef.name", new ValueTest.Matches("^(?=a)(a+)+$", RegexOptions.None))])]));
        EventDecoder decoder = new();
        for (int i = 1; i <= 4; i++)
        {
            decoder.Decode(Encoding.UTF8.GetBytes($$$"""{"verb":"get","objectRef":{"name":"{{{new string('a', 40)}}}!"}}"""), out EventView view);
            Assert.Empty(evaluator.Evaluate(view));
            Assert.Equal(i, evaluator.RegexTimeouts);
        }
    }

    [Fact]
    public void Every_derived_field_follows_from_the_fields_that_it_says() => s_event.Sample(
        json =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            foreach (string path in DerivedFields.Paths)
            {
                FieldPath field = FieldPath.Parse(path);
                Assert.Equal(Read(field, bytes, FieldSet.All), Read(field, bytes, field.Inputs!.Value));
            }
        },
        iter: 1_000);

    [Fact]
    public void A_field_that_is_read_from_a_body_is_missing_where_there_is_none()
    {
        string[] paths = [.. DerivedFields.Paths.Where(path => BodyNeedsOf.Path(path) != BodyNeeds.None)];
        Assert.Contains("vedette.rbac.grants", paths);
        FieldResolver resolver = new([.. paths.Select(FieldPath.Parse)]);
        EventDecoder decoder = new();
        foreach (string resource in (string[])["pods", "cronjobs", "roles", "clusterrolebindings", "certificatesigningrequests", "secrets"])
        {
            foreach (string verb in (string[])["create", "patch", "delete"])
            {
                byte[] json = Encoding.UTF8.GetBytes($$$"""{"verb":"{{{verb}}}","objectRef":{"resource":"{{{resource}}}"},"annotations":{"a":"b"}}""");
                decoder.Decode(json, out EventView view);
                resolver.Begin();
                for (int field = 0; field < paths.Length; field++)
                {
                    Range values = resolver.Resolve(field, view, out bool exists);
                    Assert.True(values.Start.Equals(values.End) && !exists, paths[field]);
                }
            }
        }
    }

    [Fact]
    public void A_value_too_long_to_be_remembered_is_asked()
    {
        string agent = new('a', KeyedHash.MaxLength);
        CompiledRules rules = Compile(
        [
            new Condition.All([Text("verb", "get", TextPosition.Whole, false), Text("userAgent", "z", TextPosition.End, false)]),
            new Condition.All([Text("verb", "get", TextPosition.Whole, false), new Condition.Not(Text("userAgent", "z", TextPosition.End, false))]),
            new Condition.All([Text("verb", "list", TextPosition.Whole, false), Text("userAgent", "a", TextPosition.Start, false)]),
        ]);
        RuleEvaluator evaluator = new(rules);
        EventDecoder decoder = new();
        for (int pass = 0; pass < 4; pass++)
        {
            Assert.Equal([0], Evaluate(agent + "z"));
            Assert.Equal([1], Evaluate(agent + "y"));
            Assert.Equal([1], Evaluate("short"));
        }

        int[] Evaluate(string userAgent)
        {
            decoder.Decode(Encoding.UTF8.GetBytes($$"""{"verb":"get","userAgent":"{{userAgent}}"}"""), rules.Fields, out EventView view);
            return [.. evaluator.Evaluate(view)];
        }
    }

    private static string[] Read(FieldPath field, byte[] json, FieldSet wanted)
    {
        FieldResolver resolver = new([field]);
        resolver.Begin();
        new EventDecoder().Decode(json, wanted, out EventView view);
        Range values = resolver.Resolve(0, view, out _);
        List<string> texts = [];
        for (int value = values.Start.Value; value < values.End.Value; value++)
        {
            texts.Add(Encoding.UTF8.GetString(resolver.TextOf(value, view)));
        }

        return [.. texts];
    }

    private static Gen<Condition[]> Rules(Gen<Condition> leaf, int count)
    {
        Gen<Condition> part = Gen.OneOf<Condition>(leaf, leaf, leaf.Select(of => (Condition)new Condition.Not(of)), leaf.Array[2, 4].Select(of => (Condition)new Condition.Any([.. of])));
        Gen<Condition> all = part.Array[1, 4].Select(of => (Condition)new Condition.All([.. of]));
        return Gen.OneOf<Condition>(all, all, all, all.Array[1, 2].Select(of => (Condition)new Condition.Any([.. of])), all.Select(of => (Condition)new Condition.Not(of))).Array[count];
    }

    private static CompiledRules Compile(Condition[] conditions) => CompiledRules.Compile(conditions.Select((condition, index) => Events.Rule(condition, $"rule {index}")));

    // What comes again is remembered from the second time on, and answered from memory from the third.
    private static IEnumerable<string> Repeated(string[] events) => Enumerable.Repeat(events, 4).SelectMany(all => all);

    private static Condition.Field Text(string path, string text, TextPosition position, bool cased) =>
        new Condition.Field(path, new ValueTest.Text(SigmaText.Place(TextPattern.Literal(text), position), cased));

    /// <summary>Kleene's logic, null for unknown: a body is hidden at level Metadata where a write has completed.</summary>
    private static bool? Judge(Condition condition, JsonElement root)
    {
        switch (condition)
        {
            case Condition.Not not:
                return !Judge(not.Of, root);
            case Condition.All all:
                bool?[] parts = [.. all.Of.Select(part => Judge(part, root))];
                return parts.Contains(false) ? false : parts.Contains(null) ? null : true;
            case Condition.Any any:
                bool?[] options = [.. any.Of.Select(part => Judge(part, root))];
                return options.Contains(true) ? true : options.Contains(null) ? null : false;
            default:
                bool holds = ObviousEvaluator.Holds(condition, root);
                string path = condition switch
                {
                    Condition.Field field => field.Path,
                    Condition.IsNull isNull => isNull.Path,
                    _ => ((Condition.Exists)condition).Path,
                };
                return !holds && path.StartsWith("requestObject.", StringComparison.Ordinal) && HidesBody(root) ? null : holds;
        }
    }

    private static bool HidesBody(JsonElement root)
    {
        string? Member(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return Member(root, "level") == "Metadata" && Member(root, "verb") is "create" or "patch" or "delete"
            && !(root.TryGetProperty("objectRef", out JsonElement reference) && Member(reference, "subresource") is "exec" or "log")
            && !(root.TryGetProperty("responseStatus", out JsonElement status) && status.GetProperty("code").GetInt32() == 403);
    }

    private static string Write(int shape, int[] picks)
    {
        int next = 0;
        string Pick(params string[] from) => from[picks[next++ % picks.Length] % from.Length];
        List<string> members = ["\"stage\":\"ResponseComplete\""];
        void Add(Func<string> member)
        {
            shape >>= 1;
            if ((shape & 1) == 0)
            {
                members.Add(member());
            }
        }

        bool isMetadata = picks[^1] % 2 == 0;
        members.Add(isMetadata ? "\"level\":\"Metadata\"" : "\"level\":\"Request\"");
        Add(() => $"\"requestURI\":\"{Pick("/api/v1/pods", "/apis/X?dryRun=All", "/api/v1/secrets/token%20x", "/other")}\"");
        Add(() => $"\"verb\":{Pick("\"get\"", "\"create\"", "\"patch\"", "\"delete\"", "\"\\u0067et\"", "null", "[\"get\",\"create\"]")}");
        Add(() => $"\"user\":{{\"username\":{Pick("\"alice\"", "\"ALICE\"", "\"system:node:n1\"", "\"kelvin\"", "\"system:serviceaccount:a:b\"", "1")},"
            + $"\"groups\":{Pick("[]", "[\"devs\"]", "[\"admins\",\"system:masters\"]", "null", "\"devs\"")},\"extra\":{{\"scopes\":{Pick("[\"a\"]", "[\"b\",\"c\"]")}}}}}");
        Add(() => $"\"impersonatedUser\":{{\"username\":{Pick("\"alice\"", "\"bob\"", "null")}}}");
        Add(() => $"\"sourceIPs\":{Pick("[\"10.0.0.1\"]", "[\"1.1.1.1\",\"8.8.8.8\"]", "[]")}");
        Add(() => $"\"userAgent\":{Pick("\"kubectl/v1.36\"", "\"HELM/3\"", "\"curl/8 \\\"x\\\"\"", $"\"{s_longAgent}\"")}");
        bool hasSubresource = picks[^2] % 2 == 0;
        Add(() => $"\"objectRef\":{{\"resource\":{Pick("\"pods\"", "\"secrets\"", "\"roles\"", "{\"a\":1}")},\"namespace\":{Pick("\"default\"", "\"KUBE-system\"", "\"STRA\u1e9eE\"")},"
            + $"\"name\":{Pick("\"web-1\"", "\"x-token-y\"", "\"a-b-c\"", "\"\"")}{(hasSubresource ? $",\"subresource\":\"{Pick("exec", "log", "status")}\"" : "")}}}");
        Add(() => $"\"responseStatus\":{{\"code\":{Pick("200", "201", "403")},\"message\":\"{Pick("x", "cannot impersonate")}\"}}");
        if (!isMetadata)
        {
            Add(() => $"\"requestObject\":{{\"kind\":{Pick("\"Pod\"", "\"role\"", "null")},\"spec\":{{\"image\":{Pick("\"web:1\"", "[\"miner\",\"web:2\"]")},\"containers\":[{{\"image\":\"web\"}}]}}}}");
        }

        Add(() => $"\"annotations\":{{\"authorization.k8s.io/decision\":{Pick("\"allow\"", "\"forbid\"")},\"note\":{Pick("\"a\"", "\"c\"")}}}");
        if (picks[^3] == 0)
        {
            // A name with a dot where Kubernetes has none: the event is irregular.
            members.Add("\"objectRef.resource\":\"pods\"");
        }

        return "{" + string.Join(',', members) + "}";
    }
}
