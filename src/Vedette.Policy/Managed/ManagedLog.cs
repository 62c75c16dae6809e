using System.Collections.Immutable;
using System.Text;
using Vedette.Audit.Needs;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;

namespace Vedette.Policy.Managed;

/// <summary>
/// What a provider of Kubernetes writes to one of its logs. Its audit policy cannot be chosen: this is that policy as the provider describes it, what the log leaves out of what the policy records, and
/// the fields that the log does not carry.
/// </summary>
public sealed class ManagedLog
{
    private AuditPolicy? _leftOut;

    /// <summary>What a person calls the platform.</summary>
    public required string Title { get; init; }

    /// <summary>The platform: eks, gke, aks.</summary>
    public required string Platform { get; init; }

    /// <summary>The log, as the provider calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The preset (policies/) that stands for the provider's policy.</summary>
    public required string Preset { get; init; }

    /// <summary>Rules of level None that stand in front of the preset's, as in an audit policy; empty for none.</summary>
    public string LeftOut { get; init; } = "";

    /// <summary>Stages that the log does not carry.</summary>
    public ImmutableArray<AuditStage> LostStages { get; init; } = [];

    /// <summary>Fields that the log does not carry, with all that is in them; events that are read back from it lack them.</summary>
    public ImmutableArray<string> LostFields { get; init; } = [];

    /// <summary>The requests of which it is known whether the log carries them, by how they end. Of others nothing is said.</summary>
    public RequestEnding KnownEndings { get; init; } = RequestEnding.Answered | RequestEnding.Refused | RequestEnding.Panicked;

    /// <summary>Is it known whether the log carries requests for paths of no resource?</summary>
    public bool IsKnownOfPaths { get; init; } = true;

    /// <summary>What this is based on, with dates.</summary>
    public required ImmutableArray<string> BasedOn { get; init; }

    /// <summary>What is not known, and how it counts.</summary>
    public required ImmutableArray<string> NotKnown { get; init; }

    /// <summary>How many rules of <see cref="Of"/> stand for what the log leaves out.</summary>
    public int LeftOutRules => LeftOutPolicy?.Rules.Length ?? 0;

    // Read when it is asked for: the command line names all logs whenever it starts.
    private AuditPolicy? LeftOutPolicy => LeftOut.Length == 0 ? null : _leftOut ??= None(LeftOut);

    /// <summary>The policy that records what the log carries.</summary>
    /// <param name="preset">The policy of the preset.</param>
    public AuditPolicy Of(AuditPolicy preset) => preset with
    {
        Rules = [.. (LeftOutPolicy?.Rules ?? []).Concat(preset.Rules).Select((rule, index) => rule with { Index = index })],
        OmitStages = preset.OmitStages with { Items = [.. preset.OmitStages.Items, .. LostStages.Select(stage => new PolicyText(stage.ToString(), 0, 0))] },
    };

    private static AuditPolicy None(string rules) =>
        PolicyLoader.Load("left out", Encoding.UTF8.GetBytes("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n" + rules)).Policy is { } policy && policy.Rules.All(rule => rule.Level == AuditLevel.None)
            ? policy : throw new InvalidOperationException("what a log leaves out is no policy of rules of level None");
}
