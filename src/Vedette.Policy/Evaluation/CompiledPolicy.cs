using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Numerics;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Evaluation;

/// <summary>
/// A policy made fast: for each attribute a table from its value to the set of rules that let it pass, as bits; their intersection leaves few candidates, which are looked at in order. Gives the
/// answers of <see cref="PolicyChecker"/>. Immutable; any number of threads.
/// </summary>
public sealed class CompiledPolicy
{
    private readonly ImmutableArray<PolicyRule> _rules;
    private readonly PolicyAnswer[] _answers;
    private readonly PolicyAnswer _unmatched;
    private readonly int _words;
    private readonly Passing _users;
    private readonly Passing _groups;
    private readonly Passing _verbs;
    private readonly Passing _namespaces;
    private readonly Passing _apiGroups;
    private readonly ulong[] _nonResource;

    private CompiledPolicy(AuditPolicy policy)
    {
        Policy = policy;
        _rules = policy.Rules;
        _words = (_rules.Length + 63) / 64;
        _answers = [.. _rules.Select(rule => PolicyChecker.AnswerOf(policy, rule))];
        _unmatched = PolicyChecker.Unmatched(policy);
        _users = new Passing(_rules, rule => rule.Users.Items.Length > 0 ? rule.Users.Values : null);
        _groups = new Passing(_rules, rule => rule.UserGroups.Items.Length > 0 ? rule.UserGroups.Values : null);
        _verbs = new Passing(_rules, rule => rule.Verbs.Items.Length > 0 ? rule.Verbs.Values : null);

        // What is for non-resource requests only has no namespace and no API group that would pass.
        _namespaces = new Passing(_rules, rule => rule.IsForNonResources ? [] : rule.Namespaces.Items.Length > 0 ? rule.Namespaces.Values : null);
        _apiGroups = new Passing(
            _rules, rule => rule.Resources.Length == 0 || rule.Resources.Any(entry => entry.Group.Value == "*") ? null : rule.Resources.Select(entry => entry.Group.Value));
        _nonResource = Passing.Bits(_rules, rule => !rule.IsForResources);
    }

    /// <summary>The policy.</summary>
    public AuditPolicy Policy { get; }

    /// <summary>Compiles a policy.</summary>
    public static CompiledPolicy Compile(AuditPolicy policy) => new(policy);

    /// <summary>What the policy says about a request.</summary>
    public PolicyAnswer Evaluate(RequestAttributes request) => Evaluate(request, request.User);

    /// <summary>What the policy says about a request of this user, whatever user the attributes have.</summary>
    public PolicyAnswer Evaluate(RequestAttributes request, RequestUser? user)
    {
        ulong[] users = user is null ? _users.Unconstrained : _users.Of(user.Name);
        ulong[] verbs = _verbs.Of(request.Verb);
        ulong[] first = request.IsResourceRequest ? _namespaces.Of(request.Namespace) : _nonResource;
        ulong[]? second = request.IsResourceRequest ? _apiGroups.Of(request.ApiGroup) : null;
        for (int word = 0; word < _words; word++)
        {
            ulong candidates = users[word] & verbs[word] & first[word] & (second is null ? ulong.MaxValue : second[word]);
            if (candidates == 0)
            {
                continue;
            }

            ulong groups = _groups.Unconstrained[word];
            if (user is not null && (candidates & ~groups) != 0)
            {
                foreach (string group in user.Groups)
                {
                    groups |= _groups.Of(group)[word];
                }
            }

            for (candidates &= groups; candidates != 0; candidates &= candidates - 1)
            {
                int index = word * 64 + BitOperations.TrailingZeroCount(candidates);
                if (Matches(_rules[index], request))
                {
                    return _answers[index];
                }
            }
        }

        return _unmatched;
    }

    /// <summary>What the tables leave open.</summary>
    private static bool Matches(PolicyRule rule, RequestAttributes request)
    {
        if (request.IsResourceRequest)
        {
            if (rule.Resources.Length == 0)
            {
                return true;
            }

            foreach (GroupResources entry in rule.Resources)
            {
                if (PolicyChecker.EntryMatches(entry, request))
                {
                    return true;
                }
            }

            return false;
        }

        if (rule.NonResourceUrls.Items.Length == 0)
        {
            return true;
        }

        foreach (PolicyText url in rule.NonResourceUrls.Items)
        {
            if (PolicyChecker.PathMatches(request.Path, url.Value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Which rules a value of one attribute passes: a bit for each.</summary>
    private sealed class Passing
    {
        private readonly FrozenDictionary<string, ulong[]> _byValue;

        /// <param name="rules">The rules.</param>
        /// <param name="valuesOf">The values a rule asks for; null when it takes any.</param>
        public Passing(ImmutableArray<PolicyRule> rules, Func<PolicyRule, IEnumerable<string>?> valuesOf)
        {
            Unconstrained = Bits(rules, rule => valuesOf(rule) is null);
            Dictionary<string, ulong[]> byValue = new(StringComparer.Ordinal);
            foreach (PolicyRule rule in rules)
            {
                foreach (string value in valuesOf(rule) ?? [])
                {
                    if (!byValue.TryGetValue(value, out ulong[]? bits))
                    {
                        byValue[value] = bits = [.. Unconstrained];
                    }

                    bits[rule.Index / 64] |= 1UL << (rule.Index % 64);
                }
            }

            _byValue = byValue.ToFrozenDictionary(StringComparer.Ordinal);
        }

        /// <summary>The rules that ask nothing of the attribute.</summary>
        public ulong[] Unconstrained { get; }

        public ulong[] Of(string value) => _byValue.TryGetValue(value, out ulong[]? bits) ? bits : Unconstrained;

        public static ulong[] Bits(ImmutableArray<PolicyRule> rules, Func<PolicyRule, bool> isIn)
        {
            ulong[] bits = new ulong[(rules.Length + 63) / 64];
            foreach (PolicyRule rule in rules.Where(isIn))
            {
                bits[rule.Index / 64] |= 1UL << (rule.Index % 64);
            }

            return bits;
        }
    }
}
