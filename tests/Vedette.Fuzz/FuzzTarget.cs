using Vedette.Fuzz.Targets;
using Vedette.Tests;

namespace Vedette.Fuzz;

/// <summary>Takes any bytes and throws when something that is promised of them does not hold.</summary>
internal delegate void FuzzCheck(ReadOnlySpan<byte> input);

/// <summary>One thing that is fuzzed.</summary>
/// <param name="Name">As <c>eng/fuzz</c> names it.</param>
/// <param name="Check">Holds an input against what is promised.</param>
internal sealed record FuzzTarget(string Name, FuzzCheck Check)
{
    /// <summary>Longest input looked at, in bytes; what a longer one finds a shorter one finds too, and sooner.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary>Every target.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("decoder", DecoderTarget.Check),
        new("shapes", ShapesTarget.Check),
        new("sigma", SigmaTarget.Check),
        new("condition", ConditionTarget.Check),
        new("regex", RegexTarget.Check),
        new("policy", PolicyTarget.Check),
    ];

    /// <summary>The target's inputs: few that together reach what is known to be reachable, and each that once failed.</summary>
    public string CorpusFile => Path.Combine(Folder, "corpus", Name + ".zip");

    /// <summary>Words of the target's language in AFL's notation, <c>"text"</c> a line.</summary>
    public string TokensFile => Path.Combine(Folder, "tokens", Name + ".dict");

    private static string Folder => Path.Combine(SharedData.Root, "tests", "Vedette.Fuzz");

    /// <summary>Finds a target by its name.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);

    /// <summary>Checks an input unless it is too long.</summary>
    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length <= MaxLength)
        {
            Check(input);
        }
    }

    /// <summary>Reads <see cref="TokensFile"/>.</summary>
    public IReadOnlyList<byte[]> Tokens() => [.. File.ReadLines(TokensFile).Where(line => line.StartsWith('"')).Select(line => Unescaped(line[1..^1]))];

    private static byte[] Unescaped(string token)
    {
        List<byte> bytes = [];
        for (int i = 0; i < token.Length; i++)
        {
            bool isHexadecimal = token[i] == '\\' && token[i + 1] == 'x';
            i += token[i] == '\\' ? 1 : 0;
            bytes.Add(isHexadecimal ? Convert.ToByte(token.Substring(i + 1, 2), 16) : (byte)token[i]);
            i += isHexadecimal ? 2 : 0;
        }

        return [.. bytes];
    }

    public override string ToString() => Name;
}
