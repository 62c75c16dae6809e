using System.Text;
using Vedette.Documents.Manifests;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.StaticPod;
using Vedette.Platforms.Verification;
using Vedette.Tests;
using Xunit;

namespace Vedette.Platforms.Tests.StaticPod;

/// <summary>The patch of a kube-apiserver manifest, on manifests that people write in very different ways.</summary>
public class ManifestPatchTests
{
    public static TheoryData<string> Manifests =>
        [.. Directory.EnumerateFiles(SharedData.Case("platforms/manifests")).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void A_patched_manifest_passes_verify(string name)
    {
        using SetupFixture setup = Patch(name, Backend.Both);
        IReadOnlyList<CheckResult> results = setup.Verify();
        Assert.DoesNotContain(results, result => result.Outcome == Outcome.Wrong);
        Assert.All(
            [ApiServerChecks.PolicyVisible, ApiServerChecks.LogWritable, ApiServerChecks.WebhookVisible, ApiServerChecks.PolicyCurrent],
            check => Assert.Contains(results, result => result.Check == check && result.Outcome == Outcome.Ok));
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Patching_twice_is_patching_once(string name)
    {
        using SetupFixture once = Patch(name, Backend.Both);
        using SetupFixture twice = SetupFixture.Render("static-pod", Backend.Both, true, null, ("manifest", once["kube-apiserver.yaml"]));
        Assert.Equal(once.Text("kube-apiserver.yaml"), twice.Text("kube-apiserver.yaml"));
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Reverting_gives_the_bytes_of_before(string name)
    {
        using SetupFixture patched = Patch(name, Backend.Both);
        Assert.NotEqual(Original(name), patched.Text("kube-apiserver.yaml"));
        using SetupFixture reverted = SetupFixture.Render("static-pod", Backend.Log, false, null, ("manifest", patched["kube-apiserver.yaml"]), ("revert", ""));
        Assert.Equal(File.ReadAllBytes(SharedData.Case("platforms/manifests/" + name)), File.ReadAllBytes(reverted["kube-apiserver.yaml"]));
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Every_line_that_needs_no_change_is_still_there_in_order(string name)
    {
        using SetupFixture patched = Patch(name, Backend.Log);
        string[] before = Original(name).TrimEnd('\n').Split('\n');
        int lost = before.Length - LongestCommon(before, patched.Text("kube-apiserver.yaml").Split('\n'));

        // Changed in their line: wrong values and mounts, and what stands in brackets on one line.
        int expected = name[..2] switch { "05" => 1, "06" => 0, "09" => 2, "10" => 3, "12" => 2, "14" => 1, "16" => 1, "21" => 1, "23" => 1, "24" => 0, "17" => 1, "18" => 2, _ => 0 };
        Assert.True(lost <= expected, $"{lost} lines are gone:\n{patched.Text("kube-apiserver.yaml")}");
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void What_others_say_in_a_manifest_is_the_same_after_it(string name)
    {
        using SetupFixture patched = Patch(name, Backend.Both);
        Manifest before = Manifest.Read(Encoding.UTF8.GetBytes(Original(name)));
        Manifest after = Manifest.Read(File.ReadAllBytes(patched["kube-apiserver.yaml"]));
        Assert.Null(after.Error);
        Assert.Equal(before.DuplicateKeys.Length, after.DuplicateKeys.Length);
        // Everything of before is there, but for audit settings, and in the same order.
        string[] kept = [.. Leaves(before.Root!).Where(leaf => !leaf.Contains("audit", StringComparison.Ordinal))];
        string[] now = [.. Leaves(after.Root!)];
        int at = 0;
        foreach (string leaf in kept.Where(leaf => !leaf.EndsWith("readOnly=true", StringComparison.Ordinal) && leaf is not ("=7" or "type=FileOrCreate" or "annotations={}" or "volumeMounts=[]" or "volumes=[]" or "volumeMounts=null" or "volumes=null")))
        {
            int found = Array.IndexOf(now, leaf, at);
            Assert.True(found >= 0, $"{leaf} is gone");
            at = found + 1;
        }
    }

    [Fact]
    public void A_change_of_the_policy_changes_the_manifest_and_so_restarts_the_pod()
    {
        using SetupFixture first = Patch("01-kubeadm.yaml", Backend.Log);
        using SetupFixture second = SetupFixture.Render(
            "static-pod", Backend.Log, false, request => request with { Policy = SetupFixture.Preset("compliance") }, ("manifest", first["kube-apiserver.yaml"]));
        string[] before = first.Text("kube-apiserver.yaml").Split('\n');
        string[] after = second.Text("kube-apiserver.yaml").Split('\n');
        Assert.Equal([$"    {PodManifest.PolicyAnnotation}: {SetupFixture.Preset("compliance").Hash}"], after.Except(before).Where(line => !line.StartsWith('#')).Select(line => line.Replace("\"", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_others_changed_since_stays_when_the_patch_is_taken_back()
    {
        using SetupFixture patched = Patch("01-kubeadm.yaml", Backend.Both);
        string upgraded = patched.Text("kube-apiserver.yaml").Replace("v1.36.2", "v1.36.10-longer", StringComparison.Ordinal);
        Assert.Equal(Original("01-kubeadm.yaml").Replace("v1.36.2", "v1.36.10-longer", StringComparison.Ordinal), ManifestUndo.Revert(upgraded, out string? why));
        Assert.Null(why);
    }

    [Fact]
    public void What_setup_wrote_and_somebody_changed_is_not_taken_back_by_guessing()
    {
        using SetupFixture patched = Patch("01-kubeadm.yaml", Backend.Log);
        string changed = patched.Text("kube-apiserver.yaml").Replace("    - --audit-log-maxage=30\n", "    - --audit-log-maxage=60\n", StringComparison.Ordinal);
        Assert.Equal(changed, ManifestUndo.Revert(changed, out string? why));
        Assert.Contains("--audit-log-path", why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_path_that_works_and_higher_limits_are_kept()
    {
        using SetupFixture patched = Patch("11-own-log-directory.yaml", Backend.Log);
        string text = patched.Text("kube-apiserver.yaml");
        Assert.Contains("--audit-log-path=/var/log/apiserver/audit.log", text, StringComparison.Ordinal);
        Assert.Contains("--audit-log-maxbackup=200", text, StringComparison.Ordinal);
        Assert.Contains("/srv/apiserver-logs/audit.log", patched.Text(SetupOutput.StepsFile), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: ConfigMap", "no pod")]
    [InlineData("kind: Pod\nspec: {containers: [{name: kube-apiserver, command: [sh, -c, 'kube-apiserver --v=2']}]}", "items of command or args")]
    [InlineData("kind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n  - name: kube-apiserver\n    command: &c [kube-apiserver, --v=2]\n  - name: other\n    command: *c", "shared")]
    [InlineData("kind: Pod\nspec: [", "not YAML")]
    [InlineData("{\"kind\": \"Pod\"}", "is JSON")]
    public void What_cannot_be_patched_is_refused_with_the_reason(string manifest, string why)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, manifest);
            using SetupFixture setup = SetupFixture.Render("static-pod", Backend.Log, false, null, ("manifest", file));
            Assert.Contains(setup.Output.Refusals, refusal => refusal.Why.Contains(why, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static int LongestCommon(string[] one, string[] other)
    {
        int[] row = new int[other.Length + 1];
        foreach (string line in one)
        {
            int diagonal = 0;
            for (int i = 1; i <= other.Length; i++)
            {
                int above = row[i];
                row[i] = line == other[i - 1] ? diagonal + 1 : Math.Max(row[i], row[i - 1]);
                diagonal = above;
            }
        }

        return row[^1];
    }

    private static string Original(string name) => Encoding.UTF8.GetString(File.ReadAllBytes(SharedData.Case("platforms/manifests/" + name)));

    private static SetupFixture Patch(string name, Backend backend) => SetupFixture.Render("static-pod", backend, true, null, ("manifest", SharedData.Case("platforms/manifests/" + name)));

    private static IEnumerable<string> Leaves(ManifestNode node, string name = "") => node switch
    {
        ManifestMap { Members.Length: > 0 } map => map.Members.SelectMany(member => Leaves(member.Value, member.Name)),
        ManifestList { Items.Length: > 0 } list => list.Items.SelectMany(item => Leaves(item)),
        ManifestText text => [$"{name}={text.Value}"],
        ManifestBoolean truth => [$"{name}={(truth.Value ? "true" : "false")}"],
        ManifestNumber number => [$"{name}={number.Text}"],
        ManifestMap => [$"{name}={{}}"],
        ManifestList => [$"{name}=[]"],
        _ => [$"{name}=null"],
    };
}
