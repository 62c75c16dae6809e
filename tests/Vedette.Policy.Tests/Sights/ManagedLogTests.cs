using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Needs;
using Vedette.Audit.Shapes;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Loading;
using Vedette.Policy.Managed;
using Vedette.Policy.Model;
using Vedette.Policy.Sight;
using Vedette.Tests;
using Xunit;
using Seen = Vedette.Policy.Sight.CanFire;

namespace Vedette.Policy.Tests.Sights;

/// <summary>What providers' logs leave of detections.</summary>
public class ManagedLogTests
{
    private static readonly EventNeed s_reads = Of("secrets", "get");
    private static readonly EventNeed s_creates = Of("pods", "create");

    public static TheoryData<string, string> Logs => [.. ManagedLogs.All.Select(log => (log.Platform, log.Name))];

    [Theory]
    [MemberData(nameof(Logs))]
    public void What_a_log_leaves_out_stands_before_the_policy_of_its_provider(string platform, string name)
    {
        ManagedLog log = Log(platform, name);
        AuditPolicy preset = Preset(log.Preset);
        AuditPolicy policy = log.Of(preset);
        Assert.Equal(Enumerable.Range(0, policy.Rules.Length), policy.Rules.Select(rule => rule.Index));
        Assert.All(policy.Rules.Take(log.LeftOutRules), rule => Assert.Equal(AuditLevel.None, rule.Level));
        Assert.Equal(preset.Rules, policy.Rules.Skip(log.LeftOutRules).Select(rule => rule with { Index = rule.Index - log.LeftOutRules }));
        Assert.All(log.LostStages, stage => Assert.Contains(stage.ToString(), policy.OmitStages.Values));
        Assert.NotEmpty(log.BasedOn);
        Assert.NotEmpty(log.NotKnown);
    }

    [Theory]
    [InlineData("eks", "audit", Seen.Always)]
    [InlineData("gke", "activity", Seen.Never)]
    [InlineData("gke", "data_access", Seen.Always)]
    [InlineData("aks", "kube-audit", Seen.Sometimes)]
    [InlineData("aks", "kube-audit-admin", Seen.Never)]
    public void Reads_of_secrets_are_seen_in_the_logs_that_carry_them(string platform, string name, Seen expected)
    {
        ManagedLog log = Log(platform, name);
        RuleSight sight = SightOf(log, s_reads);
        Assert.Equal(expected, sight.CanFire);
        if (sight.Missed is { } missed)
        {
            Assert.Equal(log.LeftOut.Length > 0, missed.Answer.Rule < log.LeftOutRules);
            Assert.Equal(PolicyChecker.Evaluate(log.Of(Preset(log.Preset)), missed.Request), missed.Answer);
        }
    }

    [Theory]
    [InlineData("pods", "status", "gke", "activity", Seen.Never)]
    [InlineData("pods", "status", "gke", "data_access", Seen.Always)]
    [InlineData("pods", "", "gke", "activity", Seen.Always)]
    [InlineData("pods", "", "aks", "kube-audit-admin", Seen.Always)]
    public void Updates_are_seen_where_they_are_carried(string resource, string subresource, string platform, string name, Seen expected) =>
        Assert.Equal(expected, SightOf(Log(platform, name), Of(resource, "update", subresource)).CanFire);

    [Theory]
    [InlineData("user.groups")]
    [InlineData("user.extra.authentication.kubernetes.io/pod-name")]
    [InlineData("impersonatedUser.username")]
    [InlineData("vedette.exec.command")]
    public void What_needs_a_field_that_the_log_does_not_carry_is_never_seen(string field)
    {
        RuleSight sight = SightOf(Log("gke", "data_access"), s_creates with { Fields = ["verb", field] });
        Assert.True(sight is { CanFire: Seen.Never, Missed.Lack: Lack.Field } && sight.Missed.Field == field);
        Assert.Equal(Seen.Always, SightOf(Log("gke", "data_access"), s_creates with { Fields = ["verb", "user.username", "user.groupsOfOthers"] }).CanFire);
        Assert.NotEqual(Seen.Never, SightOf(Log("aks", "kube-audit"), s_creates with { Fields = [field] }).CanFire);
    }

