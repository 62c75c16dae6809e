using Vedette.Documents;
using Vedette.Documents.Settings;
using Vedette.Documents.Yaml;
using Vedette.Sinks.Routing;
using Xunit;

namespace Vedette.Sinks.Tests;

/// <summary>Reads routing from text.</summary>
internal static class Settings
{
    public static (RoutingTable Table, List<Diagnostic> Diagnostics) Read(string yaml, Dictionary<string, string>? variables = null)
    {
        SettingsContext context = new("vedette.yaml", name => variables?.GetValueOrDefault(name));
        YamlNode? root = YamlReader.Read("vedette.yaml", yaml, context.Diagnostics).FirstOrDefault();
        return (RoutingReader.Read(new SettingsReader(root, "", context)), context.Diagnostics);
    }

    public static RoutingTable Good(string yaml, Dictionary<string, string>? variables = null)
    {
        (RoutingTable table, List<Diagnostic> diagnostics) = Read(yaml, variables);
        Assert.Empty(diagnostics);
        return table;
    }

    public static SinkSettings Sink(string yaml) => Good($"receivers:\n- name: one\n  {yaml.ReplaceLineEndings("\n  ")}").Receivers[0].Sink;
}
