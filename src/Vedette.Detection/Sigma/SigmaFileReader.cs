using Vedette.Detection.Rules;
using Vedette.Documents;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Reads the documents of one file by themselves: what refers to rules of other files is resolved when all are read.</summary>
internal sealed class SigmaFileReader
{
    private readonly SigmaOptions _options;
    private readonly bool _isKnown;
    private YamlMapping? _template;
    private YamlMapping? _previous;

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">How to read it.</param>
    public SigmaFileReader(SigmaFile file, SigmaOptions options)
    {
        Name = file.Name;
        _options = options;
        _isKnown = file.IsKnown;
        foreach (YamlNode node in file.Read(Diagnostics))
        {
            if (node is YamlScalar { IsPlain: true, Text: "" })
            {
                continue;
            }

            Documents++;
            if (node is not YamlMapping document)
            {
                Diagnostics.Add(new Diagnostic("VS1012", DiagnosticSeverity.Error, Name, node.Line, node.Column, "A Sigma document is a map.", "It begins with title: …."));
                continue;
            }

            Read(document);
        }
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What there is to say of the file.</summary>
    public List<Diagnostic> Diagnostics { get; } = [];

    /// <summary>Its rules, without filters.</summary>
    public List<DetectionRule> Rules { get; } = [];

    /// <summary>Its correlations, and where they stand.</summary>
    public List<(CorrelationRule Rule, DocumentReader Reader, YamlMapping Node)> Correlations { get; } = [];

    /// <summary>Its filters.</summary>
    public List<RuleFilter> Filters { get; } = [];

    /// <summary>How many documents it has, those that cannot be used among them.</summary>
    public int Documents { get; private set; }

    /// <summary>Takes nothing of the file.</summary>
    /// <param name="reason">Why.</param>
    public void LeaveOut(Diagnostic reason)
    {
        Diagnostics.Add(reason);
        Rules.Clear();
        Correlations.Clear();
        Filters.Clear();
    }

    private void Read(YamlMapping document)
    {
        DocumentReader reader = new(Name, document, Diagnostics);
        switch ((document["action"] as YamlScalar)?.Text)
        {
            case "global":
                _template = Without(document, "action");
                return;
            case "reset":
                _template = null;
                return;
            case "repeat" when _previous is not null:
                document = Merge(_previous, Without(document, "action"));
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
            ReadOther(new DocumentReader(Name, document, Diagnostics), document);
            return;
        }

        _previous = document;
        if (_template is not null)
        {
            // pySigma lays the template over the rule, so on a clash the template's word counts.
            document = Merge(document, _template);
        }

        ReadRule(new DocumentReader(Name, document, Diagnostics));
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

        DetectionCompiler compiler = new(reader, _options, _isKnown);
        Condition? condition = compiler.Compile(detection);
        if (condition is not null && source is not null && !reader.HasErrors)
        {
            Rules.Add(rule with { Condition = condition, LogSource = source, Places = compiler.Places });
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
            else if (new CorrelationReader(reader, correlation, _options.Mapping).Read() is { } rule)
            {
                Correlations.Add((rule, reader, correlation));
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

        DetectionCompiler compiler = new(reader, _options, _isKnown);
        Condition? condition = compiler.Compile(filter, "rules");
        if (condition is null || source is null || reader.HasErrors)
        {
            return;
        }

        if (!Negates(condition))
        {
            reader.Warn("VS1051", filter["condition"]!, "This filter requires its selection: rules fire only where it matches.", "To leave events out write condition: not selection.");
        }

        Filters.Add(new RuleFilter
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
