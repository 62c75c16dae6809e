using System.Text;
using CsCheck;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.StaticPod;
using Vedette.Platforms.Verification;
using Vedette.Tests;
using Xunit;

namespace Vedette.Platforms.Tests.StaticPod;

/// <summary>The patch on manifests that nobody wrote by hand: those of the cases with comments, blank lines, blanks at line ends and other line ends put in anywhere.</summary>
public class ManifestPatchProperties
{
    private static readonly string[] s_manifests =
        [.. Directory.EnumerateFiles(SharedData.Case("platforms/manifests")).Order(StringComparer.Ordinal).Select(file => Encoding.UTF8.GetString(File.ReadAllBytes(file)).Replace("\r\n", "\n", StringComparison.Ordinal))];

    private static readonly string[] s_lines = ["", "# a comment", "      # - --audit-log-path=/not/this", "\t"];

    private static readonly AuditPlan s_plan = MakePlan();

    private static readonly Gen<string> s_manifest = Gen.Select(
        Gen.Int[0, s_manifests.Length - 1].Select(i => s_manifests[i]), Gen.Select(Gen.Double[0, 1], Gen.Int[0, 3].Select(i => s_lines[i])).Array[0, 6], Gen.Int[0, 40], Gen.Bool, Gen.Bool, Spoil);

    [Fact]
    public void Reverting_a_patch_gives_the_text_of_before_and_patching_twice_is_patching_once()
    {
        int patched = 0;
        s_manifest.Sample(
            text =>
            {
                if (Patch(text) is { } once)
                {
                    Interlocked.Increment(ref patched);
                    Assert.Equal(text, ManifestUndo.Revert(once, out string? why));
                    Assert.Null(why);
                    Assert.Equal(once, Patch(once));
                }
            },
            iter: 400);
        Assert.InRange(patched, 200, int.MaxValue);
    }

    [Fact]
    public void What_the_patch_gives_is_what_was_planned() => s_manifest.Sample(
        text =>
        {
            if (Patch(text) is { } patched)
            {
                ObservedApiServer observed = StaticPodPlatform.Observe("kube-apiserver.yaml", patched, new Verdict())!;
                Assert.All(s_plan.Flags.Where(flag => !flag.Name.StartsWith("audit-log", StringComparison.Ordinal)), flag => Assert.Equal(flag.Value, observed.Flag(flag.Name)?.Value));
                Verdict verdict = new();
                MountVerification.Run(observed, verdict);
                Assert.DoesNotContain(verdict.Results, result => result.Outcome == Outcome.Wrong);
            }
        },
        iter: 400);

    private static AuditPlan MakePlan()
    {
        SetupRequest request = new() { Policy = SetupFixture.Preset("recommended"), Backend = Backend.Both, Files = SetupFixture.Inputs };
        return AuditPlan.For(request, new SetupOutput(request), NodePaths.Kubernetes);
    }

    private static string? Patch(string text) => ManifestPatch.Apply("kube-apiserver.yaml", text, s_plan, "0123", [])?.Text;

    /// <summary>Puts lines in, blanks behind a line, and changes line ends.</summary>
    private static string Spoil(string manifest, (double At, string Line)[] inserted, int blanks, bool isWindows, bool endsInLine)
    {
        List<string> lines = [.. manifest.TrimEnd('\n').Split('\n')];
        foreach ((double at, string line) in inserted)
        {
            lines.Insert((int)(at * lines.Count), line);
        }

        lines[blanks % lines.Count] += "  ";
        string text = string.Join(isWindows ? "\r\n" : "\n", lines);
        return endsInLine ? text + (isWindows ? "\r\n" : "\n") : text;
    }
}