    [Fact]
    public void Whom_a_rule_leaves_out_by_a_group_cannot_be_told_where_groups_are_not_carried()
    {
        TextSet masters = TextSet.Of("system:masters");
        foreach (EventNeed need in (EventNeed[])
            [
                s_creates with { Requests = s_creates.Requests with { OtherGroups = [masters] } }, s_creates with { Exclusions = [new Exclusion(RequestShape.Any with { Groups = [masters] }, null)] },
            ])
        {
            RuleSight sight = SightOf(Log("gke", "activity"), need);
            Assert.True(sight is { CanFire: Seen.Always, Blurred: { Lack: Lack.Field, Field: "user.groups" } });
            Assert.Contains("system:masters", sight.Blurred.Request.User!.Groups);
            Assert.Null(SightOf(Log("eks", "audit"), need).Blurred);
        }
    }

    [Fact]
    public void Of_requests_of_which_it_is_not_known_whether_they_are_carried_nothing_is_said()
    {
        ManagedLog log = Log("gke", "data_access");
        Assert.Equal(Seen.Unknown, SightOf(log, new EventNeed { Requests = RequestShape.Any, Endings = RequestEnding.Refused }).CanFire);
        Assert.Equal(Seen.Unknown, SightOf(log, new EventNeed { Requests = RequestShape.Any with { HasResources = false } }).CanFire);
        Assert.Equal(Seen.Always, SightOf(log, s_reads with { Endings = RequestEnding.Answered | RequestEnding.Refused | RequestEnding.Panicked }).CanFire);
    }

    [Theory]
    [InlineData("pod-create-privileged.json")]
    [InlineData("pod-exec.json")]
    [InlineData("real-endpoints-update.json")]
    public void Events_that_are_read_back_from_a_log_lack_the_fields_it_is_said_to_lack(string sample)
    {
        using EventBatch batch = new();
        byte[] entry = File.ReadAllBytes(SharedData.Third($"platforms/samples/gke/{sample}"));
        batch.Append(entry);
        AuditLogReader reader = new(sample, new RejectLog());
        reader.Begin(batch, isFinal: true);
        Assert.True(reader.TryRead(out EventView view));
        Assert.True(view[AuditField.UserName].Exists);
        foreach (string lost in Log("gke", "activity").LostFields.Where(field => !field.StartsWith("vedette.", StringComparison.Ordinal)))
        {
            Assert.False(view[Field(lost)].Exists, lost);
        }
    }

    private static AuditField Field(string path)
    {
        Assert.True(FieldCatalogue.TryFind(path, out AuditField field), path);
        return field;
    }

    private static RuleSight SightOf(ManagedLog log, EventNeed need) => Assert.Single(PolicySight.Of(log.Of(Preset(log.Preset)), [new RuleNeeds("r", "R", 0, [need], [], NeedsAll: false)], log));

    private static ManagedLog Log(string platform, string name) => ManagedLogs.Of(platform).Single(log => log.Name == name);

    private static AuditPolicy Preset(string name)
    {
        LoadedPolicy loaded = PolicyLoader.Load(name, File.ReadAllBytes(Path.Combine(SharedData.Root, "policies", $"{name}.yaml")));
        return Assert.IsType<AuditPolicy>(loaded.Policy);
    }

    private static EventNeed Of(string resource, string verb, string subresource = "") => new()
    {
        Requests = RequestShape.Any with { HasPaths = false, Verbs = TextSet.Of(verb), Resources = TextSet.Of(resource), Subresources = TextSet.Of(subresource), Users = TextSet.Except("") },
        Endings = RequestEnding.Answered,
        Stages = TextSet.Of("ResponseStarted", "ResponseComplete", "Panic"),
    };
}
