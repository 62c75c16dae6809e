using System.Text;
using System.Text.Json;
using Vedette.Tests;
using Xunit;

namespace Vedette.Audit.Tests.Shapes;

public class LegacyTextFormatTests
{
    [Fact]
    public void Every_line_gives_back_what_it_holds_of_its_event()
    {
        int compared = 0;
        foreach (string row in Encoding.UTF8.GetString(SharedData.ReadCase("apiserver/legacy-lines.jsonl.gz")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            JsonElement pair = JsonDocument.Parse(row).RootElement;
            JsonElement expected = pair.GetProperty("event");
            Intake intake = Intake.Read(pair.GetProperty("line").GetString()!);
            JsonElement actual = JsonDocument.Parse(Assert.Single(intake.Events)).RootElement;
            foreach (string field in new[] { "auditID", "stage", "requestURI", "verb", "userAgent" })
            {
                Assert.Equal(Text(expected, field), Text(actual, field));
            }

            Assert.Equal(Text(expected.GetProperty("user"), "username"), Text(actual.GetProperty("user"), "username"));
            Assert.Equal(Texts(expected.GetProperty("user"), "groups"), Texts(actual.GetProperty("user"), "groups"));
            Assert.Equal(Code(expected), Code(actual));
            Assert.Equal(
                expected.TryGetProperty("impersonatedUser", out JsonElement acted) ? Text(acted, "username") : null,
                actual.TryGetProperty("impersonatedUser", out JsonElement read) ? Text(read, "username") : null);
            if (expected.TryGetProperty("objectRef", out JsonElement target) && expected.GetProperty("stage").GetString() == "RequestReceived")
            {
                JsonElement restored = actual.GetProperty("objectRef");
                foreach (string field in new[] { "resource", "namespace", "subresource", "apiGroup", "apiVersion" })
                {
                    Assert.Equal(Text(target, field), Text(restored, field));
                }
            }

            compared++;
        }

        Assert.True(compared > 50);
    }

    // An empty text and none are the same to the format.
    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString()! : "";

    private static string[] Texts(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) ? [.. value.EnumerateArray().Select(item => item.GetString()!)] : [];

    private static int? Code(JsonElement of) => of.TryGetProperty("responseStatus", out JsonElement status) ? status.GetProperty("code").GetInt32() : null;
}
