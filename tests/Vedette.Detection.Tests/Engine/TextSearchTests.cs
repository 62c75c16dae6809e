using CsCheck;
using Vedette.Detection.Engine;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

public class TextSearchTests
{
    private static readonly Gen<byte[]> s_text = Gen.OneOf<byte>("abc"u8.ToArray()).Array[1, 6];

    private static readonly Gen<SoughtText[]> s_sought = Gen.Select(s_text, Gen.Bool, Gen.Bool).Array[1, 40]
        .Select(texts => texts.Select((text, index) => new SoughtText(text.Item1, text.Item2, text.Item3, index)).ToArray());

    [Fact]
    public void Finds_what_looking_for_each_text_alone_finds() => Gen.Select(s_sought, Gen.OneOf<byte>("abcd"u8.ToArray()).Array[0, 30]).Sample(
        (texts, input) =>
        {
            List<int> found = [];
            TextSearch.Build(texts).Find(input, found);
            int[] expected = [.. texts.Where(text => Stands(text, input)).Select(text => text.Predicate)];
            Assert.Equal(expected, found.Distinct().Order());
        },
        iter: 10_000);

    private static bool Stands(SoughtText text, ReadOnlySpan<byte> input) => (text.AtStart, text.AtEnd) switch
    {
        (true, true) => input.SequenceEqual(text.Text),
        (true, false) => input.StartsWith(text.Text),
        (false, true) => input.EndsWith(text.Text),
        _ => input.IndexOf(text.Text) >= 0,
    };
}
