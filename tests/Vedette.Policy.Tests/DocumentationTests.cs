using System.Text;
using System.Text.RegularExpressions;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Tests;
using Xunit;

namespace Vedette.Policy.Tests;

/// <summary>The examples of docs/policy.md, run.</summary>
public partial class DocumentationTests
{
    [Fact]
    public void The_examples_of_the_page_on_policies_are_true()
    {
        string page = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "policy.md"));
        LoadedPolicy? loaded = null;
        int requests = 0;
        int loads = 0;
        foreach (Match fence in Fence().Matches(page))
        {
            string body = fence.Groups["body"].Value;
            switch (fence.Groups["kind"].Value)
            {
                case "yaml":
                    loaded = PolicyLoader.Load("policy.md", Encoding.UTF8.GetBytes(body));
                    break;
                case "refused":
                    Assert.Equal(body.Trim(), loaded!.LoadError);
                    loads++;
                    break;
                case "warned":
                    Assert.Equal(body.Trim(), loaded!.StrictError);
                    loads++;
                    break;
                case "requests":
                    foreach (string line in body.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                    {
                        Check(loaded!.Policy!, line);
                        requests++;
                    }

                    break;
            }
        }

        Assert.True(requests >= 20 && loads >= 2, $"{requests} requests, {loads} loads");
    }

    [Fact]
    public void Every_problem_that_loading_knows_is_on_the_page()
    {
        string page = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "policy.md"));
        Assert.All(
            typeof(LoadProblem).GetFields().Select(field => (string)field.GetRawConstantValue()!),
            code => Assert.Contains($"| {code} |", page, StringComparison.Ordinal));
    }

    private static void Check(AuditPolicy policy, string line)
    {
        Match request = Request().Match(line);
        Assert.True(request.Success, line);
        string name = request.Groups["user"].Value;
        RequestUser? user = name == "-" ? null : new RequestUser(name, ImpliedGroups.Of(name));
        RequestInfo info = RequestInfo.Parse(request.Groups["method"].Value, request.Groups["uri"].Value, out string? error);
        Assert.Null(error);
        PolicyAnswer answer = CompiledPolicy.Compile(policy).Evaluate(RequestAttributes.Of(info, user));
        AuditStage stages = answer.Written(user is null ? RequestStages.OfRefused : RequestStages.Of(info));
        string rule = answer.Rule < 0 ? "-" : $"rules[{answer.Rule}]";
        Assert.Equal(request.Groups["answer"].Value.Trim(), $"{answer.Level} {rule}: {string.Join(", ", AuditStages.Sorted(stages))}".Trim());
    }

    [GeneratedRegex(@"^```(?<kind>\w+)\n(?<body>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^(?<user>\S+) (?<method>\S+) (?<uri>\S+)\s+-> (?<answer>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Request();
}
