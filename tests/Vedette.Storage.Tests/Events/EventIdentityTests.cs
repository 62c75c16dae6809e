using System.Text;
using Vedette.Storage.Events;
using Xunit;

namespace Vedette.Storage.Tests.Events;

public class EventIdentityTests
{
    private const string Item = """{"level":"Metadata","auditID":"1","stage":"ResponseComplete"}""";

    private static readonly byte[] s_key = [.. Enumerable.Range(1, EventIdentity.KeyLength).Select(number => (byte)number)];

    [Fact]
    public void A_change_of_any_byte_of_event_cluster_or_key_is_another_identity()
    {
        HashSet<UInt128> seen = [Of(s_key, "prod", Item)];
        for (int i = 1; i < Item.Length; i++)
        {
            Assert.True(seen.Add(Of(s_key, "prod", Item[..i] + "~" + Item[(i + 1)..])), $"byte {i}");
        }

        for (int i = 0; i < s_key.Length; i++)
        {
            byte[] key = [.. s_key];
            key[i] ^= 0x40;
            Assert.True(seen.Add(Of(key, "prod", Item)), $"byte {i} of the key");
        }

        Assert.True(seen.Add(Of(s_key, "prod2", Item)));
    }

    [Fact]
    public void What_stands_at_the_end_of_the_clusters_name_is_not_taken_for_the_beginning_of_the_event() =>
        Assert.NotEqual(Of(s_key, "a", "b\0\0c"), Of(s_key, "a\0\0b", "c"));

    [Fact]
    public void Zeros_that_a_text_ends_with_count() => Assert.NotEqual(Of(s_key, "a", "b"), Of(s_key, "a", "b\0"));

    [Theory]
    [InlineData("""{"kind":"Event","apiVersion":"audit.k8s.io/v1",""")]
    [InlineData("""{"apiVersion":"audit.k8s.io/v1","kind":"Event",""")]
    [InlineData(" \n{")]
    public void Leading_kind_and_version_and_white_space_do_not_count(string beginning) => Assert.Equal(Of(s_key, "a", Item), Of(s_key, "a", beginning + Item[1..] + "\n"));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(513)]
    [InlineData(5_000)]
    public void Events_whose_identities_are_asked_for_together_have_those_that_each_has_by_itself(int events)
    {
        using EventIdentity identity = new(s_key);
        for (int round = 0; round < 2; round++)
        {
            identity.Add("prod"u8, "what was forgotten before it was asked for"u8);
            identity.Clear();
            for (int i = 0; i < events; i++)
            {
                identity.Add("prod"u8, Encoding.UTF8.GetBytes($"{Item} {round} {i}"));
            }

            ReadOnlySpan<byte> identities = identity.Take();
            for (int i = 0; i < events; i++)
            {
                Assert.Equal(Of(s_key, "prod", $"{Item} {round} {i}"), EventIdentity.Read(identities, i));
            }

            Assert.True(identity.Take().IsEmpty);
        }
    }

    private static UInt128 Of(byte[] key, string cluster, string json)
    {
        using EventIdentity identity = new(key);
        return identity.Of(Encoding.UTF8.GetBytes(cluster), Encoding.UTF8.GetBytes(json));
    }
}
