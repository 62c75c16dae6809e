using System.Text;

namespace Vedette.Platforms.Setup;

/// <summary>
/// Files that are rendered stand as files in the folder Templates of their platform, with names in «guillemets» where something is put in. No language that is rendered knows these characters.
/// </summary>
internal static class Template
{
    /// <summary>Fills a template in.</summary>
    /// <param name="name">Platform and path below its folder Templates: <c>eks/terraform/logging.tf</c>.</param>
    /// <param name="values">
    /// What to put in for each name, without the last line end. A line that consists of a name is left out when there is nothing to put in.
    /// </param>
    /// <exception cref="InvalidOperationException">A name of the template has no value, or a value no name: the program is wrong.</exception>
    public static string Fill(string name, params ReadOnlySpan<(string Name, string Value)> values)
    {
        StringBuilder text = new(Read(name));
        foreach ((string placeholder, string value) in values)
        {
            string place = $"«{placeholder}»";
            int before = text.Length;
            if (value.Length == 0)
            {
                text.Replace($"\n{place}\n", "\n");
            }

            text.Replace(place, value.TrimEnd('\n'));
            if (text.Length == before && !Read(name).Contains(place, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{name} has no place {place}");
            }
        }

        string filled = text.ToString();
        return filled.Contains('«', StringComparison.Ordinal) ? throw new InvalidOperationException($"{name}: a place has no value") : filled;
    }

    /// <summary>Fills a template in that need not have a place for each of the values.</summary>
    /// <param name="name">As <see cref="Fill"/>.</param>
    /// <param name="values">As <see cref="Fill"/>.</param>
    public static string FillKnown(string name, params (string Name, string Value)[] values)
    {
        string text = Read(name);
        return Fill(name, [.. values.Where(value => text.Contains($"«{value.Name}»", StringComparison.Ordinal))]);
    }

    private static string Read(string name)
    {
        using Stream stream = typeof(Template).Assembly.GetManifestResourceStream($"templates/{name}") ?? throw new InvalidOperationException($"there is no template {name}");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
