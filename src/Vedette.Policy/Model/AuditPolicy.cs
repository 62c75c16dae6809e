using System.Collections.Immutable;

namespace Vedette.Policy.Model;

/// <summary>
/// An audit policy as kube-apiserver understands it once it has loaded it (audit.k8s.io/v1, Policy): what it dropped is gone, what it read otherwise than written is so here. Every part knows its place.
/// </summary>
public sealed record AuditPolicy
{
    /// <summary>The file as the user named it.</summary>
    public required string File { get; init; }

    /// <summary>metadata.name, empty when there is none. Kubernetes makes no use of it.</summary>
    public string Name { get; init; } = "";

    /// <summary>The rules, first to last; the first that matches decides.</summary>
    public required ImmutableArray<PolicyRule> Rules { get; init; }

    /// <summary>Stages that no rule writes.</summary>
    public PolicyList OmitStages { get; init; } = PolicyList.Absent;

    /// <summary>Default of the rules' own switch; null when the policy does not say.</summary>
    public PolicySwitch? OmitManagedFields { get; init; }

    /// <summary>Members that Kubernetes has dropped because it does not know them, in the order of the text.</summary>
    public ImmutableArray<DroppedField> DroppedFields { get; init; } = [];
}

/// <summary>One rule (audit.k8s.io/v1, PolicyRule). Absent and empty lists mean "any".</summary>
public sealed record PolicyRule
{
    /// <summary>Place in the policy, from 0 as Kubernetes counts.</summary>
    public required int Index { get; init; }

    /// <summary>Line of the rule's beginning, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Column of the rule's beginning, from 1.</summary>
    public required int Column { get; init; }

    /// <summary>The level.</summary>
    public required AuditLevel Level { get; init; }

    /// <summary>The level as written, with its place.</summary>
    public required PolicyText LevelText { get; init; }

    /// <summary>users: exact names.</summary>
    public PolicyList Users { get; init; } = PolicyList.Absent;

    /// <summary>userGroups: the user has one of them.</summary>
    public PolicyList UserGroups { get; init; } = PolicyList.Absent;

    /// <summary>verbs: exact.</summary>
    public PolicyList Verbs { get; init; } = PolicyList.Absent;

    /// <summary>resources: one of them matches. Makes the rule one for resource requests.</summary>
    public ImmutableArray<GroupResources> Resources { get; init; } = [];

    /// <summary>Place of the key <c>resources</c>; 0:0 when it is absent.</summary>
    public (int Line, int Column) ResourcesPlace { get; init; }

    /// <summary>namespaces: exact; the empty text stands for requests without one. Makes the rule one for resource requests.</summary>
    public PolicyList Namespaces { get; init; } = PolicyList.Absent;

    /// <summary>nonResourceURLs: paths, <c>*</c> at the end only.</summary>
    public PolicyList NonResourceUrls { get; init; } = PolicyList.Absent;

    /// <summary>omitStages of the rule alone; the policy's come on top.</summary>
    public PolicyList OmitStages { get; init; } = PolicyList.Absent;

    /// <summary>omitManagedFields; null when the policy's holds.</summary>
    public PolicySwitch? OmitManagedFields { get; init; }

    /// <summary>Does the rule look at resource requests only?</summary>
    public bool IsForResources => Namespaces.Items.Length > 0 || Resources.Length > 0;

    /// <summary>Does the rule look at non-resource requests only?</summary>
    public bool IsForNonResources => !IsForResources && NonResourceUrls.Items.Length > 0;
}

/// <summary>Resources of one API group (audit.k8s.io/v1, GroupResources).</summary>
/// <param name="Group">The group; the empty text, also when absent, is the core group.</param>
/// <param name="Resources">Resources and subresources; empty: all of the group.</param>
/// <param name="ResourceNames">Names; empty: any.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public sealed record GroupResources(PolicyText Group, PolicyList Resources, PolicyList ResourceNames, int Line, int Column);

/// <summary>A list of texts with the place of its key; 0:0 when it is absent.</summary>
public sealed record PolicyList(ImmutableArray<PolicyText> Items, int Line, int Column)
{
    /// <summary>A list that is not there.</summary>
    public static PolicyList Absent { get; } = new([], 0, 0);

    /// <summary>The texts alone.</summary>
    public IEnumerable<string> Values => Items.Select(item => item.Value);

    /// <summary>Utility of checker.go: is the value in the list, exactly?</summary>
    public bool Contains(string value)
    {
        foreach (PolicyText item in Items)
        {
            if (item.Value == value)
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>A text with its place.</summary>
public readonly record struct PolicyText(string Value, int Line, int Column);

/// <summary>A boolean with its place.</summary>
public sealed record PolicySwitch(bool Value, int Line, int Column);

/// <summary>A member that kube-apiserver drops with no more than a warning in its log.</summary>
/// <param name="Path">Where Kubernetes says it is: <c>rules[0].resources[0].verbs</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="RuleIndex">The rule it is in, from 0; null when it is in none.</param>
/// <param name="IsInResources">True when it stands in an entry of <c>resources</c>.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public sealed record DroppedField(string Path, string Name, int? RuleIndex, bool IsInResources, int Line, int Column);
