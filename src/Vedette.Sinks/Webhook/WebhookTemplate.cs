using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vedette.Sinks.Webhook;

/// <summary>
/// JSON with places for what a finding has: <c>{{rule.title}}</c> is a member of the finding by its path, <c>{{finding}}</c> the whole. Within quotes a text is escaped as JSON wants it, and anything
/// else is put in as a text; outside of quotes the value stands as JSON, null where there is none. So what is sent is JSON whatever the finding holds.
/// </summary>
public sealed class WebhookTemplate : IEquatable<WebhookTemplate>
{
    /// <summary>Longest template in characters.</summary>
    public const int MaxLength = 64 * 1024;

    private static readonly string[] s_members =
        ["id", "time", "rule", "cluster", "actor", "source", "target", "verb", "decision", "code", "events", "group", "window", "contributing", "distinct", "late", "count", "message"];

    private readonly ImmutableArray<Piece> _pieces;

    private WebhookTemplate(string text, ImmutableArray<Piece> pieces)
    {
        Text = text;
        _pieces = pieces;
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Reads a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="problem">What is wrong with it, when it is none.</param>
    public static WebhookTemplate? Parse(string text, out string? problem)
    {
        if (text.Length > MaxLength)
        {
            problem = $"it has more than {MaxLength} characters";
            return null;
        }

        ImmutableArray<Piece>.Builder pieces = ImmutableArray.CreateBuilder<Piece>();
        bool isQuoted = false;
        int at = 0;
        while (text.IndexOf("{{", at, StringComparison.Ordinal) is var open and >= 0)
        {
            int close = text.IndexOf("}}", open, StringComparison.Ordinal);
            string name = close < 0 ? "" : text[(open + 2)..close].Trim();
            string[] path = name == "finding" ? [] : name.Split('.');
            if (close < 0 || (path.Length > 0 && !s_members.Contains(path[0], StringComparer.Ordinal)))
            {
                // Two braces also end and begin objects of JSON: {"a":{"b":1}} has only closing ones, and an object cannot begin with an object.
                problem = close < 0 ? "a {{ has no }}" : $"there is no {{{{{BoundedText.Of(name, 100)}}}}}; a finding has {string.Join(", ", s_members)}, and {{{{finding}}}} is all of it";
                return null;
            }

            string literal = text[at..open];
            isQuoted = QuotedAfter(literal, isQuoted);
            pieces.Add(new Piece(literal, path, isQuoted));
            at = close + 2;
        }

        pieces.Add(new Piece(text[at..], null, IsQuoted: false));
        WebhookTemplate template = new(text, pieces.ToImmutable());
        try
        {
            // What is JSON for one finding is JSON for all.
            using JsonDocument _ = JsonDocument.Parse(template.Render("{}"u8.ToArray()));
        }
        catch (JsonException exception)
        {
            problem = $"what it makes is not JSON: {exception.Message}";
            return null;
        }

        problem = null;
        return template;
    }

    /// <summary>The body for a finding.</summary>
    /// <param name="finding">The finding's JSON.</param>
    public ReadOnlyMemory<byte> Render(ReadOnlyMemory<byte> finding)
    {
        using JsonDocument document = JsonDocument.Parse(finding);
        StringBuilder body = new();
        foreach (Piece piece in _pieces)
        {
            body.Append(piece.Literal);
            if (piece.Path is { } path)
            {
                Append(Find(document.RootElement, path), piece.IsQuoted, body);
            }
        }

        return Encoding.UTF8.GetBytes(body.ToString());
    }

    /// <inheritdoc />
    public bool Equals(WebhookTemplate? other) => other?.Text == Text;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as WebhookTemplate);

    /// <inheritdoc />
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    private static JsonElement Find(JsonElement of, ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (of.ValueKind != JsonValueKind.Object || !of.TryGetProperty(name, out of))
            {
                return default;
            }
        }

        return of;
    }

    private static void Append(JsonElement value, bool isQuoted, StringBuilder body)
    {
        bool isNothing = value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;
        if (!isQuoted)
        {
            body.Append(isNothing ? "null" : value.GetRawText());
        }
        else if (!isNothing)
        {
            body.Append(JavaScriptEncoder.Default.Encode(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()));
        }
    }

    /// <summary>Is one within quotes after a piece of JSON?</summary>
    private static bool QuotedAfter(string literal, bool isQuoted)
    {
        for (int i = 0; i < literal.Length; i++)
        {
            if (literal[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (literal[i] == '\\' && isQuoted)
            {
                i++;
            }
        }

        return isQuoted;
    }

    private readonly record struct Piece(string Literal, string[]? Path, bool IsQuoted);
}
