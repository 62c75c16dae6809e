using System.Text;
using Xunit;

namespace Vedette.Fuzz;

/// <summary>What was found stays found: the corpus of every target, and the same few mutations of it each time. The long runs are <c>eng/fuzz</c>'s.</summary>
public class FuzzTests
{
    /// <summary>Mutations of a target's corpus: about a second's worth.</summary>
    public static TheoryData<string, int> Mutations => new()
    {
        { "decoder", 3_000 },
        { "shapes", 2_000 },
        { "sigma", 800 },
        { "condition", 10_000 },
        { "regex", 300 },
        { "policy", 2_000 },
    };

    public static TheoryData<string> Targets => [.. FuzzTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Everything_in_the_corpus_holds_what_is_promised(string name)
    {
        FuzzTarget target = FuzzTarget.Find(name)!;
        IReadOnlyList<(string Name, byte[] Input)> corpus = Corpus.Read(target);
        Assert.NotEmpty(corpus);
        foreach ((string file, byte[] input) in corpus)
        {
            Run(target, input, file);
        }
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public void What_is_like_it_holds_it_too(string name, int count)
    {
        FuzzTarget target = FuzzTarget.Find(name)!;
        Mutator mutator = new([.. Corpus.Read(target).Select(entry => entry.Input)], target.Tokens(), seed: 1);
        for (int i = 0; i < count; i++)
        {
            Run(target, mutator.Next(), $"mutation {i}");
        }
    }

    [Fact]
    public void Every_target_has_words_that_AFL_reads()
    {
        foreach (FuzzTarget target in FuzzTarget.All)
        {
            Assert.NotEmpty(target.Tokens());
            Assert.All(File.ReadLines(target.TokensFile), line => Assert.Matches(@"^(#.*|""([ !#-\[\]-~]|\\\\|\\""|\\x[0-9a-f]{2})+"")$", line));
        }
    }

    private static void Run(FuzzTarget target, byte[] input, string what)
    {
        try
        {
            target.Run(input);
        }
        catch (Exception exception)
        {
            Assert.Fail($"{what}, in base64 {Convert.ToBase64String(input)}: {Encoding.UTF8.GetString(input)}{Environment.NewLine}{exception}");
        }
    }
}
