using System.Text;
using System.Text.Json;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>Setup and verify of managed clusters and what stands beside them, as a person runs them.</summary>
public class CloudSetupTests
{
    [Theory]
    [InlineData("eks")]
    [InlineData("gke")]
    [InlineData("aks")]
    [InlineData("falco")]
    [InlineData("shippers")]
    [InlineData("retention")]
    public void With_nothing_but_a_directory_setup_writes_what_verify_finds_well(string platform)
    {
        using Workspace folder = new();
        string directory = folder["setup"];
        Answer setup = VedetteProgram.Run("setup", platform, "--out", directory, "--residency", "us");
        Assert.Equal(0, setup.Exit);
        Assert.Contains("STEPS.md", setup.Out, StringComparison.Ordinal);
        Answer verify = VedetteProgram.Run("verify", platform, "--setup", directory, "--residency", "us");
        Assert.Equal((0, true), (verify.Exit, verify.Error.StartsWith("0 wrong", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("eks", "--region", "eu-west-1")]
    [InlineData("gke", "--location", "global")]
    [InlineData("aks", "--location", "westeurope")]
    public void A_region_elsewhere_is_refused_and_nothing_is_written(string platform, string option, string region)
    {
        using Workspace folder = new();
        Answer answer = VedetteProgram.Run("setup", platform, "--out", folder["setup"], "--residency", "us", option, region);
        Assert.Equal(1, answer.Exit);
        Assert.Contains(region, answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["setup"]));
    }

    [Fact]
    public void What_a_cloud_answers_can_be_piped_in_and_the_verdict_taken_by_a_program()
    {
        const string Filters = """{"metricFilters":[{"filterName":"kubectl","filterPattern":"\"userAgent\":\"kubectl\" AND \"responseStatus.code\":403"}]}""";
        Answer table = VedetteProgram.Run(Encoding.UTF8.GetBytes(Filters), ["verify", "eks", "--evidence", "-"]);
        Assert.Equal(1, table.Exit);
        Assert.Contains("VC3008", table.Out, StringComparison.Ordinal);
        Answer sarif = VedetteProgram.Run(Encoding.UTF8.GetBytes(Filters), ["verify", "eks", "--evidence", "-", "-o", "sarif"]);
        using JsonDocument document = JsonDocument.Parse(sarif.Out);
        Assert.Contains(document.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray(), result => result.GetProperty("ruleId").GetString() == "VC3008");
    }
}
