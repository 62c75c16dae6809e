using System.Collections.Immutable;
using System.Globalization;
using Vedette.Audit.Events;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Engine;

/// <summary>
/// Rules compiled to one graph: fields and predicates that several rules name are there once, each rule is a tree over them, and an index says what
/// rules an event can concern. Immutable and shared by all threads; each thread evaluates with a <see cref="RuleEvaluator"/> of its own.
/// </summary>
public sealed class CompiledRules
{
    private CompiledRules(
        ImmutableArray<DetectionRule> rules, ImmutableArray<CorrelationRule> correlations, Compiler compiler, ImmutableArray<ConditionNode> conditions,
        ImmutableArray<ImmutableArray<ConditionNode>> filters, ImmutableArray<BodyNeeds> needs)
    {
        Rules = rules;
        Correlations = correlations;
        // Asks the compiler for the fields it needs, so it comes before the paths are taken.
        Stateful = StatefulPlan.Build(rules, correlations, compiler.FieldOf);
        Paths = [.. compiler.Paths];
        Predicates = [.. compiler.Predicates];
        Conditions = conditions;
        Filters = filters;
        Needs = needs;
        Index = CandidateIndex.Build(conditions, filters, Predicates, Paths);
        Fields = FieldsOf(Paths, needs);
    }

    /// <summary>The rules; everything else names them by their place here.</summary>
    public ImmutableArray<DetectionRule> Rules { get; }

    /// <summary>The correlations over them, each after those it refers to.</summary>
    public ImmutableArray<CorrelationRule> Correlations { get; }

    /// <summary>What rules feed, and which tell findings of their own.</summary>
    public StatefulPlan Stateful { get; }

    /// <summary>Which bodies each rule looks at; where the log does not carry them the rule may be blind.</summary>
    public ImmutableArray<BodyNeeds> Needs { get; }

    /// <summary>
    /// The fields a decoder must locate for <see cref="RuleEvaluator.Evaluate(in EventView)"/>. What is done after a match (a finding, <see cref="RuleEvaluator.Take"/>) wants every field: decode once more then.
    /// </summary>
    public FieldSet Fields { get; }

    internal ImmutableArray<FieldPath> Paths { get; }

    internal ImmutableArray<Predicate> Predicates { get; }

    internal ImmutableArray<ConditionNode> Conditions { get; }

    /// <summary>Per rule the conditions of its filters, in their order.</summary>
    internal ImmutableArray<ImmutableArray<ConditionNode>> Filters { get; }

    internal CandidateIndex Index { get; }

    /// <summary>Compiles rules and the correlations over them.</summary>
    public static CompiledRules Compile(SigmaRuleSet set) => Compile(set.Rules, set.Correlations);

    /// <summary>Compiles rules and the correlations over them.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="correlations">The correlations, each after those it refers to; what they refer to must be among the rules and correlations given.</param>
    public static CompiledRules Compile(IEnumerable<DetectionRule> rules, IEnumerable<CorrelationRule>? correlations = null)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        ImmutableArray<DetectionRule> all = [.. rules.Select(rule => TellApart(rule, ids))];
        Compiler compiler = new();
        ImmutableArray<ConditionNode>.Builder conditions = ImmutableArray.CreateBuilder<ConditionNode>(all.Length);
        ImmutableArray<ImmutableArray<ConditionNode>>.Builder filters = ImmutableArray.CreateBuilder<ImmutableArray<ConditionNode>>(all.Length);
        ImmutableArray<BodyNeeds>.Builder needs = ImmutableArray.CreateBuilder<BodyNeeds>(all.Length);
        foreach (DetectionRule rule in all)
        {
            compiler.NeedsOfRule = BodyNeeds.None;
            conditions.Add(compiler.Compile(rule.Condition));
            filters.Add(compiler.CompileFilters(rule.Filters));
            needs.Add(compiler.NeedsOfRule);
        }

