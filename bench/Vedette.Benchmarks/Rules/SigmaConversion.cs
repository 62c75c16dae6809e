using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Documents;

namespace Vedette.Benchmarks.Rules;

/// <summary>Writes the rules of a table as Sigma, as a user would write them: no modifier that asks for case, though the table's rules compare byte for byte.</summary>
internal static class SigmaConversion
{
    private static readonly FrozenDictionary<string, string[]> s_fields = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["verb"] = ["verb"],
        ["resource"] = ["objectRef.resource"],
        ["subresource"] = ["objectRef.subresource"],
        ["ns"] = ["objectRef.namespace"],
        ["name"] = ["objectRef.name"],
        ["user"] = ["user.username"],
        ["group"] = ["user.groups"],
        ["impersonated"] = ["impersonatedUser.username"],
        ["ua"] = ["userAgent"],
        ["uri"] = ["requestURI"],
        ["code"] = ["responseStatus.code"],
        ["roleRef"] = ["requestObject.roleRef.name"],
        ["hostNetwork"] = InSpec("hostNetwork"),
        ["hostPath"] = InSpec("volumes.hostPath.path"),
        ["image"] = [.. InSpec("containers.image"), .. InSpec("initContainers.image")],
        ["privileged"] = [.. InSpec("containers.securityContext.privileged"), .. InSpec("initContainers.securityContext.privileged")],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reads rules as the product does: tables are converted, Sigma files and directories of them taken as they are.</summary>
    /// <exception cref="InvalidDataException">A rule cannot be used.</exception>
    public static IEnumerable<DetectionRule> Load(IEnumerable<string> paths)
    {
        SigmaFile[] files = [.. paths.SelectMany(Files)];
        SigmaRuleSet set = SigmaLoader.Load(files, new SigmaOptions { Mapping = FieldMapping.Shorthand });
        return set.HasErrors
            ? throw new InvalidDataException(string.Join('\n', set.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).Take(5)))
            : set.Rules;
    }

    private static IEnumerable<SigmaFile> Files(string path)
    {
        if (path.EndsWith(".tsv", StringComparison.Ordinal))
        {
            return RuleTable.Read(path).Select((rule, index) => new SigmaFile($"{path}:{index + 1}", Convert(index, rule)));
        }

        string[] files = Directory.Exists(path) ? Directory.GetFiles(path, "*.yml", SearchOption.AllDirectories) : [path];
        return files.Where(file => !file.EndsWith(".tests.yml", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(file => new SigmaFile(file, File.ReadAllText(file)));
    }

    private static string Convert(int rule, RulePredicate[] predicates)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"title: Benchmark rule {rule + 1}\nlogsource:\n    product: kubernetes\n    service: audit\ndetection:\n");
        List<string> condition = [];
        for (int i = 0; i < predicates.Length; i++)
        {
            RulePredicate predicate = predicates[i];
            bool isNegated = predicate.Operator is "notin" or "notprefix";
            condition.Add(isNegated ? $"not p{i}" : $"p{i}");
            text.Append(CultureInfo.InvariantCulture, $"    p{i}:\n");
            foreach (string field in s_fields[predicate.Field])
            {
                Write(text, field, predicate);
            }
        }

        text.Append(CultureInfo.InvariantCulture, $"    condition: {string.Join(" and ", condition)}\nlevel: low\n");
        return text.ToString();
    }

    // A list of maps, one for each place where the field may stand: any of them will do.
    private static void Write(StringBuilder text, string field, RulePredicate predicate)
    {
        string modifier = predicate.Operator switch
        {
            "in" or "notin" => "",
            "prefix" or "notprefix" => "|startswith",
            "contains" => "|contains",
            "any" => "|exists",
            _ => throw new InvalidDataException($"unknown operator {predicate.Operator}"),
        };
        text.Append(CultureInfo.InvariantCulture, $"        - {field}{modifier}:");
        if (predicate.Operator == "any")
        {
            text.Append(" true\n");
            return;
        }

        text.Append('\n');
        foreach (string value in predicate.Values)
        {
            bool isPlain = predicate.Field is "code" or "hostNetwork" or "privileged";
            text.Append("              - ").Append(isPlain ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'").Append('\n');
        }
    }

    private static string[] InSpec(string path) => [$"requestObject.spec.{path}", $"requestObject.spec.template.spec.{path}"];
}
