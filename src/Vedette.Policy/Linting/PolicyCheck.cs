using System.Collections.Immutable;
using Vedette.Documents;

namespace Vedette.Policy.Linting;

/// <summary>One thing the linter looks for. Its page, docs/policy-lint/ID.md, has an example of it and of the mend.</summary>
/// <param name="Id">Stable id such as <c>VP2020</c>; also the SARIF rule id.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Title">What it finds, in a few words.</param>
public sealed record PolicyCheck(string Id, DiagnosticSeverity Severity, string Title);

/// <summary>All checks, by number: 200x values that never match, 201x identities, 202x order, 203x leaks, 204x blindness, 205x lost events, 206x CIS, 207x cost, 208x ignore comments.</summary>
public static class PolicyChecks
{
    /// <summary><c>*</c> where it is an ordinary character.</summary>
    public static readonly PolicyCheck StarIsNoWildcard = new("VP2001", DiagnosticSeverity.Error, "A star that is no wildcard");

    /// <summary>A verb of no request.</summary>
    public static readonly PolicyCheck UnknownVerb = new("VP2002", DiagnosticSeverity.Error, "A verb that no request has");

    /// <summary>A verb that requests of this kind do not have.</summary>
    public static readonly PolicyCheck ForeignVerb = new("VP2003", DiagnosticSeverity.Warning, "A verb that requests for these resources or paths do not have");

    /// <summary><c>core</c>, <c>v1</c>, <c>rbac</c>.</summary>
    public static readonly PolicyCheck UnknownGroup = new("VP2004", DiagnosticSeverity.Error, "An API group that does not exist");

    /// <summary>A group of the past.</summary>
    public static readonly PolicyCheck RemovedGroup = new("VP2005", DiagnosticSeverity.Information, "An API group that Kubernetes no longer serves");

    /// <summary>Kind, singular, short name, capitals, another group.</summary>
    public static readonly PolicyCheck MisnamedResource = new("VP2006", DiagnosticSeverity.Error, "A resource by a name that no request has");

    /// <summary>Nothing that Kubernetes 1.36 serves in a group of its own.</summary>
    public static readonly PolicyCheck UnknownResource = new("VP2007", DiagnosticSeverity.Warning, "A resource that Kubernetes 1.36 does not have");

    /// <summary><c>/log</c>, <c>pods/</c>, <c>*/*</c>, <c>exec</c>.</summary>
    public static readonly PolicyCheck SubresourceForm = new("VP2008", DiagnosticSeverity.Error, "A subresource in a form that matches nothing");

    /// <summary>Creates have no name.</summary>
    public static readonly PolicyCheck NamesOfNameless = new("VP2009", DiagnosticSeverity.Warning, "resourceNames for requests that have no name");

    /// <summary>A service account called anonymous.</summary>
    public static readonly PolicyCheck NotAnonymous = new("VP2010", DiagnosticSeverity.Error, "Not the anonymous user");

    /// <summary>A group among the users, or a user among the groups.</summary>
    public static readonly PolicyCheck UserOrGroup = new("VP2011", DiagnosticSeverity.Error, "A group among users, or a user among groups");

    /// <summary>system:serviceaccount: with too few parts.</summary>
    public static readonly PolicyCheck ServiceAccountForm = new("VP2012", DiagnosticSeverity.Error, "A service account in a form that matches nobody");

    /// <summary>kubelet, system:unsecured.</summary>
    public static readonly PolicyCheck LegacyIdentity = new("VP2013", DiagnosticSeverity.Information, "An identity that nobody has any more");

    /// <summary>A namespace that cannot be, or for resources that have none.</summary>
    public static readonly PolicyCheck NamespaceNeverMatches = new("VP2014", DiagnosticSeverity.Error, "A namespace that no such request has");

    /// <summary>A resource path among nonResourceURLs.</summary>
    public static readonly PolicyCheck PathIsResource = new("VP2015", DiagnosticSeverity.Error, "A path of resources among nonResourceURLs");

    /// <summary>An earlier rule takes it all.</summary>
    public static readonly PolicyCheck Unreachable = new("VP2020", DiagnosticSeverity.Error, "A rule that is never reached");

    /// <summary>What no rule matches is not logged.</summary>
    public static readonly PolicyCheck NoCatchAll = new("VP2021", DiagnosticSeverity.Warning, "No rule for everything else");

    /// <summary>The search for what reaches a rule has ended before all was looked at.</summary>
    public static readonly PolicyCheck Undecided = new("VP2022", DiagnosticSeverity.Information, "A rule of which it is undecided what reaches it");

    /// <summary>Values of Secrets.</summary>
    public static readonly PolicyCheck LogsSecrets = new("VP2030", DiagnosticSeverity.Error, "Values of Secrets in the log");

    /// <summary>Contents of ConfigMaps.</summary>
    public static readonly PolicyCheck LogsConfigMaps = new("VP2031", DiagnosticSeverity.Warning, "Contents of ConfigMaps in the log");

    /// <summary>Bearer tokens.</summary>
    public static readonly PolicyCheck LogsTokens = new("VP2032", DiagnosticSeverity.Error, "Tokens in the log");

