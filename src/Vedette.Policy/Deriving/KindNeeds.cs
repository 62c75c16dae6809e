using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;
using Vedette.Policy.Sight;

namespace Vedette.Policy.Deriving;

/// <summary>What must be kept of a kind of request.</summary>
/// <param name="Level">The least level.</param>
/// <param name="Received">Must stage RequestReceived be written?</param>
/// <param name="ManagedFields">Must managed fields be written where bodies are?</param>
internal readonly record struct Keep(AuditLevel Level, bool Received, bool ManagedFields)
{
    /// <summary>What keeps both.</summary>
    public Keep And(Keep other) => new(Level > other.Level ? Level : other.Level, Received || other.Received, ManagedFields || other.ManagedFields);

    /// <summary>Does this keep what the other asks for?</summary>
    public bool Covers(Keep other) => Level >= other.Level && (Received || !other.Received) && (ManagedFields || !other.ManagedFields);
}

/// <summary>A kind of request and what every detection needs of it, found as coverage finds it: over the requests there can be of that kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Cap">Its level is never higher than this.</param>
/// <param name="CapReason">Why; null where nothing is capped.</param>
internal sealed record KindNeeds(RequestKind Kind, AuditLevel Cap, string? CapReason)
{
    private static readonly ImmutableArray<(string Group, string Target)> s_secret = [("", "secrets"), ("", "serviceaccounts/token"), ("authentication.k8s.io", "tokenreviews")];

    /// <summary>What each detection asks for.</summary>
    public Dictionary<RuleNeeds, Keep> Wanted { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>What is to be kept.</summary>
    public Keep Keep => Capped(Wanted.Values.Aggregate(default(Keep), (all, one) => all.And(one)));

    /// <summary>What is left of a wish.</summary>
    public Keep Capped(Keep wanted) => wanted.Level <= Cap ? wanted : wanted with { Level = Cap, Received = wanted.Received && Cap > AuditLevel.None };

    /// <summary>Resource, or resource/subresource.</summary>
    public string Target => Kind.Subresource.Length == 0 ? Kind.Resource : $"{Kind.Resource}/{Kind.Subresource}";

    /// <summary>Is it of a resource that nobody names?</summary>
    public bool IsCustom => Kind is { ApiGroup: RequestKind.CustomGroup, Resource: RequestKind.CustomResource };

    /// <summary>Is it of a resource that a detection names and whose group nobody does, where a policy must name groups? Then no rule can be made for it.</summary>
    public bool IsBeyond { get; init; }

    /// <summary>The kinds of requests and what detections need of them.</summary>
    /// <param name="rules">The detections, no correlations.</param>
    /// <param name="groups">The groups that a policy can name.</param>
    public static ImmutableArray<KindNeeds> Of(ImmutableArray<RuleNeeds> rules, NameableGroups groups)
    {
        ImmutableArray<RequestKind> kinds = [.. KindIndex.All(null, rules.SelectMany(rule => rule.Ways).Select(way => way.Requests)).SelectMany(groups.Named).Distinct()];
        KindIndex index = new(kinds);
        Dictionary<RequestKind, KindNeeds> needs = kinds.ToDictionary(kind => kind, kind => Start(kind) with { IsBeyond = groups.IsBeyond(kind) });
        Dictionary<RequestKind, Requesters> requesters = kinds.ToDictionary(kind => kind, kind => new Requesters(kind, null));
        foreach (RuleNeeds rule in rules)
        {
            foreach (EventNeed way in rule.Ways)
            {
                ImmutableArray<RequestUser?>? users = null;
                Dictionary<(KindTraits Traits, string Exclusions), Keep?> known = [];
                foreach (RequestKind kind in index.In(way.Requests))
                {
                    EventNeed here = way.At(kind, out string exclusions);
                    if (!known.TryGetValue((kind.Traits, exclusions), out Keep? found))
                    {
                        known[(kind.Traits, exclusions)] = found = KeepOf(here, requesters[kind], users ??= [.. requesters[kind].Users(way.Requests)]);
                    }

                    if (found is { } keep)
                    {
                        needs[kind].Wanted[rule] = needs[kind].Wanted.GetValueOrDefault(rule).And(keep);
                    }
                }
            }
        }

        return [.. kinds.Select(kind => needs[kind])];
    }

    private static KindNeeds Start(RequestKind kind)
    {
        bool isSecret = s_secret.Contains((kind.ApiGroup, kind.Subresource.Length == 0 ? kind.Resource : $"{kind.Resource}/{kind.Subresource}"));

        // What is sent to delete something is how, not what.
        AuditLevel cap = !isSecret ? AuditLevel.RequestResponse : kind.Verb is "delete" or "deletecollection" ? AuditLevel.Request : AuditLevel.Metadata;
        return new KindNeeds(kind, cap, isSecret ? "it would record secrets" : null);
    }

    /// <summary>Null when no request that there can be is needed.</summary>
    private static Keep? KeepOf(EventNeed need, Requesters requesters, ImmutableArray<RequestUser?> users)
    {
        Keep? keep = null;
        bool isBlurred = need.Exclusions.Any(exclusion => exclusion.Level is not null);
        foreach (RequestAttributes request in requesters.Of(need.Requests, users).Where(request => !PolicySight.IsExcluded(need, request)))
        {
            foreach ((_, AuditStage stages) in PolicySight.Shown(need, request))
            {
                NeededLevel level = isBlurred && PolicySight.LevelToExclude(need, request) is var told && told > need.SureLevel ? told : need.SureLevel;
                AuditLevel least = (AuditLevel)Enumerable.Range((int)level, (int)AuditLevel.RequestResponse - (int)level + 1).FirstOrDefault(candidate => need.Levels.Contains(((AuditLevel)candidate).ToString()));
                keep = (keep ?? default).And(new Keep(least, stages == AuditStage.RequestReceived, need.NeedsManagedFields));
            }

            if (request.User is not null && !isBlurred && keep is not null)
            {
                break;
            }
        }

        return keep;
    }
}
