using CsCheck;
using Vedette.Detection.Findings;
using Xunit;

namespace Vedette.Detection.Tests.Findings;

/// <summary>An event has one digest, however it is written and whatever of it was kept.</summary>
public class EventContentTests
{
    private const string Kind = "\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",";

    private static readonly Gen<string> s_body = Gen.OneOf(
        Gen.Const(""), Gen.Const("{}"), Gen.Const("{\"a\":\"}, \\\"level\\\":\"}"), Gen.Const("[1,{\"b\":[]}]"), Gen.Int[0, 200].Select(length => $"{{\"name\":\"{new string(' ', length)}\"}}"));

    [Fact]
    public void It_is_that_of_the_event_without_kind_level_and_bodies_as_compact_text() => Gen.Select(Gen.Bool, s_body, s_body, Gen.Bool, Gen.Bool).Sample(
        (hasKind, request, response, hasSpaces, hasAnnotations) =>
        {
            string json = Event(hasKind ? Kind : "", Body("requestObject", request) + Body("responseObject", response), hasSpaces ? " " : "", hasAnnotations);
            Assert.True(Events.Decode(json).IsPlain);
            byte[] expected = EventContent.Digest("rule", Events.Decode(Event("", "", "", hasAnnotations)));
            Assert.Equal(expected, EventContent.Digest("rule", Events.Decode(json)));

            // Written otherwise, so that its members are walked.
            string walked = $"{{ {json[1..]}";
            Assert.False(Events.Decode(walked).IsPlain);
            Assert.Equal(expected, EventContent.Digest("rule", Events.Decode(walked)));
        });

    private static string Body(string name, string value) => value.Length == 0 ? "" : $"\"{name}\":{value},";

    private static string Event(string kind, string bodies, string space, bool hasAnnotations) =>
        $$"""{{{kind}}"level":"Metadata","auditID":"x","stage":"ResponseComplete","requestURI":"/api","verb":"get","user":{"username":"a b","groups":["g",{{space}}"h i"]},"sourceIPs":["1.2.3.4"],"userAgent":"kubectl/v1 (linux)",{{bodies}}"requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z","stageTimestamp":"2026-01-01T00:00:00.000000Z"{{(hasAnnotations ? ",\"annotations\":{\"a\":\"b c\"}" : "")}}}""";
}
