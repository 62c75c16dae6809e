using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Audit.Json;
using Vedette.Audit.Redaction;
using Xunit;

namespace Vedette.Audit.Tests.Redaction;

public class BodySurveyTests
{
    private static readonly string[] s_names = ["kind", "KIND", "apiVersion", "metadata", "annotations", "data", "stringData", "token", "op", "path", "value", "spec", "items", "k\\u0069nd", "\\u006fp", "a\\nb"];

    private static readonly string[] s_texts =
    [
        "Secret", "secret", "SecretList", "TokenReview", "TokenRequest", "CertificateSigningRequest", "Pod", "Secrets", "S\\u0065cret", "\\u0053ecret", "Secret\\n", "\\nSecret", "", " ", "H4sIAAAA", "replace",
        "/metadata/annotations/a", "/data", "{}", " {}", "\\t{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"a\\\":\\\"b\\\"}}", "{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"a\\\":\\\"b\\\"}}",
        "{\\\"kind\\\":\\\"Pod\\\"}", "[{\\\"kind\\\":\\\"Secret\\\",\\\"stringData\\\":{\\\"a\\\":\\\"b\\\"}}]", "{broken Secret", "[[", "\\u007b\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"a\\\":\\\"b\\\"}}", "say \\\"hello\\\"",
    ];

    private static readonly Gen<string> s_scalar = Gen.Frequency((6, Text(s_texts)), (1, Gen.Const("1")), (1, Gen.Const("null")));

    private static readonly Gen<string> s_body = Gen.Recursive<string>((depth, inner) => depth > 4 ? s_scalar : Gen.Frequency(
        (2, s_scalar),
        (2, Gen.Select(Text(s_names), inner).Array[0, 5].Select(members => "{" + string.Join(',', members.Select(member => member.Item1 + ":" + member.Item2)) + "}")),
        (1, inner.Array[0, 4].Select(items => "[" + string.Join(',', items) + "]"))));

    [Fact]
    public void Where_there_is_no_trace_a_walk_that_goes_everywhere_finds_nothing()
    {
        int without = 0;
        int found = 0;
        s_body.Sample(
            text =>
            {
                byte[] body = Encoding.UTF8.GetBytes(text);
                BodySurvey survey = BodySurvey.Of(body);
                Assert.True(survey.IsValid, text);
                JsonDocument.Parse(body).Dispose();
                int secrets = Walk(body);
                Assert.True(secrets == 0 || survey.HasTraces, text);
                Interlocked.Add(ref without, survey.HasTraces ? 0 : 1);
                Interlocked.Add(ref found, secrets);
            },
            iter: 100_000);
        Assert.True(without > 1_000 && found > 1_000, $"{without} bodies without traces, {found} secrets found");
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("[1,{}]", 1)]
    [InlineData("""{"a":{"b":[[]]},"c":{}}""", 3)]
    public void Depth_is_that_of_the_innermost(string body, int depth) => Assert.Equal(depth, BodySurvey.Of(Encoding.UTF8.GetBytes(body)).Depth);

    [Theory]
    [InlineData(BodySecrets.MaxDepth, 0)]
    [InlineData(BodySecrets.MaxDepth + 1, 1)]
    [InlineData(BodySecrets.MaxDepth + 50, 1)]
    public void What_is_too_deep_is_a_secret_as_before(int depth, int secrets)
    {
        byte[] body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "{}" + new string('}', depth));
        Assert.Equal(secrets, Walk(body));
        Assert.Equal(secrets, Find(body));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{} {}")]
    [InlineData("[1,]")]
    public void What_is_no_JSON_is_a_secret_as_a_whole(string body)
    {
        Assert.False(BodySurvey.Of(Encoding.UTF8.GetBytes(body)).IsValid);
        Assert.Equal(1, Find(Encoding.UTF8.GetBytes(body)));
    }

    private static int Walk(byte[] body)
    {
        SecretRanges secrets = new();
        new BodySecrets(new SecretText(body), secrets).Walk(ValueOf(body), SecretKinds.ByKind);
        return secrets.Count;
    }

    private static int Find(byte[] body)
    {
        SecretRanges secrets = new();
        new BodySecrets(new SecretText(body), secrets).Find(new JsonValue(body, body[0] == '[' ? JsonKind.Array : JsonKind.Object), SecretKinds.ByKind);
        return secrets.Count;
    }

    private static JsonValue ValueOf(byte[] body)
    {
        Assert.True(new JsonScanner(body).TryReadValue(out JsonValue value));
        return value;
    }

    private static Gen<string> Text(string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => "\"" + texts[index] + "\"");
}
