using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Redaction;
using Xunit;

namespace Vedette.Audit.Tests.Redaction;

public partial class RedactionTests
{
    private static readonly byte[] s_key = new byte[Redactor.KeyLength];

    [Theory]
    [InlineData("serviceaccounts", "token", """{"kind":"TokenRequest","spec":{"audiences":["a"]},"status":{"token":"#","expirationTimestamp":"x"}}""")]
    [InlineData("tokenreviews", null, """{"kind":"TokenReview","spec":{"token":"#"},"status":{"authenticated":true}}""")]
    [InlineData("tokenreviews", null, """{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"spec\":{\"token\":\"#\"}}"}}}""")]
    [InlineData("certificatesigningrequests", null, """{"kind":"CertificateSigningRequest","spec":{"request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K","extra":["#-----BEGIN RSA PRIVATE KEY-----#"]}}""")]
    [InlineData("secrets", null, """{"kind":"Secret","metadata":{"annotations":{"objectset.rio.cattle.io/applied":"H4sI#","kapp.k14s.io/original":"{\"data\":{\"a\":\"#\"}}"}}}""")]
    [InlineData("secrets", null, """{"kind":"Secret","metadata":{"annotations":{"broken":"{\"data\":{\"a\":\"#\""}}}""")]
    [InlineData("secrets", null, """[{"op":"add","path":"/data","path":"/metadata/labels/a","value":"#"}]""")]
    [InlineData("secrets", null, """[{"op":"add","path":"/da\u0074a/a~1b/c","value":"#"},{"path":"/x","op":"test","value":{"stringData":"#"}}]""")]
    [InlineData("secrets", null, "\"#\"")]
    public void Secrets_of_all_kinds_are_redacted(string resource, string? subresource, string body)
    {
        const string Needle = "n33dle";
        string redacted = Redact(resource, subresource, "/apis", body.Replace("#", Needle, StringComparison.Ordinal), out bool isRedacted);
        Assert.True(isRedacted);
        Assert.DoesNotContain(Needle, redacted, StringComparison.Ordinal);
        Assert.Equal(body.Split('#').Length > 2 && resource == "certificatesigningrequests" ? 1 : body.Split('#').Length - 1, Marker().Count(redacted));
    }

    [Theory]
    [InlineData("pods", null, """{"kind":"Secret","data":{"a":"b"}}""")]
    [InlineData("configmaps", null, """{"kind":"ConfigMap","data":{"a":"b"}}""")]
    [InlineData("certificatesigningrequests", null, """{"spec":{"request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K"}}""")]
    [InlineData("secrets", null, """{"kind":"Status","details":{"name":"a"}}""")]
    [InlineData("secrets", null, """{"kind":"Secret","metadata":{"labels":{"data":"a"},"managedFields":[{"data":{"f:data":{}}}]},"data":null,"stringData":{"empty":"","none":null}}""")]
    [InlineData("secrets", null, """{"data":{"$patch":"replace"}}""")]
    public void What_is_no_secret_stays(string resource, string? subresource, string body)
    {
        Redact(resource, subresource, "/apis", body, out bool isRedacted);
        Assert.False(isRedacted);
    }

    [Theory]
    [InlineData("/p/exec?command=curl&command=-H&command=Authorization%3A+Bearer+#&container=c", 1)]
    [InlineData("/p/exec?command=sh&command=-c&command=curl+-H+%22Authorization%3a%20Basic+#%22+http%3A%2F%2Fx", 1)]
    [InlineData("/p/exec?command=sh&command=-c&command=curl%2520-H%2520Authorization%253A%2520Bearer%2520#", 1)]
    [InlineData("/p/exec?command=kubectl&command=--token&command=#&command=get", 1)]
    [InlineData("/p/exec?command=kubectl&command=--token%3D#", 1)]
    [InlineData(@"/p/exec?command=kubectl\u0026command=--\u0074oken\u003d#\u0026stdin=true", 1)]
    [InlineData("/p/exec?command=eyJhbGciOiJSUzI1NiJ9.#.c2ln&command=x", 1)]
    [InlineData("/p/exec?command=cat&command=%2Fvar%2Frun%2Fsecrets%2Fkubernetes.io%2Fserviceaccount%2Ftoken", 0)]
    [InlineData("/p/exec?command=ls&command=-la&container=basic-auth", 0)]
    public void Bearer_material_in_the_uri_of_an_exec_is_redacted(string uri, int secrets)
    {
        const string Needle = "n33dlen33dle";
        string redacted = Redact("pods", "exec", uri.Replace("#", Needle, StringComparison.Ordinal), "null", out bool isRedacted);
        Assert.Equal(secrets > 0, isRedacted);
        Assert.DoesNotContain(Needle, redacted, StringComparison.Ordinal);
        Assert.Equal(secrets, Marker().Count(redacted));
        Assert.Equal(uri.Split('?')[0], redacted.Split("requestURI\":\"")[1].Split('?')[0]);
    }

    [Fact]
    public void A_body_deeper_than_is_followed_is_redacted_whole_from_there()
    {
        string body = string.Concat(Enumerable.Repeat("{\"a\":", 5000)) + "{\"data\":{\"a\":\"n33dle\"}}" + new string('}', 5000);
        Assert.DoesNotContain("n33dle", Redact("secrets", null, "/apis", body, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void An_annotation_in_an_annotation_is_followed_or_redacted_whole_however_deep()
    {
        string body = """{"kind":"Secret","data":{"a":"n33dle"}}""";
        for (int i = 0; i < 9; i++)
        {
            body = """{"kind":"Secret","metadata":{"annotations":{"a":""" + $"\"{JsonEncodedText.Encode(body)}\"" + "}}}";
            Assert.DoesNotContain("n33dle", Redact("secrets", null, "/apis", body, out bool isRedacted), StringComparison.Ordinal);
            Assert.True(isRedacted);
        }
    }

    [Fact]
    public void The_same_value_looks_the_same_under_one_key_and_different_under_another()
    {
        string first = Marker().Match(Redact("secrets", null, "/", """{"data":{"a":"cGFzcw=="}}""", out _)).Value;
        Assert.Equal(first, Marker().Match(Redact("secrets", null, "/", """{"stringData":{"b":"pass"}}""", out _)).Value);
        Assert.NotEqual(first, Marker().Match(Redact("secrets", null, "/", """{"stringData":{"b":"pasS"}}""", out _)).Value);
        Assert.NotEqual(first, Marker().Match(Redact("secrets", null, "/", """{"stringData":{"b":"pass"}}""", out _, new Redactor([.. Enumerable.Repeat((byte)1, Redactor.KeyLength)]))).Value);
    }

    private static string Redact(string resource, string? subresource, string uri, string body, out bool isRedacted, Redactor? redactor = null)
    {
        string reference = subresource is null ? $$"""{"resource":"{{resource}}"}""" : $$"""{"resource":"{{resource}}","subresource":"{{subresource}}"}""";
        string json = $$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete","requestURI":"{{{uri}}}","verb":"create","user":{},"objectRef":{{{reference}}},"requestObject":{{{body}}}}""";
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        ArrayBufferWriter<byte> written = new();
        isRedacted = (redactor ?? new Redactor(s_key)).Redact(view, written);
        string redacted = Encoding.UTF8.GetString(written.WrittenSpan);
        Assert.Equal(isRedacted, redacted != json);
        return redacted;
    }

    [GeneratedRegex("redacted:v1:[0-9a-f]{32}")]
    private static partial Regex Marker();
}
