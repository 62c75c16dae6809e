using System.Text.Json;
using Vedette.Documents.Settings;
using Vedette.Documents.Yaml;
using Vedette.Sources.Settings;
using Vedette.Tests;
using Xunit;

namespace Vedette.Sources.Tests.Settings;

public class SourcesReaderTests
{
    [Fact]
    public void Sources_are_read_with_their_defaults()
    {
        SourcesSettings settings = Read(
            """
            sources:
              files:
                - name: apiserver
                  cluster: prod
                  paths: /var/log/kubernetes/audit/audit.log
                - name: others
                  cluster: ${CLUSTER}
                  paths: [logs, "/var/log/*/audit*.log"]
                  from: end
                  poll: 1s
              stdin:
                cluster: test
            """,
            out string[] wrong);
        Assert.Empty(wrong);
        Assert.Equal(new FileSource("apiserver", "prod", settings.Files[0].Paths, TailStart.Start, TimeSpan.FromMilliseconds(250)), settings.Files[0]);
        Assert.Equal(["/var/log/kubernetes/audit/audit.log"], settings.Files[0].Paths);
        Assert.Equal(["/etc/vedette/logs", "/var/log/*/audit*.log"], settings.Files[1].Paths);
        Assert.Equal(("staging", TailStart.End, TimeSpan.FromSeconds(1)), (settings.Files[1].Cluster, settings.Files[1].From, settings.Files[1].Poll));
        Assert.Equal(new StandardInputSource("stdin", "test"), settings.StandardInput);
    }

    [Fact]
    public void Without_the_section_there_are_none()
    {
        SourcesSettings settings = Read("listen: 127.0.0.1:8080", out string[] wrong);
        Assert.Empty(wrong);
        Assert.Empty(settings.Files);
        Assert.Null(settings.StandardInput);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_with_its_place()
    {
        Read(
            """
            sources:
              files:
                - name: a/b
                  cluster: ../prod
                  paths: []
                  from: middle
                  poll: 1ms
                  follow: true
                - cluster: prod
                  paths: [""]
                - name: twice
                  cluster: prod
                  paths: [/a]
                - name: twice
                  cluster: prod
                  paths: [/b]
              kafka: {}
            """,
            out string[] wrong);
        Assert.Equal(
            [
                "/etc/vedette/vedette.yaml:3:13",
                "/etc/vedette/vedette.yaml:4:16",
                "/etc/vedette/vedette.yaml:5:14",
                "/etc/vedette/vedette.yaml:6:13",
                "/etc/vedette/vedette.yaml:7:13",
                "/etc/vedette/vedette.yaml:8:7",
                "/etc/vedette/vedette.yaml:9:7",
                "/etc/vedette/vedette.yaml:10:14",
                "/etc/vedette/vedette.yaml:14:13",
                "/etc/vedette/vedette.yaml:17:3",
            ],
            wrong);
    }

    [Fact]
    public void The_manual_s_examples_are_right_and_its_schema_knows_what_is_read()
    {
        string[] blocks = [.. File.ReadAllText(Path.Combine(SharedData.Root, "docs", "sources.md")).Split("```yaml\n").Skip(1).Select(block => block[..block.IndexOf("```", StringComparison.Ordinal)])];
        string[] own = [.. blocks.Where(block => block.StartsWith("sources:", StringComparison.Ordinal))];
        Assert.Equal(2, own.Length);
        foreach (string block in own)
        {
            Read(block, out string[] wrong);
            Assert.Empty(wrong);
        }

        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedData.Root, "docs", "schema", "sources.schema.json")));
        JsonElement properties = schema.RootElement.GetProperty("properties");
        Assert.Equal(["files", "stdin"], Names(properties));
        Assert.Equal(["name", "cluster", "paths", "from", "poll"], Names(properties.GetProperty("files").GetProperty("items").GetProperty("properties")));
        Assert.Equal(["name", "cluster"], Names(properties.GetProperty("stdin").GetProperty("properties")));

        static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);
    }

    private static SourcesSettings Read(string yaml, out string[] wrong)
    {
        SettingsContext context = new("/etc/vedette/vedette.yaml", name => name == "CLUSTER" ? "staging" : null);
        SourcesSettings settings = SourcesReader.Read(new SettingsReader(YamlReader.Read(context.File, yaml, context.Diagnostics)[0], "", context));
        wrong = [.. context.Diagnostics.Select(diagnostic => $"{diagnostic.File}:{diagnostic.Line}:{diagnostic.Column}")];
        return settings;
    }
}
