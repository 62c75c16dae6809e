using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Documents;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>
/// Reads Sigma files (specification 2.1.0; where it is silent as pySigma 1.5.0 does, see docs/sigma.md). All files are read together, since filters and
/// correlations refer to rules of other files. Nothing throws for any text; a document that cannot be used is named and left out.
/// </summary>
public static class SigmaLoader
{
    /// <summary>Most documents taken from all files together.</summary>
    public const int MaxDocuments = 100_000;

    /// <summary>Reads files.</summary>
    public static SigmaRuleSet Load(IEnumerable<SigmaFile> files, SigmaOptions options) => new Collection(SigmaFileReaders.Read([.. files], options)).Resolve();

    private sealed class Collection(SigmaFileReader[] files)
    {
        private readonly List<DetectionRule> _rules = [];
        private readonly List<(CorrelationRule Rule, DocumentReader Reader, YamlMapping Node)> _correlations = [];
        private readonly List<RuleFilter> _filters = [];

        public SigmaRuleSet Resolve()
        {
            int documents = 0;
            foreach (SigmaFileReader file in files)
            {
                documents += file.Documents;
                if (documents > MaxDocuments)
                {
                    file.LeaveOut(new Diagnostic("VS1013", DiagnosticSeverity.Error, file.Name, 0, 0, $"More than {MaxDocuments} documents, with those of the files before."));
                }

                _rules.AddRange(file.Rules);
                _correlations.AddRange(file.Correlations);
                _filters.AddRange(file.Filters);
            }

            ApplyFilters();
            ImmutableArray<CorrelationRule> correlations = ResolveCorrelations();
            return new SigmaRuleSet([.. _rules], correlations, [.. files.SelectMany(file => file.Diagnostics)]) { Filters = [.. _filters] };
        }

        private void ApplyFilters()
        {
            for (int i = 0; i < _rules.Count; i++)
            {
                DetectionRule rule = _rules[i];
                ImmutableArray<RuleFilter> filters = [.. _filters.Where(filter => filter.AppliesTo(rule))];
                if (!filters.IsEmpty)
                {
                    _rules[i] = rule with { Filters = filters };
                }
            }
        }

        private ImmutableArray<CorrelationRule> ResolveCorrelations()
        {
            HashSet<string> known = new(StringComparer.Ordinal);
            foreach (DetectionRule rule in _rules.Concat(_correlations.Select(entry => entry.Rule.Attributes)))
            {
                known.Add(rule.Id);
                if (rule.Name is not null)
                {
                    known.Add(rule.Name);
                }
            }

            // A correlation is usable once all its rules are; what never becomes usable is unknown or goes in a circle.
            HashSet<string> usable = new(_rules.SelectMany(rule => new[] { rule.Id, rule.Name ?? rule.Id }), StringComparer.Ordinal);
            List<(CorrelationRule Rule, DocumentReader Reader, YamlMapping Node)> waiting = [.. _correlations];
            List<CorrelationRule> resolved = [];
            while (waiting.RemoveAll(entry =>
            {
                if (!entry.Rule.Rules.All(usable.Contains))
                {
                    return false;
                }

                usable.Add(entry.Rule.Attributes.Id);
                usable.Add(entry.Rule.Attributes.Name ?? entry.Rule.Attributes.Id);
                resolved.Add(entry.Rule);
                return true;
            }) > 0)
            {
            }

            foreach ((CorrelationRule rule, DocumentReader reader, YamlMapping node) in waiting)
            {
                string? unknown = rule.Rules.FirstOrDefault(name => !known.Contains(name));
                reader.Error(
                    "VS1041", node,
                    unknown is null ? $"The correlation '{rule.Attributes.Title}' refers to itself, or to one that cannot be used." : $"There is no rule '{unknown}'.",
                    "Correlations name rules by name or id; load the file that has them too.");
            }

            return [.. resolved];
        }
    }
}
