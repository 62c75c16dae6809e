using System.Text.Json.Nodes;
using Xunit;

namespace Vedette.Platforms.Tests;

/// <summary>Evidence is what somebody else wrote: whatever is in it, verification answers.</summary>
public class HostileEvidenceTests
{
    /// <summary>Answers of clouds and stores, with every member that verification looks at.</summary>
    private static readonly (string Platform, string Text)[] s_answers =
    [
        ("eks", """{"cluster":{"name":"p","arn":"arn:aws:eks:us-east-1:1:cluster/p","logging":{"clusterLogging":[{"types":["audit"],"enabled":true}]}}}"""),
        ("eks", """{"logGroups":[{"logGroupName":"/aws/eks/p/cluster","retentionInDays":30,"kmsKeyId":"k","arn":"arn:aws:logs:us-east-1:1:g","logGroupClass":"STANDARD"}]}"""),
        ("eks", """{"metricFilters":[{"filterName":"f","filterPattern":"{ $.objectRef.subresource = \"exec\" }","metricTransformations":[{"metricName":"m","metricNamespace":"n"}]}],"MetricAlarms":[{"AlarmName":"a","MetricName":"m","Namespace":"n","ActionsEnabled":true,"AlarmActions":["t"]}]}"""),
        ("eks", """{"subscriptionFilters":[{"filterName":"f","filterPattern":"","destinationArn":"d"}],"Features":[{"Name":"EKS_AUDIT_LOGS","Status":"ENABLED"}]}"""),
        ("gke", """{"auditConfigs":[{"service":"allServices","auditLogConfigs":[{"logType":"DATA_READ","exemptedMembers":["user:a"]}]}],"bindings":[]}"""),
        ("gke", """[{"name":"s","destination":"logging.googleapis.com/projects/p/locations/us/buckets/b","filter":"k8s cloudaudit","disabled":false,"exclusions":[{"filter":"k8s cloudaudit"}]},{"name":"projects/p/locations/us/buckets/b","retentionDays":30},{"name":"projects/p/locations/global/buckets/_Required"},{"name":"m","filter":"f","metricDescriptor":{}},{"name":"projects/p/alertPolicies/1","enabled":true,"conditions":[{"conditionThreshold":{"filter":"f"}}],"notificationChannels":["c"]}]"""),
        ("aks", """{"value":[{"id":"/subscriptions/s/diagnosticSettings/d","name":"d","workspaceId":"w","logAnalyticsDestinationType":"Dedicated","logs":[{"category":"kube-audit","enabled":true,"retentionPolicy":{"enabled":false,"days":0}}]}]}"""),
        ("aks", """[{"id":"/subscriptions/s/workspaces/w","name":"w","customerId":"c","location":"eastus","retentionInDays":30},{"id":"/subscriptions/s/storageAccounts/a","location":"eastus","secondaryLocation":"westus"},{"id":"/subscriptions/s/scheduledQueryRules/r","name":"r","enabled":true,"criteria":{"allOf":[{"query":"q"}]},"actions":{"actionGroups":["g"]}},{"name":"Containers","pricingTier":"Free"},{"name":"AKSAudit","totalRetentionInDays":30,"retentionInDays":30}]"""),
        ("falco", """{"items":[{"metadata":{"name":"f","labels":{"app.kubernetes.io/name":"falco"}},"status":{"conditions":[{"type":"Ready","status":"True"}]}}]}"""),
        ("retention", """{"policy":{"phases":{"delete":{"min_age":"3d"}},"states":[{"transitions":[{"state_name":"delete","conditions":{"min_index_age":"3d"}}]}]},"Rules":[{"ID":"r","Status":"Enabled","Expiration":{"Days":3}}],"rule":[{"action":{"type":"Delete"},"condition":{"age":3}}],"ObjectLockConfiguration":{"Rule":{"DefaultRetention":{"Mode":"GOVERNANCE","Days":3}}}}"""),
    ];

    private static readonly string[] s_strange = ["null", "true", "-1", "1e300", "\"\"", "\"\\u0000/../\\uD800x\"", "[]", "[1,null,[]]", "{}", "{\"name\":{}}", "{\"\\uD800\":1}"];

    [Fact]
    public void A_value_of_another_kind_anywhere_stops_nothing()
    {
        foreach ((string platform, string text) in s_answers)
        {
            int places = Count(JsonNode.Parse(text)!);
            for (int place = 0; place < places; place++)
            {
                foreach (string strange in s_strange)
                {
                    string changed = Replace(JsonNode.Parse(text)!, place, strange);
                    Exception? exception = Record.Exception(() => EvidenceOf.Text(platform, changed, retention: 365, residency: "us"));
                    Assert.True(exception is null, $"{platform}: {changed}: {exception}");
                }
            }
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[[[[[[")]
    [InlineData("{}{}{]")]
    [InlineData("\0\0\0")]
    [InlineData("aws eks '")]
    [InlineData("aws eks \\")]
    [InlineData("aws eks $(((")]
    [InlineData("sources:\n  a: [\n")]
    [InlineData("<source>\n[INPUT]\nfilebeat.inputs:\ninput(type=\"imfile\"")]
    public void A_text_of_no_language_stops_nothing(string text) =>
        Assert.All(PlatformCatalogue.All.Where(platform => platform.VerifyOptions.Any(option => option.Name == "evidence")), platform => Assert.NotEmpty(EvidenceOf.Text(platform.Name, text, residency: "us")));

    /// <summary>The values in a document, the document itself apart.</summary>
    private static int Count(JsonNode node) => Children(node).Sum(child => 1 + (child.Node is { } inner ? Count(inner) : 0));

    private static string Replace(JsonNode root, int place, string value)
    {
        int at = 0;
        Walk(root);
        return root.ToJsonString().Replace("\"@@\"", value, StringComparison.Ordinal);

        bool Walk(JsonNode node)
        {
            foreach ((JsonNode? inner, Action<JsonNode?> set) in Children(node).ToArray())
            {
                if (at++ == place)
                {
                    set(JsonValue.Create("@@"));
                    return true;
                }

                if (inner is not null && Walk(inner))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static IEnumerable<(JsonNode? Node, Action<JsonNode?> Set)> Children(JsonNode node) => node switch
    {
        JsonObject map => map.Select(pair => (pair.Value, (Action<JsonNode?>)(value => map[pair.Key] = value))),
        JsonArray list => list.Select((item, index) => (item, (Action<JsonNode?>)(value => list[index] = value))),
        _ => [],
    };
}
