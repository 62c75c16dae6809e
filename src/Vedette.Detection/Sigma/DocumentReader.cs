using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Rules;
using Vedette.Documents;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Reads the attributes that rules, correlations and filters share, and keeps what is wrong with them.</summary>
internal sealed class DocumentReader(string file, YamlMapping document, List<Diagnostic> diagnostics)
{
    private static readonly string[] s_statuses = ["stable", "test", "experimental", "deprecated", "unsupported"];
    private static readonly string[] s_relations = ["derived", "obsolete", "merged", "renamed", "similar"];

    /// <summary>The file's name.</summary>
    public string File => file;

    /// <summary>The document.</summary>
    public YamlMapping Document => document;

    /// <summary>True when something found so far keeps the document from being used.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>Adds an error at a node.</summary>
    public void Error(string code, YamlNode at, string message, string? help = null)
    {
        HasErrors = true;
        diagnostics.Add(new Diagnostic(code, DiagnosticSeverity.Error, file, at.Line, at.Column, message, help));
    }

    /// <summary>Adds a warning at a node.</summary>
    public void Warn(string code, YamlNode at, string message, string? help = null) =>
        diagnostics.Add(new Diagnostic(code, DiagnosticSeverity.Warning, file, at.Line, at.Column, message, help));

    /// <summary>Adds a note at a node.</summary>
    public void Note(string code, YamlNode at, string message, string? help = null) =>
        diagnostics.Add(new Diagnostic(code, DiagnosticSeverity.Information, file, at.Line, at.Column, message, help));

    /// <summary>Reads title, id, level and all that informs; <paramref name="condition"/> is put in.</summary>
    public DetectionRule ReadAttributes(Condition condition)
    {
        string title = ReadTitle();
        string? id = ReadId();
        string? name = Text("name");
        if (document["name"] is { } nameNode && string.IsNullOrEmpty(name))
        {
            Error("VS1004", nameNode, "'name' must be a text that is not empty.", "Remove it or give it a value.");
        }

        CheckDate("date");
        CheckDate("modified");
        CheckRelated();
        CheckText("taxonomy", "author", "license", "description");
        DetectionRule rule = new()
        {
            Id = id ?? name ?? title,
            Name = name,
            Title = title,
            Status = ReadStatus(),
            Level = ReadLevel(),
            Description = Text("description"),
            Author = Text("author"),
            Tags = ReadTags(),
            References = TextList("references"),
            FalsePositives = TextList("falsepositives"),
            Fields = TextList("fields"),
            Condition = condition,
            File = file,
            Line = document.Line,
        };
        switch (document["vedette"])
        {
            case null:
                return rule;
            case YamlMapping attributes:
                return new VedetteAttributes(this, attributes).AddTo(rule);
            case { } other:
                Error("VS1060", other, "'vedette' must be a map.", "Of behaviours, next_steps, new_terms, suppress.");
                return rule;
        }
    }

    /// <summary>Reads the log source; an error and null where it is missing or says nothing.</summary>
    public LogSource? ReadLogSource()
    {
        switch (document["logsource"])
        {
            case YamlMapping map:
                LogSource source = new(Part(map, "category"), Part(map, "product"), Part(map, "service"));
                if (source == LogSource.Any)
                {
                    Error("VS1009", map, "The log source says neither category nor product nor service.", "For Kubernetes audit: product: kubernetes, service: audit.");
                    return null;
                }

                return source;
            case { } other:
                Error("VS1009", other, "'logsource' must be a map.", "For Kubernetes audit: product: kubernetes, service: audit.");
                return null;
            default:
                Error("VS1009", document, "There is no 'logsource'.", "For Kubernetes audit: product: kubernetes, service: audit.");
                return null;
        }
    }

    /// <summary>The text of an attribute; null when it is missing or no scalar.</summary>
    public string? Text(string key) => document[key] is YamlScalar scalar && YamlTyping.TypeOf(scalar, out _, out _, out _) != YamlType.Null ? scalar.Text : null;

    private string? Part(YamlMapping source, string key)
    {
        if (source[key] is not { } node)
        {
            return null;
        }

        if (node is YamlScalar scalar)
        {
            return YamlTyping.TypeOf(scalar, out _, out _, out _) == YamlType.Null ? null : scalar.Text;
        }

        Error("VS1009", node, $"'{key}' of the log source must be a text.");
        return null;
    }

