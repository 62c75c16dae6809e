using System.Text;

namespace Vedette.Audit.Tests.Redaction;

/// <summary>Writes JSON in one of its many spellings, and knows which parts of the text are secrets.</summary>
internal sealed class Spelling(Random random)
{
    private readonly List<Piece> _pieces = [];

    /// <summary>What was written.</summary>
    public IReadOnlyList<Piece> Pieces => _pieces;

    /// <summary>The text.</summary>
    public string Text => string.Concat(_pieces.Select(piece => piece.Text));

    /// <summary>Writes a value: <see cref="Secret"/>, <see cref="Copy"/>, members, elements, a string, or JSON as it is.</summary>
    public void Value(object value)
    {
        Blank();
        switch (value)
        {
            case Secret { IsString: true } secret:
                Raw("\"");
                _pieces.Add(new Piece(Escaped(secret.Text), secret.Content, 0));
                Raw("\"");
                break;
            case Secret secret:
                _pieces.Add(new Piece(secret.Text, secret.Content, 1));
                break;
            case Copy copy:
                Spelling inner = new(random);
                inner.Value(copy.Value);
                Raw("\"");
                _pieces.AddRange(inner._pieces.Select(piece => piece with { Text = Escaped(piece.Text), Quotes = piece.Quotes == 0 ? 0 : piece.Quotes + 1 }));
                Raw("\"");
                break;
            case (string, object)[] members:
                List(members, "{", "}", member =>
                {
                    Blank();
                    Raw('"' + Escaped(member.Item1) + '"');
                    Blank();
                    Raw(":");
                    Value(member.Item2);
                });
                break;
            case object[] elements:
                List(elements, "[", "]", Value);
                break;
            case string text:
                Raw('"' + Escaped(text) + '"');
                break;
            default:
                Raw(value.ToString()!);
                break;
        }

        Blank();
    }

    private void List<T>(T[] items, string open, string close, Action<T> write)
    {
        Raw(open);
        Blank();
        for (int i = 0; i < items.Length; i++)
        {
            if (i > 0)
            {
                Raw(",");
            }

            write(items[i]);
        }

        Raw(close);
    }

    private void Raw(string text) => _pieces.Add(new Piece(text, null, 0));

    private void Blank() => Raw(random.Next(6) == 0 ? new[] { " ", "\n", "\t  ", "\r\n" }[random.Next(4)] : "");

    private string Escaped(string text)
    {
        StringBuilder escaped = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            string code = string.Concat(rune.ToString().Select(unit => random.Next(2) == 0 ? $"\\u{(int)unit:x4}" : $"\\u{(int)unit:X4}"));
            escaped.Append(rune.Value switch
            {
                _ when random.Next(25) == 0 => code,
                '"' => "\\\"",
                '\\' => "\\\\",
                '/' when random.Next(3) == 0 => "\\/",
                '\n' => "\\n",
                '\t' => "\\t",
                < ' ' => code,
                _ => rune.ToString(),
            });
        }

        return escaped.ToString();
    }

    /// <summary>A part of the text.</summary>
    /// <param name="Text">The text.</param>
    /// <param name="Secret">What it means, when it is a secret.</param>
    /// <param name="Quotes">0 when what stands for it is between quotes already; else how many strings around it escape its quotes, plus one.</param>
    internal sealed record Piece(string Text, string? Secret, int Quotes);
}

/// <summary>A secret.</summary>
/// <param name="Text">As it is written: a string's characters, or JSON.</param>
/// <param name="IsString">Is it a string?</param>
/// <param name="Content">What it means: the same for what is the same secret.</param>
internal sealed record Secret(string Text, bool IsString, string Content);

/// <summary>A copy of an object in a string, as <c>kubectl apply</c> leaves one in an annotation.</summary>
internal sealed record Copy(object Value);
