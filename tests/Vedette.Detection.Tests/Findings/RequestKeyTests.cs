using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Xunit;

namespace Vedette.Detection.Tests.Findings;

public class RequestKeyTests
{
    private static readonly DetectionRule s_rule = new() { Id = "é-rule", Title = "rule", Condition = new Condition.Constant(true) };

    [Fact]
    public void A_key_is_made_of_the_texts_themselves_so_that_it_can_be_kept() =>
        Gen.Select(Gen.OneOf("", "a", "\n\"\\", "é\ud83d\ude00", "/api?x=1&y=<2>").Array[5], Gen.Int[-1, 6], Gen.Bool).Sample((texts, missing, isNull) =>
        {
            string[] names = ["auditID", "requestReceivedTimestamp", "username", "verb", "requestURI"];
            string Member(int at) => at == missing ? isNull ? $"\"{names[at]}\":null" : $"\"x{at}\":1" : $"\"{names[at]}\":\"{JsonEncodedText.Encode(texts[at])}\"";
            string json = $$"""{{{Member(0)}},{{Member(1)}},"user":{{{Member(2)}}},{{Member(3)}},{{Member(4)}}}""";
            string?[] parts = missing is 0 or 1 ? [s_rule.Id, null, null, null, null, null, "id"] : [s_rule.Id, .. texts.Select((text, at) => at == missing ? null : text), null];
            Assert.Equal(Digest(parts), RequestKey.Of(s_rule, Events.Decode(json), "id"));
        });

    private static UInt128 Digest(string?[] parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string? part in parts)
        {
            hash.AppendData(BitConverter.GetBytes(part?.Length ?? -1));
            hash.AppendData(Encoding.UTF8.GetBytes(part ?? ""));
        }

        return BinaryPrimitives.ReadUInt128LittleEndian(hash.GetHashAndReset());
    }
}