    private string ReadTitle()
    {
        switch (document["title"])
        {
            case YamlScalar title when YamlTyping.TypeOf(title, out _, out _, out _) is YamlType.Text && title.Text.Length > 0:
                if (title.Text.Length > 256)
                {
                    Error("VS1002", title, $"The title has {title.Text.Length} characters; Sigma allows 256.", "Say the rest in 'description'.");
                }

                return title.Text;
            case { } other:
                Error("VS1002", other, "'title' must be a text.", "Put it in quotes.");
                return "";
            default:
                Error("VS1002", document, "There is no 'title'.", "Every Sigma document has one.");
                return "";
        }
    }

    private string? ReadId()
    {
        if (document["id"] is not { } node)
        {
            return null;
        }

        if (node is YamlScalar id && Guid.TryParseExact(id.Text, "D", out Guid parsed))
        {
            return parsed.ToString("D");
        }

        Error("VS1003", node, "'id' must be a UUID.", "Make one with uuidgen, and keep it for the life of the rule.");
        return null;
    }

    private string? ReadStatus()
    {
        if (document["status"] is not { } node)
        {
            return null;
        }

        if (node is YamlScalar status && s_statuses.Contains(status.Text, StringComparer.Ordinal))
        {
            return status.Text;
        }

        Error("VS1005", node, $"'status' must be one of {string.Join(", ", s_statuses)}.");
        return null;
    }

    private RuleLevel ReadLevel()
    {
        if (document["level"] is not { } node)
        {
            return RuleLevel.Unset;
        }

        RuleLevel level = (node as YamlScalar)?.Text switch
        {
            "informational" => RuleLevel.Informational,
            "low" => RuleLevel.Low,
            "medium" => RuleLevel.Medium,
            "high" => RuleLevel.High,
            "critical" => RuleLevel.Critical,
            _ => RuleLevel.Unset,
        };
        if (level == RuleLevel.Unset)
        {
            Error("VS1006", node, "'level' must be one of informational, low, medium, high, critical.");
        }

        return level;
    }

    private ImmutableArray<string> ReadTags()
    {
        ImmutableArray<string> tags = TextList("tags");
        foreach (string tag in tags)
        {
            if (!tag.Contains('.', StringComparison.Ordinal))
            {
                Error("VS1008", document["tags"]!, $"The tag '{tag}' has no namespace.", "Write namespace.name, such as attack.t1609.");
            }
        }

        return tags;
    }

    private void CheckDate(string key)
    {
        if (document[key] is { } node
            && !(node is YamlScalar date
                && DateOnly.TryParseExact(date.Text, ["yyyy-M-d", "yyyy/M/d"], CultureInfo.InvariantCulture, DateTimeStyles.None, out _)))
        {
            Error("VS1007", node, $"'{key}' must be a date.", "Write YYYY-MM-DD.");
        }
    }

    private void CheckRelated()
    {
        if (document["related"] is not { } node)
        {
            return;
        }

        if (node is not YamlSequence list)
        {
            Error("VS1010", node, "'related' must be a list of maps with id and type.");
            return;
        }

        foreach (YamlNode item in list.Items)
        {
            if (item is not YamlMapping map || map["id"] is not YamlScalar id || map["type"] is not YamlScalar type)
            {
                Error("VS1010", item, "An entry of 'related' must be a map with id and type.");
            }
            else if (!s_relations.Contains(type.Text, StringComparer.Ordinal))
            {
                Error("VS1010", type, $"'{type.Text}' is no relation.", $"One of {string.Join(", ", s_relations)}.");
            }
            else if (!Guid.TryParse(id.Text, out _))
            {
                Error("VS1010", id, "The id of a related rule must be a UUID.");
            }
        }
    }

    private void CheckText(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (document[key] is { } node and not YamlScalar)
            {
                Error("VS1001", node, $"'{key}' must be a text.");
            }
        }
    }

    private ImmutableArray<string> TextList(string key)
    {
        switch (document[key])
        {
            case null:
                return [];
            case YamlSequence list:
                ImmutableArray<string>.Builder texts = ImmutableArray.CreateBuilder<string>(list.Items.Length);
                foreach (YamlNode item in list.Items)
                {
                    if (item is YamlScalar one)
                    {
                        texts.Add(one.Text);
                    }
                    else
                    {
                        Error("VS1001", item, $"'{key}' must be a list of texts.");
                    }
                }

                return texts.DrainToImmutable();
            case YamlScalar scalar when YamlTyping.TypeOf(scalar, out _, out _, out _) == YamlType.Null:
                return [];
            case YamlScalar { } text:
                Warn("VS1001", text, $"'{key}' should be a list.", $"Write '- ' before it.");
                return [text.Text];
            case { } other:
                Error("VS1001", other, $"'{key}' must be a list of texts.");
                return [];
        }
    }
}
