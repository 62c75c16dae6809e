using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Tests.Tools;
using Xunit;

namespace Vedette.Platforms.Tests;

/// <summary>What is rendered for any platform, looked at by the programs that know its language.</summary>
public partial class RenderedTextTests
{
    public static TheoryData<string, Backend> Setups => EveryPlatformTests.Setups;

    [Theory]
    [MemberData(nameof(Setups))]
    public void Scripts_pass_shellcheck(string platform, Backend backend)
    {
        using SetupFixture setup = RenderTo(platform, backend);
        string[] scripts = [.. setup.Files.Where(file => file.Path.EndsWith(".sh", StringComparison.Ordinal)).Select(file => setup[file.Path])];
        if (scripts.Length > 0)
        {
            (int exit, string output) = Tool.Run("shellcheck", "", ["--external-sources", "--source-path=SCRIPTDIR", .. scripts]);
            Assert.True(exit == 0, output);
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Commands_of_the_steps_pass_shellcheck(string platform, Backend backend)
    {
        using SetupFixture setup = RenderTo(platform, backend);
        string[] blocks = [.. ShellBlock().Matches(setup.Text(SetupOutput.StepsFile)).Select((match, number) => (Path: setup[$"step-{number}.sh"], Code: match.Groups["code"].Value)).Select(block =>
        {
            File.WriteAllText(block.Path, block.Code);
            return block.Path;
        })];

        if (blocks.Length > 0)
        {
            // Where they start, values.env is read: what it sets is known to nobody else.
            (int exit, string output) = Tool.Run("shellcheck", "", ["--shell=sh", "--exclude=SC1091,SC2154,SC2153", .. blocks]);
            Assert.True(exit == 0, output);
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Terraform_parses(string platform, Backend backend)
    {
        KeyValuePair<string, string>[] files = [.. Render(platform, backend).Where(IsTerraform).Select(file => KeyValuePair.Create(file.Path, file.Content))];
        if (files.Length > 0)
        {
            Assert.Equal("", Tool.Complaints("terraform.js", "@cdktf/hcl2json", files));
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Terraform_is_laid_out_as_terraform_fmt_does(string platform, Backend backend)
    {
        using SetupFixture setup = RenderTo(platform, backend);
        if (setup.Files.Any(IsTerraform))
        {
            (int exit, string output) = Tool.Run("terraform", "", "fmt", "-check", "-diff", setup["terraform"]);
            Assert.True(exit == 0, output);
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Queries_of_Log_Analytics_parse(string platform, Backend backend)
    {
        KeyValuePair<string, string>[] files = [.. Render(platform, backend).Where(file => file.Path.EndsWith(".kql", StringComparison.Ordinal)).Select(file => KeyValuePair.Create(file.Path, file.Content))];
        if (files.Length > 0)
        {
            Assert.Equal("", Tool.Complaints("kusto.js", "@kusto/language-service-next", files));
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void JSON_parses(string platform, Backend backend) => Assert.All(
        Render(platform, backend).Where(file => file.Path.EndsWith(".json", StringComparison.Ordinal)), file => JsonDocument.Parse(file.Content).Dispose());

    [Theory]
    [MemberData(nameof(Setups))]
    public void Lines_end_in_no_blanks_and_files_in_one_line_end(string platform, Backend backend) => Assert.All(
        Render(platform, backend),
        file =>
        {
            Assert.DoesNotMatch(@"[ \t]\n", file.Content);
            Assert.Matches(@"[^\n]\n\z", file.Content);
        });

    /// <summary>Rendered with a residency, so that the guards are in it.</summary>
    private static SetupFixture RenderTo(string platform, Backend backend)
    {
        Assert.True(ResidencyRule.TryParse("us", out ResidencyRule us));
        return SetupFixture.Render(platform, backend, change: request => request with { Residency = us });
    }

    private static ImmutableArray<RenderedFile> Render(string platform, Backend backend)
    {
        using SetupFixture setup = RenderTo(platform, backend);
        return setup.Files;
    }

    private static bool IsTerraform(RenderedFile file) => file.Path.EndsWith(".tf", StringComparison.Ordinal);

    [GeneratedRegex(@"```sh\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex ShellBlock();
}
