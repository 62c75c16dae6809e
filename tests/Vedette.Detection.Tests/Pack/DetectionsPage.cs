using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Tests;

namespace Vedette.Detection.Tests.Pack;

/// <summary>
/// Writes the two tables of docs/detections.md, behaviours and rules, from docs/behaviours.yml and the rule pack; the text around them is written by hand.
/// </summary>
internal static partial class DetectionsPage
{
    /// <summary>The page.</summary>
    public static string Path { get; } = System.IO.Path.Combine(SharedData.Root, "docs", "detections.md");

    /// <summary>The behaviours of docs/behaviours.yml.</summary>
    public static ImmutableArray<Behaviour> Behaviours { get; } = ReadBehaviours();

    /// <summary>The page with its tables as they should be.</summary>
    public static string Generate(string page)
    {
        ImmutableArray<PackFile> files = [.. PackFile.Paths.Select(PackFile.Read)];
        page = Put(page, "behaviours", BehaviourTable(files));
        return Put(page, "rules", RuleTable(files));
    }

    private static string BehaviourTable(ImmutableArray<PackFile> files)
    {
        StringBuilder table = new("| id | behaviour | rules |\n|---|---|---|\n");
        foreach (Behaviour behaviour in Behaviours)
        {
            IEnumerable<string> rules = files.Where(file => file.Main!.Behaviours.Contains(behaviour.Id, StringComparer.Ordinal)).Select(Link);
            IEnumerable<string> cells = behaviour.Lacks is null ? rules : rules.Append($"not yet: {behaviour.Lacks}");
            table.Append(null, $"| {behaviour.Id} | {behaviour.Text} | {string.Join("; ", cells)} |\n");
        }

        return table.ToString();
    }

    private static string RuleTable(ImmutableArray<PackFile> files)
    {
        StringBuilder table = new("| rule | level | ATT&CK | audit level | file |\n|---|---|---|---|---|\n");
        foreach (PackFile file in files.OrderByDescending(file => file.Main!.Level).ThenBy(file => file.Main!.Title, StringComparer.Ordinal))
        {
            DetectionRule rule = file.Main!;
            string techniques = string.Join(", ", rule.Tags.Where(tag => Technique().IsMatch(tag)).Select(tag => tag["attack.".Length..].ToUpperInvariant()));
            table.Append(null, $"| {rule.Title} | {rule.Level.ToString().ToLowerInvariant()} | {techniques} | {AuditLevel(file)} | {Link(file)} |\n");
        }

        return table.ToString();
    }

    private static string AuditLevel(PackFile file)
    {
        BodyNeeds needs = CompiledRules.Compile(file.Set.Rules).Needs.Aggregate(BodyNeeds.None, (all, one) => all | one);
        return needs switch
        {
            BodyNeeds.None => "Metadata",
            BodyNeeds.Request => "Request",
            _ => "RequestResponse",
        };
    }

    private static string Link(PackFile file) => $"[{file.Name}](../rules/{file.Path})";

    private static string Put(string page, string name, string table)
    {
        string begin = $"<!-- {name}: generated -->\n";
        string end = $"<!-- {name}: end -->\n";
        int from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return string.Concat(page.AsSpan(0, from), table, page.AsSpan(page.IndexOf(end, StringComparison.Ordinal)));
    }

    private static ImmutableArray<Behaviour> ReadBehaviours()
    {
        string file = System.IO.Path.Combine(SharedData.Root, "docs", "behaviours.yml");
        List<Diagnostic> diagnostics = [];
        YamlMapping map = (YamlMapping)YamlReader.Read(file, File.ReadAllText(file), diagnostics).Single();
        return diagnostics.Count > 0
            ? throw new InvalidDataException(diagnostics[0].ToString())
            : [.. map.Members.Select(member => new Behaviour(
                member.Key.Text,
                ((member.Value as YamlMapping)?["text"] as YamlScalar)?.Text ?? throw new InvalidDataException($"{file}:{member.Key.Line}: no text"),
                ((member.Value as YamlMapping)?["lacks"] as YamlScalar)?.Text))];
    }

    [GeneratedRegex(@"^attack\.t\d{4}")]
    private static partial Regex Technique();
}

/// <summary>Something an attacker or a mistake does, that audit events may show.</summary>
/// <param name="Id">Its id, such as <c>PE01</c>.</param>
/// <param name="Text">What it is, in one line.</param>
/// <param name="Lacks">What is missing to detect it, or the rest of it; null when rules do.</param>
internal sealed record Behaviour(string Id, string Text, string? Lacks);
