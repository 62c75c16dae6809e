using System.Globalization;
using Vedette.Audit.Text;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>
/// Writes HTML that is well-formed XML too: every element is closed, every text and attribute escaped, and what cannot be seen made visible. There is no way to write raw text but
/// <see cref="Style"/>.
/// </summary>
/// <param name="into">Where to.</param>
internal sealed class HtmlMarkup(TextWriter into)
{
    /// <summary>Longest single text, in characters; longer ones are cut, and the cut is said.</summary>
    public const int MaxTextLength = 4_000;

    private readonly Stack<string> _open = new();

    /// <summary>Opens an element.</summary>
    public HtmlMarkup Open(string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        WriteTag(element, attributes);
        into.Write('>');
        _open.Push(element);
        return this;
    }

    /// <summary>Closes the elements opened last.</summary>
    /// <param name="count">How many.</param>
    public HtmlMarkup Close(int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            string element = _open.Pop();
            into.Write($"</{element}>");
            if (element is "p" or "li" or "tr" or "dd" or "section" or "article" or "details" or "h1" or "h2" or "h3" or "h4" or "summary" or "svg" or "div" or "dl" or "ul" or "ol" or "table")
            {
                into.WriteLine();
            }
        }

        return this;
    }

    /// <summary>An element without content, such as meta, or one of SVG.</summary>
    public HtmlMarkup Empty(string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        WriteTag(element, attributes);
        into.Write(" />");
        return this;
    }

    /// <summary>An element with a text.</summary>
    public HtmlMarkup Element(string element, string text, params ReadOnlySpan<(string Name, string Value)> attributes) => Open(element, attributes).Text(text).Close();

    /// <summary>A text.</summary>
    public HtmlMarkup Text(string text)
    {
        Escape(VisibleText.Of(VisibleText.Cut(text, MaxTextLength)));
        return this;
    }

    /// <summary>A text of an event: shown as code, cut to what a person reads.</summary>
    public HtmlMarkup Code(string text) => Element("code", VisibleText.Cut(text, Story.ScanStory.MaxTextLength));

    /// <summary>A time that programs can read too.</summary>
    public HtmlMarkup Time(DateTimeOffset? time) => time is { } known ? Element("time", Wording.Time(known), ("datetime", Wording.Exact(known))) : Element("span", "time unknown");

    /// <summary>The style sheet, which is ours.</summary>
    public void Style(string css)
    {
        into.Write("<style>");
        into.Write(css);
        into.WriteLine("</style>");
    }

    /// <summary>A number for an attribute.</summary>
    public static string Number(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private void WriteTag(string element, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        into.Write($"<{element}");
        foreach ((string name, string value) in attributes)
        {
            into.Write($" {name}=\"");
            Escape(VisibleText.Of(value));
            into.Write('"');
        }
    }

    private void Escape(string text)
    {
        foreach (char character in text)
        {
            switch (character)
            {
                case '&':
                    into.Write("&amp;");
                    break;
                case '<':
                    into.Write("&lt;");
                    break;
                case '>':
                    into.Write("&gt;");
                    break;
                case '"':
                    into.Write("&quot;");
                    break;
                case '\'':
                    into.Write("&#39;");
                    break;
                default:
                    into.Write(character);
                    break;
            }
        }
    }
}
