using Vedette.Policy.Model;

namespace Vedette.Policy.Evaluation;

/// <summary>What a policy says about a request.</summary>
/// <param name="Level">The level; None when no rule matches.</param>
/// <param name="Rule">The rule that decides, from 0; -1 when none matches.</param>
/// <param name="OmitStages">Stages that are not written: the policy's and the rule's together.</param>
/// <param name="OmitManagedFields">Are metadata.managedFields taken out of bodies?</param>
public readonly record struct PolicyAnswer(AuditLevel Level, int Rule, AuditStage OmitStages, bool OmitManagedFields)
{
    /// <summary>The stages written of those that a request goes through.</summary>
    public AuditStage Written(AuditStage stages) => Level == AuditLevel.None ? AuditStage.None : stages & ~OmitStages;
}
