using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Vedette.Documents.Yaml;
using Xunit;

namespace Vedette.Detection.Tests.Yaml;

public class YamlArchiveTests
{
    private static readonly Gen<int> s_place = Gen.Int[0, 100_000];

    private static readonly Gen<YamlScalar> s_scalar = Gen.Select(Gen.String, Gen.Bool, s_place, s_place, (text, isPlain, line, column) => new YamlScalar(WellFormed(text), isPlain, line, column));

    private static readonly Gen<YamlNode> s_node = Gen.Recursive<YamlNode>((depth, node) => depth > 3 ? s_scalar.Select(scalar => (YamlNode)scalar) : Gen.OneOf(
        s_scalar.Select(scalar => (YamlNode)scalar),
        Gen.Select(node.Array[0, 4], s_place, s_place, (items, line, column) => (YamlNode)new YamlSequence([.. items], line, column)),
        Gen.Select(Gen.Select(s_scalar, node).Array[0, 4], s_place, s_place, (members, line, column) => (YamlNode)new YamlMapping([.. members.Select(pair => new YamlMember(pair.Item1, pair.Item2))], line, column))));

    [Fact]
    public void What_is_read_is_what_was_written() =>
        Gen.Select(Gen.String.Select(WellFormed), s_node.Array[0, 3]).Array[0, 4].Sample(files =>
        {
            using MemoryStream archive = new();
            YamlArchive.Write([.. files.Select(file => KeyValuePair.Create(file.Item1, file.Item2.ToImmutableArray()))], archive);
            archive.Position = 0;
            Assert.Equal(
                files.Select(file => file.Item1 + string.Concat(file.Item2.Select(Describe))),
                YamlArchive.Read(archive).Select(file => file.Key + string.Concat(file.Value().Select(Describe))));
        });

    [Fact]
    public void An_archive_cut_short_or_of_something_else_is_told()
    {
        using MemoryStream archive = new();
        YamlArchive.Write([KeyValuePair.Create("a.yml", YamlReader.Read("a.yml", "a: [b, 'c']\n---\nd", []))], archive);
        byte[] whole = archive.ToArray();
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<EndOfStreamException>(() => YamlArchive.Read(new MemoryStream(whole, 0, length)));
        }

        Assert.Throws<InvalidDataException>(() => YamlArchive.Read(new MemoryStream(Encoding.ASCII.GetBytes("title: not an archive"))));
    }

    // Half of a surrogate pair cannot be read from a file, and UTF-8 has no place for it.
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string Describe(YamlNode node) => $"{node.Line}:{node.Column} " + node switch
    {
        YamlScalar scalar => $"{(scalar.IsPlain ? "plain" : "quoted")} {scalar.Text.Length} {scalar.Text}\n",
        YamlSequence sequence => $"[{string.Concat(sequence.Items.Select(Describe))}]\n",
        YamlMapping mapping => $"{{{string.Concat(mapping.Members.Select(member => Describe(member.Key) + Describe(member.Value)))}}}\n",
        _ => throw new ArgumentException("a node of another kind", nameof(node)),
    };
}