        ImmutableArray<CorrelationRule> over = [.. (correlations ?? []).Select(correlation => correlation with { Attributes = TellApart(correlation.Attributes, ids) })];
        return new CompiledRules(all, over, compiler, conditions.MoveToImmutable(), filters.MoveToImmutable(), needs.MoveToImmutable());
    }

    /// <summary>Findings and what rules remember go by id: of rules that share one the second gets <c>#2</c> behind it, and so on.</summary>
    private static DetectionRule TellApart(DetectionRule rule, Dictionary<string, int> ids)
    {
        string id = rule.Id;
        while (!ids.TryAdd(id, 1))
        {
            id = string.Create(CultureInfo.InvariantCulture, $"{rule.Id}#{++ids[rule.Id]}");
        }

        return id == rule.Id ? rule : rule with { Id = id };
    }

    private static FieldSet FieldsOf(ImmutableArray<FieldPath> paths, ImmutableArray<BodyNeeds> needs) =>
        paths.Aggregate(needs.Any(need => need != BodyNeeds.None) ? Bodies.Fields : FieldSet.None, (fields, path) => fields | (path.Inputs ?? FieldSet.None));

    private sealed class Compiler
    {
        private readonly Dictionary<string, int> _fields = new(StringComparer.Ordinal);
        private readonly List<BodyNeeds> _needs = [];
        private readonly Dictionary<Condition, PredicateNode> _leaves = [];
        private readonly Dictionary<(string Path, LiteralSet Literals), PredicateNode> _sets = [];
        private readonly Dictionary<(string Path, bool CaseSensitive), int> _setOf = [];
        private readonly Dictionary<Condition, (ConditionNode Node, BodyNeeds Needs)> _filters = new(ReferenceEqualityComparer.Instance);

        public List<FieldPath> Paths { get; } = [];

        public List<Predicate> Predicates { get; } = [];

        public BodyNeeds NeedsOfRule { get; set; }

        public ConditionNode Compile(Condition condition)
        {
            switch (condition)
            {
                case Condition.Constant constant:
                    return new ConstantNode(constant.Value);
                case Condition.Not not:
                    return new NotNode(Compile(not.Of));
                case Condition.All all:
                    ConditionNode[] nodes = new ConditionNode[all.Of.Length];
                    for (int i = 0; i < nodes.Length; i++)
                    {
                        nodes[i] = Compile(all.Of[i]);
                    }

                    return new AllNode(nodes);
                case Condition.Any any:
                    return CompileAny(any);
                default:
                    return Leaf(condition);
            }
        }

        /// <summary>The conditions of a rule's filters. One filter is for many rules, and is compiled once.</summary>
        public ImmutableArray<ConditionNode> CompileFilters(ImmutableArray<RuleFilter> filters)
        {
            if (filters.IsEmpty)
            {
                return [];
            }

            BodyNeeds needs = NeedsOfRule;
            ImmutableArray<ConditionNode>.Builder nodes = ImmutableArray.CreateBuilder<ConditionNode>(filters.Length);
            foreach (RuleFilter filter in filters)
            {
                if (!_filters.TryGetValue(filter.Condition, out (ConditionNode Node, BodyNeeds Needs) compiled))
                {
                    NeedsOfRule = BodyNeeds.None;
                    compiled = (Compile(filter.Condition), NeedsOfRule);
                    _filters.Add(filter.Condition, compiled);
                }

                nodes.Add(compiled.Node);
                needs |= compiled.Needs;
            }

            NeedsOfRule = needs;
            return nodes.MoveToImmutable();
        }

        /// <summary>Alternatives that are plain texts of one field become one look-up in a set.</summary>
        private ConditionNode CompileAny(Condition.Any any)
        {
            List<Condition> others = [];
            List<(Condition.Field First, List<byte[]> Literals)> sets = [];
            foreach (Condition condition in any.Of)
            {
                if (condition is not Condition.Field { Test: ValueTest.Text { Pattern.IsLiteral: true } text } field)
                {
                    others.Add(condition);
                    continue;
                }

                if (!_setOf.TryGetValue((field.Path, text.CaseSensitive), out int set))
                {
                    set = sets.Count;
                    sets.Add((field, new List<byte[]>(set == 0 ? any.Of.Length : 0)));
                    _setOf.Add((field.Path, text.CaseSensitive), set);
                }

                sets[set].Literals.Add(TextMatcher.Bytes(text.Pattern.LiteralText, text.CaseSensitive));
            }

            _setOf.Clear();
            List<ConditionNode> nodes = [];
            foreach ((Condition.Field first, List<byte[]> literals) in sets)
            {
                if (literals.Count == 1)
                {
                    others.Add(first);
                }
                else
                {
                    nodes.Add(Set(first.Path, new LiteralSet(literals, ((ValueTest.Text)first.Test).CaseSensitive)));
                }
            }

            foreach (Condition other in others)
            {
                nodes.Add(Compile(other));
            }

            return nodes.Count == 1 ? nodes[0] : new AnyNode([.. nodes]);
        }

        private PredicateNode Set(string path, LiteralSet literals)
        {
            if (!_sets.TryGetValue((path, literals), out PredicateNode? node))
            {
                node = Add(Some(path, new SetMatcher(literals)));
                _sets.Add((path, literals), node);
            }

            return Asked(node);
        }

        private PredicateNode Leaf(Condition condition)
        {
            if (!_leaves.TryGetValue(condition, out PredicateNode? node))
            {
                node = Add(PredicateOf(condition));
                _leaves.Add(condition, node);
            }

            return Asked(node);
        }

        private PredicateNode Add(Predicate predicate)
        {
            Predicates.Add(predicate);
            return new PredicateNode(Predicates.Count - 1);
        }

        private PredicateNode Asked(PredicateNode node)
        {
            NeedsOfRule |= Predicates[node.Predicate].Needs;
            return node;
        }

        private Predicate PredicateOf(Condition condition) => condition switch
        {
            Condition.Field field => Some(field.Path, ValueMatcher.Compile(field.Test)),
            Condition.Keyword keyword => Some(null, ValueMatcher.Compile(keyword.Test)),
            Condition.IsNull isNull => Plain(PredicateKind.IsNull, isNull.Path),
            Condition.Exists exists => Plain(PredicateKind.Exists, exists.Path),
            Condition.FieldReference reference => Plain(PredicateKind.Reference, reference.Path) with
            {
                Other = FieldOf(reference.Other),
                Position = reference.Position,
                CaseSensitive = reference.CaseSensitive,
                Needs = NeedsOf(reference.Path) | NeedsOf(reference.Other),
            },
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };

        private Predicate Some(string? path, ValueMatcher matcher) =>
            new(FieldOf(path), -1, PredicateKind.SomeValue, matcher, default, CaseSensitive: false, path is null ? BodyNeeds.None : NeedsOf(path));

        private Predicate Plain(PredicateKind kind, string path) => new(FieldOf(path), -1, kind, null, default, CaseSensitive: false, NeedsOf(path));

        private BodyNeeds NeedsOf(string path) => _needs[FieldOf(path)];

        public int FieldOf(string? path)
        {
            if (!_fields.TryGetValue(path ?? "\0", out int field))
            {
                field = Paths.Count;
                Paths.Add(path is null ? FieldResolver.AllScalars : FieldPath.Parse(path));
                _needs.Add(BodyNeedsOf.Path(Paths[field]));
                _fields.Add(path ?? "\0", field);
            }

            return field;
        }
    }
}