    /// <summary>Certificate requests.</summary>
    public static readonly PolicyCheck LogsCertificateRequests = new("VP2033", DiagnosticSeverity.Information, "Certificate signing requests in the log");

    /// <summary>Commands in URIs, env and annotations in bodies.</summary>
    public static readonly PolicyCheck LogsWorkloads = new("VP2034", DiagnosticSeverity.Information, "Environment variables and last-applied annotations in the log");

    /// <summary>Commands of exec.</summary>
    public static readonly PolicyCheck LogsCommands = new("VP2035", DiagnosticSeverity.Information, "Commands run in containers in the log");

    /// <summary>401s are not logged.</summary>
    public static readonly PolicyCheck HidesFailedAuthentication = new("VP2040", DiagnosticSeverity.Warning, "Failed authentication is not logged");

    /// <summary>exec over one of the two transports is not logged.</summary>
    public static readonly PolicyCheck HidesExec = new("VP2041", DiagnosticSeverity.Error, "Commands run in containers are not logged");

    /// <summary>Watches deliver what lists do.</summary>
    public static readonly PolicyCheck HidesWatches = new("VP2042", DiagnosticSeverity.Warning, "Watches are not logged where lists are");

    /// <summary>No outcome.</summary>
    public static readonly PolicyCheck HidesResults = new("VP2043", DiagnosticSeverity.Error, "Outcomes are not logged");

    /// <summary>Everything an identity does.</summary>
    public static readonly PolicyCheck HidesIdentity = new("VP2044", DiagnosticSeverity.Warning, "Nothing is logged of an identity");

    /// <summary>Anonymous requests for resources.</summary>
    public static readonly PolicyCheck HidesAnonymous = new("VP2045", DiagnosticSeverity.Error, "Anonymous requests are not logged");

    /// <summary>Reads of secrets.</summary>
    public static readonly PolicyCheck HidesSecretReads = new("VP2046", DiagnosticSeverity.Error, "Access to Secrets is not logged");

    /// <summary>Changes of rights.</summary>
    public static readonly PolicyCheck HidesPrivileges = new("VP2047", DiagnosticSeverity.Error, "Changes of roles and bindings are not logged");

    /// <summary>Deletion of Kubernetes Events.</summary>
    public static readonly PolicyCheck HidesEventDeletion = new("VP2048", DiagnosticSeverity.Warning, "Deletion of Kubernetes Events is not logged");

    /// <summary>A patch can make its own event vanish.</summary>
    public static readonly PolicyCheck PatchLosesEvent = new("VP2050", DiagnosticSeverity.Warning, "A patch can keep itself out of the log");

    /// <summary>CIS 3.2.2.</summary>
    public static readonly PolicyCheck Cis = new("VP2060", DiagnosticSeverity.Warning, "Not as CIS 3.2.2 asks");

    /// <summary>Two events a request.</summary>
    public static readonly PolicyCheck DoubledStages = new("VP2070", DiagnosticSeverity.Information, "Every request is written twice");

    /// <summary>Answers of reads.</summary>
    public static readonly PolicyCheck LogsAnswersOfReads = new("VP2071", DiagnosticSeverity.Warning, "Answers of reads in the log");

    /// <summary>managedFields.</summary>
    public static readonly PolicyCheck KeepsManagedFields = new("VP2072", DiagnosticSeverity.Information, "managedFields in the log");

    /// <summary>Leases and node status with bodies.</summary>
    public static readonly PolicyCheck LogsHeartbeats = new("VP2073", DiagnosticSeverity.Information, "Heartbeats in the log");

    /// <summary>group "*".</summary>
    public static readonly PolicyCheck NeedsNewKubernetes = new("VP2075", DiagnosticSeverity.Information, "Refused by older Kubernetes");

    /// <summary>An ignore comment without effect or reason.</summary>
    public static readonly PolicyCheck UselessIgnore = new("VP2080", DiagnosticSeverity.Warning, "An ignore comment without effect or without reason");

    /// <summary>All of them, by id.</summary>
    public static ImmutableArray<PolicyCheck> All { get; } =
    [
        StarIsNoWildcard, UnknownVerb, ForeignVerb, UnknownGroup, RemovedGroup, MisnamedResource, UnknownResource, SubresourceForm, NamesOfNameless,
        NotAnonymous, UserOrGroup, ServiceAccountForm, LegacyIdentity, NamespaceNeverMatches, PathIsResource,
        Unreachable, NoCatchAll, Undecided,
        LogsSecrets, LogsConfigMaps, LogsTokens, LogsCertificateRequests, LogsWorkloads, LogsCommands,
        HidesFailedAuthentication, HidesExec, HidesWatches, HidesResults, HidesIdentity, HidesAnonymous, HidesSecretReads, HidesPrivileges, HidesEventDeletion,
        PatchLosesEvent, Cis, DoubledStages, LogsAnswersOfReads, KeepsManagedFields, LogsHeartbeats, NeedsNewKubernetes, UselessIgnore,
    ];
}
