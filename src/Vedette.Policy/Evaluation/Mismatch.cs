namespace Vedette.Policy.Evaluation;

/// <summary>The first thing about a request that keeps a rule from matching, in the order in which kube-apiserver looks.</summary>
public enum Mismatch
{
    /// <summary>The rule matches.</summary>
    None,

    /// <summary>The user is not in users, or there is none.</summary>
    Users,

    /// <summary>The user has none of userGroups, or there is no user.</summary>
    UserGroups,

    /// <summary>The verb is not in verbs.</summary>
    Verbs,

    /// <summary>The rule is for resource requests; this is none.</summary>
    NotAResourceRequest,

    /// <summary>The namespace is not in namespaces.</summary>
    Namespaces,

    /// <summary>No entry of resources matches.</summary>
    Resources,

    /// <summary>The rule is for non-resource requests; this is one for a resource.</summary>
    NotANonResourceRequest,

    /// <summary>The path matches none of nonResourceURLs.</summary>
    NonResourceUrls,
}
