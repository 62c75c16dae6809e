using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Model;
using Vedette.Policy.Resources;
using Vedette.Policy.Simulation;

namespace Vedette.Policy.Deriving;

/// <summary>
/// What to record less of to keep within a budget: one step of level of one kind of request at a time, always the one that saves most bytes for what it costs. A detection that loses something
/// costs four times one of the next lower severity, and a quarter of that when it has lost something before. Resources that nobody names, and paths of no resource, are not cut.
/// </summary>
internal sealed class BudgetCuts
{
    private readonly ImmutableArray<RequestKind> _order;
    private readonly Dictionary<RequestKind, KindNeeds> _kinds;
    private readonly Dictionary<RequestKind, Func<Keep, long>> _bytes;
    private readonly HashSet<RuleNeeds> _lost = new(ReferenceEqualityComparer.Instance);
    private readonly List<DerivedCut> _made = [];

    /// <summary>Nothing is cut yet.</summary>
    /// <param name="kinds">The kinds and what detections need of them.</param>
    /// <param name="volumes">What they come to in the log.</param>
    public BudgetCuts(ImmutableArray<KindNeeds> kinds, RequestVolumes volumes)
    {
        _order = [.. kinds.Select(kind => kind.Kind)];
        _kinds = kinds.ToDictionary(kind => kind.Kind);
        _bytes = volumes.By(kinds.Where(kind => !kind.IsBeyond).Select(kind => kind.Kind).ToHashSet());
    }

    /// <summary>The kinds with their caps.</summary>
    public ImmutableArray<KindNeeds> Kinds => [.. _order.Select(kind => _kinds[kind])];

    /// <summary>The cuts made, in order.</summary>
    public ImmutableArray<DerivedCut> Made => [.. _made];

    /// <summary>Cuts until what is left fits; a policy made for the caps may be a little larger than foreseen, so the question is asked again of it.</summary>
    /// <returns>False when nothing was cut: it fits, or nothing is left to cut.</returns>
    public bool Cut(PolicyDerivation derivation, long maxBytes)
    {
        Dictionary<RequestKind, Keep> kept = _bytes.Keys.ToDictionary(kind => kind, derivation.KeptOf);
        long size = _bytes.Sum(pair => pair.Value(kept[pair.Key]));
        bool hasCut = false;
        while (size > maxBytes && Best(kept) is var (kind, cut))
        {
            _kinds[kind] = _kinds[kind] with { Cap = cut.To, CapReason = "the budget" };
            kept[kind] = kept[kind] with { Level = cut.To };
            _lost.UnionWith(cut.Lost);
            _made.Add(cut);
            size -= cut.Bytes;
            hasCut = true;
        }

        return hasCut;
    }

    private (RequestKind Kind, DerivedCut Cut)? Best(Dictionary<RequestKind, Keep> kept)
    {
        (RequestKind, DerivedCut)? best = null;
        double bestGain = 0;
        foreach ((RequestKind request, Keep now) in kept)
        {
            KindNeeds kind = _kinds[request];
            long bytes = now.Level == AuditLevel.None || kind.IsCustom || request.IsPath ? 0 : _bytes[request](now) - _bytes[request](now with { Level = now.Level - 1 });
            if (bytes <= 0)
            {
                continue;
            }

            RuleNeeds[] lost =
            [
                .. kind.Wanted.Where(wish => kind.Capped(wish.Value).Level >= now.Level).Select(wish => wish.Key).OrderByDescending(rule => rule.Severity).ThenBy(rule => rule.Title, StringComparer.Ordinal),
            ];
            double gain = bytes / (lost.Sum(rule => Math.Pow(4, rule.Severity) / (_lost.Contains(rule) ? 4 : 1)) + 1e-6);
            if (gain > bestGain)
            {
                bestGain = gain;
                best = (request, new DerivedCut(request.ToString(), now.Level, now.Level - 1, bytes, [.. lost]));
            }
        }

        return best;
    }
}
