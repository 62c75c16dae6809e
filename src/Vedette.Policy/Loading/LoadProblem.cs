namespace Vedette.Policy.Loading;

/// <summary>Ids of what can be wrong with a policy file when it is loaded; docs/policy.md has a line on each.</summary>
public static class LoadProblem
{
    /// <summary>Neither YAML nor JSON.</summary>
    public const string Unreadable = "VP1001";

    /// <summary>Not an audit policy of a version that this Kubernetes knows.</summary>
    public const string WrongKind = "VP1002";

    /// <summary>A value of the wrong type.</summary>
    public const string WrongType = "VP1003";

    /// <summary>A value that validation refuses.</summary>
    public const string Invalid = "VP1004";

    /// <summary>No rule.</summary>
    public const string NoRules = "VP1005";

    /// <summary>A member that Kubernetes does not know and drops.</summary>
    public const string UnknownField = "VP1006";

    /// <summary>A member that is there twice.</summary>
    public const string DuplicateField = "VP1007";

    /// <summary>More documents than the one Kubernetes reads.</summary>
    public const string MoreDocuments = "VP1008";

    /// <summary>A version that newer Kubernetes refuses.</summary>
    public const string OldVersion = "VP1009";
}
