using System.Runtime.Intrinsics;
using System.Text;
using CsCheck;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

/// <summary>What passes for the same values must be the same values, wherever in an event they stand.</summary>
public class KeyedHashTests
{
    private static readonly AuditField[] s_fields = [AuditField.UserAgent, AuditField.Verb, AuditField.UserName];

    // Around the lengths at which a value takes one block more; of few characters, so that many values differ in little.
    private static readonly Gen<string?> s_value =
        from length in Gen.OneOf(Gen.Int[0, 3], Gen.Int[29, 35], Gen.Int[61, 67], Gen.Int[95, 98])
        from bytes in Gen.OneOf('a', 'b', ' ').Array[length]
        from form in Gen.Int[0, 9]
        select form switch
        {
            0 => null,
            1 => "null",
            2 => "12",
            3 => "[]",
            _ => $"\"{new string(bytes)}\"",
        };

    private static readonly Gen<string?[]> s_values = s_value.Array[3];

    [Fact]
    public void Values_are_told_apart_just_where_their_bytes_or_kinds_are_different() => Gen.Select(s_values, s_values, Gen.Int[0, 7], Gen.Int[0, 40]).Sample(
        (one, other, shared, padding) =>
        {
            string?[] second = [.. other.Select((value, i) => (shared >> i & 1) != 0 ? one[i] : value)];
            (Vector256<ulong> key, string values) = Read(Write(one, 0));
            (Vector256<ulong> secondKey, string secondValues) = Read(Write(second, padding));
            Assert.Equal(values == secondValues, key == secondKey);
        },
        iter: 5_000);

    [Theory]
    [InlineData('a', "")]
    [InlineData('a', "b")]
    public void Values_of_every_length_and_place_in_the_event_are_the_same_and_no_other_is(char of, string behind)
    {
        HashSet<Vector256<ulong>> seen = [];
        for (int length = 0; length <= 200; length++)
        {
            string text = new string(of, length) + behind;
            string?[] values = [$"\"{text}\"", null, null];
            (Vector256<ulong> key, _) = Read(Write(values, 64));
            Assert.Equal(key, Read(Write(values, 0)).Key);
            Assert.Equal(key, Read($"{{\"kind\":\"Event\",\"stage\":\"Panic\",\"userAgent\":\"{text}\"}}").Key);
            Assert.True(seen.Add(key));
        }
    }

    [Fact]
    public void One_changed_byte_is_another_value()
    {
        byte[] text = Encoding.ASCII.GetBytes(new string('x', 150));
        HashSet<Vector256<ulong>> seen = [];
        for (int at = 0; at < text.Length; at++)
        {
            text[at] = (byte)'y';
            Assert.True(seen.Add(Read(Write([$"\"{Encoding.ASCII.GetString(text)}\"", null, null], 0)).Key));
            text[at] = (byte)'x';
        }
    }

    [Theory]
    [InlineData(KeyedHash.MaxLength, true)]
    [InlineData(KeyedHash.MaxLength + 1, false)]
    public void Values_that_are_too_long_are_not_read(int length, bool isRead)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(Write([$"\"{new string('a', length)}\"", null, null], 0)), out EventView view));
        Assert.Equal(isRead, new KeyedHash().TryRead(s_fields, view));
    }

    [Fact]
    public void Most_values_of_most_blocks_are_read()
    {
        KeyedHash key = new();
        string value = new('a', KeyedHash.MaxLength / KeyedHash.MaxFields);
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(Write([$"\"{value}\"", null, null], 0)), out EventView view));
        Assert.True(key.TryRead([.. Enumerable.Repeat(AuditField.UserAgent, KeyedHash.MaxFields)], view));
        Assert.False(key.TryRead([.. Enumerable.Repeat(AuditField.Verb, KeyedHash.MaxFields + 1)], view));
    }

    [Fact]
    public void An_event_shorter_than_a_block_is_not_read()
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode("{\"kind\":\"Event\",\"verb\":\"get\"}"u8, out EventView view));
        Assert.False(new KeyedHash().TryRead(s_fields, view));
    }

    private static string Write(string?[] values, int padding)
    {
        StringBuilder json = new("{\"kind\":\"Event\"");
        json.Append(values[2] is { } name ? $",\"user\":{{\"username\":{name}}}" : "");
        json.Append(values[0] is { } agent ? $",\"userAgent\":{agent}" : "");
        json.Append(values[1] is { } verb ? $",\"verb\":{verb}" : "");
        return json.Append(padding > 0 ? $",\"stage\":\"{new string('s', padding)}\"" : "").Append('}').ToString();
    }

    private static (Vector256<ulong> Key, string Values) Read(string json)
    {
        // White space, so that none is too short.
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json.Length < 32 ? json.PadLeft(32) : json), out EventView view));
        KeyedHash key = new();
        Assert.True(key.TryRead(s_fields, view));
        StringBuilder values = new();
        foreach (AuditField field in s_fields)
        {
            JsonRange range = view.RangeOf(field);
            values.Append(range.Kind).Append(' ').Append(range.Length).Append(' ').Append(Encoding.UTF8.GetString(view.Json.Slice(range.Start, range.Length))).Append('\n');
        }

        return (key.Words, values.ToString());
    }
}
