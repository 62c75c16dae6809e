using System.Globalization;
using System.Text;
using CsCheck;
using Vedette.Detection.Engine;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

public class EventTimeTests
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    [Fact]
    public void Times_as_kube_apiserver_writes_them_are_read_as_dotnet_reads_them() =>
        Gen.Long[0, DateTime.MaxValue.Ticks].Select(ticks => new DateTime(ticks, DateTimeKind.Utc).ToString(Format, CultureInfo.InvariantCulture)).Sample(text =>
        {
            Assert.True(EventTime.TryParse(Encoding.ASCII.GetBytes(text), out DateTimeOffset time), text);
            Assert.Equal(DateTimeOffset.ParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal), time);
            Assert.Equal(TimeSpan.Zero, time.Offset);
        });

    [Fact]
    public void A_byte_that_is_wrong_in_any_place_is_seen()
    {
        const string Text = "2024-02-29T23:59:58.123456Z";
        for (int at = 0; at < Text.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] bytes = Encoding.ASCII.GetBytes(Text);
                bytes[at] = (byte)value;
                string text = Encoding.Latin1.GetString(bytes);

                // With another mark between date and time or after the time, and at the second of a leap, it can be a time of another form.
                bool isOtherForm = at is 10 or 26 || text.EndsWith("60.123456Z", StringComparison.Ordinal);
                bool isTime = DateTimeOffset.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset expected);
                Assert.True(isOtherForm || EventTime.TryParse(bytes, out DateTimeOffset time) == isTime && time == expected, text);
            }
        }
    }

    [Theory]
    [InlineData("2024-02-29T23:59:60.000000Z", "2024-02-29T23:59:59.0000000")]
    [InlineData("2024-02-29 23:59:59.1Z", "2024-02-29T23:59:59.1000000")]
    [InlineData("2024-02-29t23:59:59", "2024-02-29T23:59:59.0000000")]
    [InlineData("2024-02-29T23:59:59.123456789z", "2024-02-29T23:59:59.1234567")]
    [InlineData("2024-03-01T00:29:59.000001+01:30", "2024-02-29T22:59:59.0000010")]
    [InlineData("2024-02-29T22:59:59-00:30", "2024-02-29T23:29:59.0000000")]
    public void Other_forms_are_read_too(string text, string expected)
    {
        Assert.True(EventTime.TryParse(Encoding.ASCII.GetBytes(text), out DateTimeOffset time));
        Assert.Equal(expected, time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("")]
    [InlineData("2023-02-29T23:59:59.123456Z")]
    [InlineData("0000-01-01T00:00:00.000000Z")]
    [InlineData("2024-13-01T00:00:00.000000Z")]
    [InlineData("2024-01-01T24:00:00.000000Z")]
    [InlineData("2024-01-01T00:60:00.000000Z")]
    [InlineData("2024-01-01T00:00:61.000000Z")]
    [InlineData("2024-01-01T00:00:00.Z")]
    [InlineData("2024-01-01T00:00:00.000000ZZ")]
    [InlineData("2024-01-01T00:00:00+24:00")]
    [InlineData("0001-01-01T00:00:00.000000+01:00")]
    public void What_is_no_time_is_not_read(string text) => Assert.False(EventTime.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
