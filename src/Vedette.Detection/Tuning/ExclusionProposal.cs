using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;

namespace Vedette.Detection.Tuning;

/// <summary>An exclusion that would quieten a rule: one identity, what it does, and the objects it does it to.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Yaml">The filter as a Sigma document.</param>
/// <param name="Suppresses">How many matches in the log it would have suppressed.</param>
/// <param name="TestsKept">How many tests of the rule that must match still do with it.</param>
public sealed record ExclusionProposal(DetectionRule Rule, string Yaml, long Suppresses, int TestsKept)
{
    /// <summary>Less often than this is not noise but something to look at.</summary>
    public const int MinCount = 10;

    /// <summary>Most exclusions proposed for a rule.</summary>
    public const int MaxPerRule = 5;

    /// <summary>Most names of objects in one exclusion.</summary>
    public const int MaxNames = 10;

    // Who these are is not known, so nothing they do is known to be harmless.
    private static readonly string[] s_nobody = ["system:anonymous", "system:unauthenticated"];

    /// <summary>
    /// Proposes exclusions for a rule: for each identity that did the same to the same objects often. One that would keep a test of the rule from matching is not proposed; nor is any for a rule without tests that must match,
    /// where nothing could be proved.
    /// </summary>
    /// <param name="noise">What makes the rule match.</param>
    /// <param name="tests">The rule's own tests.</param>
    public static ImmutableArray<ExclusionProposal> For(RuleNoise noise, ImmutableArray<RuleTest> tests)
    {
        RuleTest[] mustMatch = [.. tests.Where(test => test.MustMatch && !test.IsSequence)];
        ImmutableArray<ExclusionProposal>.Builder proposals = ImmutableArray.CreateBuilder<ExclusionProposal>();
        foreach (IGrouping<(string, string, string? Namespace), (MatchShape Shape, long Count)> group in noise.Shapes.GroupBy(one => (one.Shape.Actor, one.Shape.Resource, one.Shape.Namespace))
            .OrderByDescending(group => group.Sum(one => one.Count)))
        {
            long count = group.Sum(one => one.Count);
            string[] names = [.. group.Select(one => one.Shape.Name).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
            bool isNamed = group.All(one => one.Shape.Name is not null);
            if (count < MinCount || proposals.Count == MaxPerRule || mustMatch.Length == 0 || s_nobody.Contains(group.Key.Item1, StringComparer.Ordinal)
                || names.Length > MaxNames || (names.Length > 0 && !isNamed))
            {
                continue;
            }

            string yaml = Write(noise.Rule, [.. group.Select(one => one.Shape)], names);
            SigmaRuleSet set = SigmaLoader.Load([new SigmaFile("proposal", yaml)], new SigmaOptions());
            if (set.HasErrors || set.Filters is not [var filter])
            {
                continue;
            }

            DetectionRule filtered = noise.Rule with { Filters = noise.Rule.Filters.Add(filter) };
            if (mustMatch.All(test => RuleTests.Run(filtered, test) is null))
            {
                proposals.Add(new ExclusionProposal(noise.Rule, yaml, count, mustMatch.Length));
            }
        }

        return proposals.ToImmutable();
    }

    private static string Write(DetectionRule rule, IReadOnlyList<MatchShape> shapes, string[] names)
    {
        MatchShape first = shapes[0];
        StringBuilder yaml = new();
        yaml.Append("title: ").AppendLine(Quote(Cut($"{rule.Title}: expected of {first.Actor}")));
        yaml.Append("id: ").AppendLine(IdOf(rule, first, names));
        yaml.AppendLine("description: |").AppendLine("    Proposed from a log. Say here why this is expected, and who said so.");
        yaml.AppendLine("logsource:").AppendLine("    product: kubernetes").AppendLine("    service: audit");
        yaml.AppendLine("filter:").AppendLine("    rules:").Append("        - ").AppendLine(Quote(rule.Name ?? rule.Id));
        yaml.AppendLine("    selection:").Append("        vedette.actor|cased: ").AppendLine(Quote(first.Actor));
        yaml.Append("        vedette.resource: ").AppendLine(Quote(first.Resource));
        Append(yaml, "verb", shapes.Select(shape => shape.Operation));
        yaml.AppendLine(first.Namespace is { } space ? $"        objectRef.namespace|cased: {Quote(space)}" : "        objectRef.namespace|exists: false");
        if (names.Length > 0)
        {
            Append(yaml, "objectRef.name|cased", names);
        }
        else
        {
            yaml.AppendLine("        objectRef.name|exists: false");
        }

        return yaml.AppendLine("    condition: not selection").ToString();
    }

    private static void Append(StringBuilder yaml, string field, IEnumerable<string> values)
    {
        yaml.Append("        ").Append(field).AppendLine(":");
        foreach (string value in values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            yaml.Append("            - ").AppendLine(Quote(value));
        }
    }

    /// <summary>A YAML text in double quotes, in which Sigma finds no wildcard. What a client chose cannot end it.</summary>
    private static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char character in text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal))
        {
            quoted.Append(character switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                < ' ' or > '~' => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    private static string Cut(string title) => title.Length <= 200 ? title : title[..200];

    /// <summary>The same proposal has the same id.</summary>
    private static string IdOf(DetectionRule rule, MatchShape shape, string[] names)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{rule.Id}\n{shape.Actor}\n{shape.Resource}\n{shape.Namespace}\n{string.Join('\n', names)}"), digest);
        digest[6] = (byte)(digest[6] & 0x0f | 0x80);
        digest[8] = (byte)(digest[8] & 0x3f | 0x80);
        return new Guid(digest[..16], bigEndian: true).ToString("D");
    }
}
