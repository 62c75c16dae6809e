using System.Collections.Immutable;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.ApiServer;

/// <summary>Flags that a configuration lists as texts, <c>name=value</c>.</summary>
internal static class ListedFlags
{
    /// <summary>Reads the audit flags of a list; a single text is a list of one.</summary>
    /// <param name="file">The file.</param>
    /// <param name="values">Lists, in the order they count.</param>
    public static ImmutableArray<ObservedFlag> Read(string file, params YamlNode?[] values) =>
    [
        .. values.SelectMany(value => value is YamlSequence list ? list.Items.OfType<YamlScalar>() : value is YamlScalar one ? [one] : []).Select(item => Parse(file, item)).OfType<ObservedFlag>(),
    ];

    /// <summary>Renders flags as items of a YAML list without indentation.</summary>
    public static string Render(IEnumerable<(string Name, string Value)> flags) => string.Concat(flags.Select(flag => $"- {YamlScalars.Quote($"{flag.Name}={flag.Value}")}\n"));

    /// <summary>The file of config.yaml.d that gives kube-apiserver of k3s or RKE2 these flags.</summary>
    public static RenderedFile DropIn(string path, IEnumerable<(string Name, string Value)> flags) => new(
        path, $"# A list of config.yaml is replaced by the one read after it; the + adds to it.\nkube-apiserver-arg+:\n{Render(flags)}", "arguments of kube-apiserver, beside config.yaml", RenderedFile.Private);

    /// <summary>Reads one; null when it is no audit flag.</summary>
    public static ObservedFlag? Parse(string file, string text, int line, int column)
    {
        string flag = text.TrimStart('-');
        int equals = flag.IndexOf('=', StringComparison.Ordinal);
        return flag.StartsWith("audit", StringComparison.Ordinal)
            ? new ObservedFlag(equals < 0 ? flag : flag[..equals], equals < 0 ? "true" : flag[(equals + 1)..].Trim(), new Place(file, line, column))
            : null;
    }

    private static ObservedFlag? Parse(string file, YamlScalar item) => Parse(file, item.Text, item.Line, item.Column);
}
