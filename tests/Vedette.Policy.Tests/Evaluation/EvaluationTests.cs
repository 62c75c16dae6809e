using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Xunit;

namespace Vedette.Policy.Tests.Evaluation;

/// <summary>The recorded answers of Kubernetes' evaluator, and the two evaluators against each other.</summary>
public class EvaluationTests
{
    [Fact]
    public void Kubernetes_own_table_is_answered_alike()
    {
        foreach (JsonElement row in Tables.Rows("policy-checker.json.gz"))
        {
            AuditPolicy policy = Tables.Policy(row.GetProperty("policy"));
            RequestAttributes attributes = Tables.Attributes(row.GetProperty("attributes"));
            foreach (PolicyAnswer answer in Answers(CompiledPolicy.Compile(policy), attributes))
            {
                Assert.Equal(row.GetProperty("expectedLevel").GetString(), answer.Level.ToString());
                Assert.Equal(row.GetProperty("expectedMatchedRule").GetInt32(), answer.Rule);
                Assert.Equal(Tables.Strings(row, "expectedOmitStages").Order(StringComparer.Ordinal), AuditStages.Sorted(answer.OmitStages));
                if (row.TryGetProperty("expectedOmitManagedFields", out JsonElement omit) && omit.ValueKind is JsonValueKind.True or JsonValueKind.False)
                {
                    Assert.Equal(omit.GetBoolean(), answer.OmitManagedFields);
                }
            }
        }
    }

    [Fact]
    public void Random_policies_are_answered_as_Kubernetes_answered_them()
    {
        int answers = 0;
        foreach (JsonElement row in Tables.Lines("apiserver/policy-fuzz.jsonl.gz"))
        {
            string? error = Tables.TextOrNull(row, "loadError");
            byte[] text = Encoding.UTF8.GetBytes(row.GetProperty("policy").GetRawText());
            LoadedPolicy loaded = PolicyLoader.Load("fuzz.json", text);
            Assert.Equal(error, loaded.LoadError);
            if (loaded.Policy is not { } policy)
            {
                continue;
            }

            CompiledPolicy compiled = CompiledPolicy.Compile(policy);
            foreach (JsonElement item in row.GetProperty("cases").EnumerateArray())
            {
                JsonElement expected = item.GetProperty("expected");
                foreach (PolicyAnswer answer in Answers(compiled, Tables.Attributes(item.GetProperty("attributes"))))
                {
                    Assert.Equal(expected.GetProperty("level").GetString(), answer.Level.ToString());
                    Assert.Equal(expected.GetProperty("matchedRule").GetInt32(), answer.Rule);
                    Assert.Equal(Tables.Strings(expected, "omitStages"), AuditStages.Sorted(answer.OmitStages));
                    Assert.Equal(expected.GetProperty("omitManagedFields").GetBoolean(), answer.OmitManagedFields);
                }

                answers++;
            }
        }

        Assert.True(answers > 4000, $"{answers} answers compared");
    }

    [Fact]
    public void The_compiled_policy_answers_as_the_obvious_evaluator()
    {
        Gen.Select(RandomPolicies.Policies, RandomPolicies.Requests.Array[1, 20]).Sample((policy, requests) =>
        {
            CompiledPolicy compiled = CompiledPolicy.Compile(policy);
            foreach (RequestAttributes request in requests)
            {
                Assert.Equal(PolicyChecker.Evaluate(policy, request), compiled.Evaluate(request));
            }
        });
    }

    private static PolicyAnswer[] Answers(CompiledPolicy compiled, RequestAttributes attributes) =>
        [PolicyChecker.Evaluate(compiled.Policy, attributes), compiled.Evaluate(attributes)];
}
