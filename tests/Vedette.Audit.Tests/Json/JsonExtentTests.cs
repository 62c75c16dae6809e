using Vedette.Audit.Json;
using Xunit;

namespace Vedette.Audit.Tests.Json;

public class JsonExtentTests
{
    [Fact]
    public void Says_what_it_was_told_whatever_the_other_parts_are()
    {
        foreach (JsonKind kind in Enum.GetValues<JsonKind>())
        {
            foreach (int length in (int[])[0, 1, 77, 1 << 30, int.MaxValue])
            {
                foreach (int following in (int[])[0, 1, 64, JsonExtent.MaxFollowing])
                {
                    foreach (bool isEscaped in (bool[])[false, true])
                    {
                        JsonExtent extent = new(length, kind, isEscaped, following);
                        Assert.Equal((length, kind, !isEscaped, following), (extent.Length, extent.Kind, extent.IsPlain, extent.Following));
                        Assert.Equal(kind == JsonKind.String && !isEscaped, extent.IsPlainString);
                    }
                }
            }
        }
    }

    [Fact]
    public void Of_a_very_long_text_says_less_than_what_follows_and_never_more() =>
        Assert.Equal((5, JsonKind.Object, JsonExtent.MaxFollowing), new JsonExtent(5, JsonKind.Object, isEscaped: false, int.MaxValue) is var extent ? (extent.Length, extent.Kind, extent.Following) : default);
}
