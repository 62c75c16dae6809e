using System.Text;
using Vedette.Audit.Shapes;
using Vedette.Sources.Bodies;
using Xunit;

namespace Vedette.Sources.Tests.Bodies;

public class JsonEndTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("[]")]
    [InlineData("[ ]\n[]\n")]
    [InlineData("""{"items":[]}""")]
    public void What_is_whole_and_holds_nothing_is_nothing(string body) => Assert.Null(JsonEnd.WhyNone(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("[")]
    [InlineData("\n[ ")]
    [InlineData("[]\n[")]
    [InlineData("[[]")]
    [InlineData("{")]
    [InlineData("[\"")]
    public void What_ends_too_early_is_cut_off(string body) => Assert.Equal(RejectReason.Truncated, JsonEnd.WhyNone(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData("]")]
    [InlineData(",")]
    [InlineData("[],")]
    [InlineData("[,]")]
    [InlineData("[]]")]
    public void What_is_left_of_JSON_is_none(string body) => Assert.Equal(RejectReason.NotJson, JsonEnd.WhyNone(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Depth_is_no_matter() => Assert.Equal(RejectReason.Truncated, JsonEnd.WhyNone(Encoding.UTF8.GetBytes(new string('[', 1_000_000))));
}
