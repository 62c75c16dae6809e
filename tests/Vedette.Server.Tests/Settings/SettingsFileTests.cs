using System.Text.Json;
using Vedette.Documents.Settings;
using Vedette.Server.Settings;
using Vedette.Tests;
using Xunit;

namespace Vedette.Server.Tests.Settings;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-settings-").FullName;

    [Theory]
    [InlineData("liste: x", "1:1", "liste is not known here")]
    [InlineData("listen: nowhere", "1:9", "address and a port")]
    [InlineData("listen: 0.0.0.0:8080", "1:9", "without tls")]
    [InlineData("clusters: [{name: ../x}]", "1:19", "no name of a cluster")]
    [InlineData("clusters: [{name: a, token: short}]", "1:29", "can be guessed")]
    [InlineData("clusters: [{name: a, tokenHash: abc}]", "1:33", "sha256:")]
    [InlineData("users: [{name: a}]", "1:9", "needs one of")]
    [InlineData("users: [{name: a, role: king, token: 0123456789abcdef}]", "1:25", "must be one of")]
    [InlineData("retention: {maxAge: 5}", "1:21", "span of time")]
    [InlineData("limits: {maxBody: lots}", "1:19", "must be a size")]
    [InlineData("limits: {memory: 100MB}", "1:18", "must be a size")]
    [InlineData("limits: {memory: 1GB, maxInFlight: 251MB}", "1:36", "must be a size from 1048576 to 250000000 bytes (a quarter of limits.memory)")]
    [InlineData("limits: {maxInFlight: 10MB, maxBody: 11MB}", "1:38", "must be a size from 65536 to 10000000 bytes (as much as bodies may take together)")]
    [InlineData("open: [everything]", "1:7", "none of audit, metrics, api")]
    [InlineData("tls: {certificate: a}", "1:6", "tls.key is missing")]
    [InlineData("data: ${NOT_THERE}", "1:7", "no variable NOT_THERE")]
    [InlineData("clusters: [{name: a, token: {file: not-there}}]", "1:29", "cannot be read")]
    [InlineData("clusters: [{name: a}, {name: a}]", "1:11", "two clusters are named a")]
    [InlineData("clusters: [{name: a, certificate: x}, {name: b, certificate: x}]", "1:11", "the cluster a and the cluster b have the same")]
    [InlineData("clusters: [{name: a, token: 0123456789abcdef}]\nusers: [{name: u, token: 0123456789abcdef}]", "1:11", "the cluster a and the user u have the same")]
    [InlineData("- a", "1:1", "must be a mapping")]
    public void What_is_wrong_is_told_with_its_place(string text, string place, string message)
    {
        SettingsContext context = Read(text, out string file, out _);
        Assert.Contains(context.Diagnostics, diagnostic => diagnostic.ToString().StartsWith($"{file}:{place}:", StringComparison.Ordinal) && diagnostic.Message.Contains(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", 1_000_000_000, 125_000_000, 62_500_000, 250_000_000)]
    [InlineData("limits: {memory: 8GB}", 8_000_000_000, 1_000_000_000, 268_435_456, 2_000_000_000)]
    [InlineData("limits: {memory: 1GB, maxInFlight: 250MB}", 1_000_000_000, 250_000_000, 125_000_000, 250_000_000)]
    [InlineData("limits: {maxInFlight: 100MB}", 1_000_000_000, 100_000_000, 50_000_000, 250_000_000)]
    [InlineData("limits: {maxInFlight: 2GB, maxBody: 1MB}", 8_000_000_000, 2_000_000_000, 1_000_000, 2_000_000_000)]
    public void Memory_is_divided(string text, long memory, long inFlight, long body, long detection)
    {
        Assert.Empty(Read(text, out _, out ServerSettings settings).Diagnostics);
        LimitSettings limits = settings.Limits;
        Assert.Equal((memory, inFlight, body, detection), (limits.Memory, limits.MaxInFlight, limits.MaxBody, limits.Detection));
        Assert.Equal(memory / 16, limits.Recent);
        Assert.Equal(limits.MaxInFlight / 2 * 3 + limits.Recent + LimitSettings.ReadBack, limits.Buffers);
        Assert.InRange(limits.Buffers + limits.Detection, 0, memory / 4 * 3);
    }

    [Fact]
    public void The_example_of_the_manual_is_right()
    {
        string manual = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "server.md"));
        string example = manual[(manual.IndexOf("```yaml\n", StringComparison.Ordinal) + 8)..];
        example = example[..example.IndexOf("```", StringComparison.Ordinal)].Replace("/etc/vedette/prod.token", Path.Combine(_folder, "token"), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "token"), "0123456789abcdef\n");
        SettingsContext context = Read(example, out _, out ServerSettings settings);
        Assert.Empty(context.Diagnostics);
        Assert.Equal((2, 3), (settings.Clusters.Length, settings.Users.Length));
        Assert.Contains(Path.Combine(_folder, "token"), context.Files);
    }

    [Fact]
    public void The_schema_names_the_members_that_are_read_and_no_others()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedData.Root, "docs", "schema", "vedette.schema.json")));
        SettingsContext context = Read("nothing: here", out _, out _);
        string known = Assert.Single(context.Diagnostics).Help!["known are ".Length..];
        Assert.Equal(known.Split(", ").Order(StringComparer.Ordinal), schema.RootElement.GetProperty("properties").EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private SettingsContext Read(string text, out string file, out ServerSettings settings)
    {
        file = Path.Combine(_folder, "vedette.yaml");
        File.WriteAllText(file, text);
        settings = SettingsFile.Read(file, name => name == "TEAM_A_TOKEN" ? "fedcba9876543210" : null, out SettingsContext context);
        return context;
    }
}
