using System.Text.RegularExpressions;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Xunit;

namespace Vedette.Platforms.Tests;

/// <summary>What holds for every platform, those to come included.</summary>
public partial class EveryPlatformTests
{
    public static TheoryData<string, Backend> Setups
    {
        get
        {
            TheoryData<string, Backend> data = [];
            foreach (Platform platform in PlatformCatalogue.All)
            {
                foreach (Backend backend in new[] { Backend.Log, Backend.Webhook, Backend.Both })
                {
                    data.Add(platform.Name, backend);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void What_setup_writes_passes_verify(string platform, Backend backend)
    {
        using SetupFixture setup = SetupFixture.Render(platform, backend);
        if (setup.Output.Refusals.Count > 0)
        {
            Assert.All(setup.Output.Refusals, refusal => Assert.NotEmpty(refusal.Mend));
            return;
        }

        IReadOnlyList<CheckResult> results = setup.Verify();
        Assert.DoesNotContain(results, result => result.Outcome == Outcome.Wrong);
        Assert.Contains(results, result => result.Outcome == Outcome.Ok);
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Every_open_value_stands_in_one_place_and_steps_name_it(string platform, Backend backend)
    {
        using SetupFixture setup = SetupFixture.Render(platform, backend);
        string steps = setup.Text(SetupOutput.StepsFile);
        Assert.All(setup.Output.Values, value =>
        {
            int places = setup.Files.Where(file => file.Path != SetupOutput.StepsFile).Sum(file => Regex.Count(file.Content, Regex.Escape(SetupOutput.Marker + value.Name) + @"\b"));
            Assert.Equal(value.IsOpen ? 1 : 0, places);
            Assert.Equal(value.IsOpen, steps.Contains($"| {value.Name} |", StringComparison.Ordinal));
        });
        foreach (RenderedFile file in setup.Files)
        {
            Assert.All(OpenValue().Matches(file.Content).Select(match => match.Groups["name"].Value).Where(name => name != "NAME"), name => Assert.Contains(setup.Output.Values, value => value.Name == name));
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Every_yaml_file_parses(string platform, Backend backend)
    {
        using SetupFixture setup = SetupFixture.Render(platform, backend, knowsReceiver: true);
        foreach (RenderedFile file in setup.Files.Where(file => Path.GetExtension(file.Path) is ".yaml" or ".yml" or ".kubeconfig"))
        {
            List<Diagnostic> diagnostics = [];
            Assert.NotEmpty(YamlReader.Read(file.Path, file.Content, diagnostics));
            Assert.Empty(diagnostics);
        }
    }

    [Theory]
    [MemberData(nameof(Setups))]
    public void Steps_say_what_to_do_how_to_check_and_how_to_go_back(string platform, Backend backend)
    {
        using SetupFixture setup = SetupFixture.Render(platform, backend);
        if (setup.Output.Refusals.Count > 0)
        {
            return;
        }

        string steps = setup.Text(SetupOutput.StepsFile);
        Assert.All(["## Turn it on", "## Check", "## Go back"], title => Assert.Contains(title, steps, StringComparison.Ordinal));
        Assert.All(setup.Files.Where(file => file.Path != SetupOutput.StepsFile), file => Assert.Contains($"| `{file.Path}` |", steps, StringComparison.Ordinal));
    }

    [Fact]
    public void With_nothing_to_look_at_verification_says_so_and_has_texts_for_all() => Assert.All(PlatformCatalogue.All, platform =>
    {
        IReadOnlyList<CheckResult> results = SetupFixture.Verify(platform.Name, new VerifyRequest { Files = SetupFixture.Inputs });
        Assert.Contains(results, result => result.Outcome == Outcome.CannotTell);
        Assert.All(results, result => Assert.True(result is { Place.File: not null, Why.Length: > 0 } && (result.Outcome == Outcome.Ok || result.Mend!.Length > 0), result.ToString()));
    });

    [Fact]
    public void Ids_of_checks_are_unique() => Assert.Equal(PlatformCatalogue.Checks.Select(check => check.Id).Distinct(), PlatformCatalogue.Checks.Select(check => check.Id));

    [Theory]
    [MemberData(nameof(Setups))]
    public void Every_answer_is_one_the_platform_announces(string platform, Backend backend)
    {
        using SetupFixture setup = SetupFixture.Render(platform, backend);
        Assert.All(setup.Verify(), result => Assert.Contains(result.Check, setup.Platform.Checks));
    }

    [GeneratedRegex("CHANGE_ME_(?<name>[A-Z][A-Z0-9_]*)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex OpenValue();
}
