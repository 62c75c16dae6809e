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
    public static SigmaRuleSet Load(IEnumerable<SigmaFile> files, SigmaOptions options)
    {
        Collection collection = new(options);
        foreach (SigmaFile file in files)
        {
            collection.Read(file);
        }

        return collection.Resolve();
    }

    private sealed class Collection(SigmaOptions options)
    {
        private readonly List<Diagnostic> _diagnostics = [];
        private readonly List<DetectionRule> _rules = [];
        private readonly List<(CorrelationRule Rule, DocumentReader Reader, YamlMapping Node)> _correlations = [];
        private readonly List<RuleFilter> _filters = [];
        private int _documents;

        public void Read(SigmaFile file)
        {
            YamlMapping? template = null;
            YamlMapping? previous = null;
            foreach (YamlNode node in YamlReader.Read(file.Name, file.Text, _diagnostics))
            {
                if (node is YamlScalar { IsPlain: true, Text: "" })
                {
                    continue;
                }

                if (++_documents > MaxDocuments)
                {
                    _diagnostics.Add(new Diagnostic("VS1013", DiagnosticSeverity.Error, file.Name, node.Line, node.Column, $"More than {MaxDocuments} documents."));
                    return;
                }

                if (node is not YamlMapping document)
                {
                    _diagnostics.Add(new Diagnostic("VS1012", DiagnosticSeverity.Error, file.Name, node.Line, node.Column, "A Sigma document is a map.", "It begins with title: …."));
                    continue;
                }

                ReadDocument(file.Name, document, ref template, ref previous);
            }
        }

        public SigmaRuleSet Resolve()
        {
            ApplyFilters();
            ImmutableArray<CorrelationRule> correlations = ResolveCorrelations();
            return new SigmaRuleSet([.. _rules], correlations, [.. _diagnostics]) { Filters = [.. _filters] };
        }

        private void ReadDocument(string file, YamlMapping document, ref YamlMapping? template, ref YamlMapping? previous)
        {
            DocumentReader reader = new(file, document, _diagnostics);
            switch ((document["action"] as YamlScalar)?.Text)
            {
                case "global":
                    template = Without(document, "action");
                    return;
                case "reset":
                    template = null;
                    return;
                case "repeat" when previous is not null:
                    document = Merge(previous, Without(document, "action"));
                    break;
                case "repeat":
                    reader.Error("VS1011", document, "'action: repeat' repeats the document before, and there is none.");
                    return;
                case { } other:
                    reader.Error("VS1011", document["action"]!, $"There is no action '{other}'.", "One of global, repeat, reset.");
                    return;
            }

            if (document["correlation"] is not null || document["filter"] is not null)
            {
                ReadOther(new DocumentReader(file, document, _diagnostics), document);
                return;
            }

            previous = document;
            if (template is not null)
            {
                // pySigma lays the template over the rule, so on a clash the template's word counts.
                document = Merge(document, template);
            }

            ReadRule(new DocumentReader(file, document, _diagnostics));
        }

        private void ReadRule(DocumentReader reader)
        {
            DetectionRule rule = reader.ReadAttributes(new Condition.Constant(false));
            LogSource? source = reader.ReadLogSource();
            if (reader.Document["detection"] is not YamlMapping detection)
            {
                reader.Error("VS1020", reader.Document["detection"] ?? reader.Document, "There is no 'detection' map.", "A document has detection, correlation or filter.");
                return;
            }

            DetectionCompiler compiler = new(reader, options);
            Condition? condition = compiler.Compile(detection);
            if (condition is not null && source is not null && !reader.HasErrors)
            {
                _rules.Add(rule with { Condition = condition, LogSource = source, Places = compiler.Places });
            }
        }

        private void ReadOther(DocumentReader reader, YamlMapping document)
        {
            if (document["correlation"] is { } node)
            {
                if (node is not YamlMapping correlation)
                {
                    reader.Error("VS1040", node, "'correlation' must be a map.");
                }
                else if (new CorrelationReader(reader, correlation, options.Mapping).Read() is { } rule)
                {
                    _correlations.Add((rule, reader, correlation));
                }

                return;
            }

            ReadFilter(reader, document);
        }

        private void ReadFilter(DocumentReader reader, YamlMapping document)
        {
            DetectionRule attributes = reader.ReadAttributes(new Condition.Constant(false));
            LogSource? source = reader.ReadLogSource();
            if (document["filter"] is not YamlMapping filter)
            {
                reader.Error("VS1050", document["filter"]!, "'filter' must be a map.");
                return;
            }

            string[]? references = null;
            switch (filter["rules"])
            {
                case YamlScalar { Text: "any" or "" }:
                    break;
                case YamlScalar one:
                    references = [one.Text];
                    break;
                case YamlSequence list when list.Items.All(item => item is YamlScalar):
                    references = list.Items.IsEmpty ? null : [.. list.Items.Cast<YamlScalar>().Select(item => item.Text)];
                    break;
                default:
                    reader.Error("VS1050", filter["rules"] ?? filter, "A filter must say in 'rules' which rules it is for.", "List ids or names, or write rules: any.");
                    break;
            }

            DetectionCompiler compiler = new(reader, options);
            Condition? condition = compiler.Compile(filter, "rules");
            if (condition is null || source is null || reader.HasErrors)
            {
                return;
            }

            if (!Negates(condition))
            {
                reader.Warn("VS1051", filter["condition"]!, "This filter requires its selection: rules fire only where it matches.", "To leave events out write condition: not selection.");
            }

            _filters.Add(new RuleFilter
            {
                Id = attributes.Id,
                Name = attributes.Name ?? attributes.Id,
                Title = attributes.Title,
                Description = attributes.Description,
                LogSource = source,
                Rules = references,
                Condition = condition,
                Places = compiler.Places,
                File = attributes.File,
                Line = attributes.Line,
            });
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

        private static bool Negates(Condition condition) => condition switch
        {
            Condition.Not => true,
            Condition.All all => all.Of.Any(Negates),
            Condition.Any any => any.Of.Any(Negates),
            _ => false,
        };

        private static YamlMapping Without(YamlMapping map, string key) => map with { Members = map.Members.RemoveAll(member => member.Key.Text == key) };

        /// <summary>The first map with the second laid over it, maps inside merged likewise.</summary>
        private static YamlMapping Merge(YamlMapping below, YamlMapping above)
        {
            List<YamlMember> members = [.. below.Members];
            foreach (YamlMember member in above.Members)
            {
                int place = members.FindIndex(old => old.Key.Text == member.Key.Text);
                if (place < 0)
                {
                    members.Add(member);
                }
                else
                {
                    members[place] = members[place].Value is YamlMapping old && member.Value is YamlMapping map
                        ? new YamlMember(member.Key, Merge(old, map))
                        : member;
                }
            }

            return below with { Members = [.. members] };
        }
    }
}
