using System.Text.Json;
using Vedette.Policy.Requests;
using Xunit;

namespace Vedette.Policy.Tests.Requests;

/// <summary>What Kubernetes 1.36 reads out of method and URI: the recorded answers of its own code.</summary>
public class RequestInfoTests
{
    [Fact]
    public void Every_recorded_request_is_read_as_Kubernetes_reads_it()
    {
        List<string> wrong = [];
        foreach (JsonElement row in Tables.Rows("request-info.json.gz"))
        {
            JsonElement expected = row.GetProperty("requestInfo");
            RequestInfo info = RequestInfo.Parse(row.GetProperty("method").GetString()!, row.GetProperty("uri").GetString()!, out string? error);
            string own = string.Join('|', info.IsResourceRequest, info.Path, info.Verb, info.ApiPrefix, info.ApiGroup, info.ApiVersion, info.Namespace, info.Resource, info.Subresource, info.Name, error);
            string theirs = string.Join(
                '|', expected.GetProperty("isResourceRequest").GetBoolean(), Of("path"), Of("verb"), Of("apiPrefix"), Of("apiGroup"), Of("apiVersion"), Of("namespace"), Of("resource"),
                Of("subresource"), Of("name"), Tables.TextOrNull(row, "error"));
            if (own != theirs || info.IsLongRunning != row.GetProperty("longRunning").GetBoolean())
            {
                wrong.Add($"{row.GetProperty("id")} {row.GetProperty("method")} {row.GetProperty("uri")}: {own}, not {theirs}");
            }

            string Of(string name) => expected.GetProperty(name).GetString()!;
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("metadata.name=x", "", "x")]
    [InlineData("metadata.name==x", "", "x")]
    [InlineData("metadata.name!=x", "", "")]
    [InlineData("metadata.name=b,metadata.name=a", "", "a")]
    [InlineData("metadata.name=a\\,b", "", "a,b")]
    [InlineData("metadata.name=a\\b", "", "")]
    [InlineData("metadata.name=a%25b", "", "")]
    [InlineData("metadata.name=x,broken", "", "")]
    [InlineData("metadata.name=x,", "", "x")]
    [InlineData("metadata.name=x", "&labelSelector=app%3Dweb,tier+in+(a,b),!c,d,n%3E1", "x")]
    [InlineData("metadata.name=x", "&labelSelector=app%3D", "x")]
    [InlineData("metadata.name=x", "&labelSelector=in+in+(in)", "x")]
    [InlineData("metadata.name=x", "&labelSelector=a+in+()", "")]
    [InlineData("metadata.name=x", "&labelSelector=a+in+(b", "")]
    [InlineData("metadata.name=x", "&labelSelector=-a", "")]
    [InlineData("metadata.name=x", "&labelSelector=a%3Eb", "")]
    [InlineData("metadata.name=x", "&labelSelector=a,", "")]
    [InlineData("metadata.name=x", "&limit=", "")]
    [InlineData("metadata.name=x", "&limit=5&limit=x", "x")]
    [InlineData("metadata.name=x", "&timeoutSeconds=1.5", "")]
    [InlineData("metadata.name=x", "&a;b=c&resourceVersion=%zz", "x")]
    public void A_field_selector_names_an_object_only_when_the_whole_query_decodes(string selector, string more, string name)
    {
        RequestInfo info = RequestInfo.Parse("GET", $"/api/v1/pods?fieldSelector={selector.Replace("=", "%3D", StringComparison.Ordinal)}{more}", out string? error);
        Assert.Null(error);
        Assert.Equal(("list", name), (info.Verb, info.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("api/v1/pods")]
    [InlineData("/api/v1/%zz")]
    [InlineData("/api/v1/pods%2")]
    [InlineData("/a\nb")]
    public void What_Go_cannot_parse_is_an_error(string uri)
    {
        RequestInfo.Parse("GET", uri, out string? error);
        Assert.NotNull(error);
    }
}
