using System.Collections.Immutable;
using System.Globalization;
using Vedette.Audit.Events;
using Vedette.Audit.Text;
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
        Index = CandidateIndex.Build(conditions, Predicates, Paths);
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
            filters.Add([.. rule.Filters.Select(filter => compiler.Compile(filter.Condition))]);
            needs.Add(compiler.NeedsOfRule);
        }

        ImmutableArray<CorrelationRule> over = [.. (correlations ?? []).Select(correlation => correlation with { Attributes = TellApart(correlation.Attributes, ids) })];
        return new CompiledRules(all, over, compiler, conditions.ToImmutable(), filters.ToImmutable(), needs.ToImmutable());
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
        private readonly Dictionary<string, BodyNeeds> _needs = new(StringComparer.Ordinal);
        private readonly Dictionary<object, ConditionNode> _leaves = [];

        public List<FieldPath> Paths { get; } = [];

        public List<Predicate> Predicates { get; } = [];

        public BodyNeeds NeedsOfRule { get; set; }

        public ConditionNode Compile(Condition condition) => condition switch
        {
            Condition.Constant constant => new ConstantNode(constant.Value),
            Condition.Not not => new NotNode(Compile(not.Of)),
            Condition.All all => new AllNode([.. all.Of.Select(Compile)]),
            Condition.Any any => CompileAny(any),
            Condition.Field field => Leaf(field, field.Path, () => Some(field.Path, ValueMatcher.Compile(field.Test))),
            Condition.Keyword keyword => Leaf(keyword, null, () => Some(null, ValueMatcher.Compile(keyword.Test))),
            Condition.IsNull isNull => Leaf(isNull, isNull.Path, () => Plain(PredicateKind.IsNull, isNull.Path)),
            Condition.Exists exists => Leaf(exists, exists.Path, () => Plain(PredicateKind.Exists, exists.Path)),
            Condition.FieldReference reference => Leaf(reference, reference.Path, () => Plain(PredicateKind.Reference, reference.Path) with
            {
                Other = FieldOf(reference.Other),
                Position = reference.Position,
                CaseSensitive = reference.CaseSensitive,
                Needs = NeedsOf(reference.Path) | NeedsOf(reference.Other),
            }),
            _ => throw new ArgumentOutOfRangeException(nameof(condition)),
        };

        /// <summary>Alternatives that are plain texts of one field become one look-up in a set.</summary>
        private ConditionNode CompileAny(Condition.Any any)
        {
            List<ConditionNode> nodes = [];
            List<Condition> others = [];
            foreach (IGrouping<(string Path, bool CaseSensitive)?, Condition> group in any.Of.GroupBy(SetKey))
            {
                if (group.Key is not var (path, caseSensitive) || group.Count() == 1)
                {
                    others.AddRange(group);
                    continue;
                }

                byte[][] literals =
                [
                    .. group.Cast<Condition.Field>().Select(field => TextMatcher.Bytes(((ValueTest.Text)field.Test).Pattern.LiteralText, caseSensitive))
                        .Distinct(Utf8Comparer.Instance).OrderBy(Convert.ToHexString, StringComparer.Ordinal),
                ];
                string key = $"{path}\n{caseSensitive}\n{string.Join(',', literals.Select(Convert.ToHexString))}";
                nodes.Add(Leaf(key, path, () => Some(path, new SetMatcher(literals, caseSensitive))));
            }

            nodes.AddRange(others.Select(Compile));
            return nodes.Count == 1 ? nodes[0] : new AnyNode([.. nodes]);
        }

        private static (string Path, bool CaseSensitive)? SetKey(Condition condition) =>
            condition is Condition.Field { Path: var path, Test: ValueTest.Text { Pattern.IsLiteral: true } text } ? (path, text.CaseSensitive) : null;

        private ConditionNode Leaf(object key, string? path, Func<Predicate> make)
        {
            if (path is not null)
            {
                NeedsOfRule |= NeedsOf(path);
            }

            if (!_leaves.TryGetValue(key, out ConditionNode? node))
            {
                node = new PredicateNode(Predicates.Count);
                Predicates.Add(make());
                _leaves.Add(key, node);
            }

            return node;
        }

        private Predicate Some(string? path, ValueMatcher matcher) =>
            new(FieldOf(path), -1, PredicateKind.SomeValue, matcher, default, CaseSensitive: false, path is null ? BodyNeeds.None : NeedsOf(path));

        private Predicate Plain(PredicateKind kind, string path) => new(FieldOf(path), -1, kind, null, default, CaseSensitive: false, NeedsOf(path));

        private BodyNeeds NeedsOf(string path) => _needs.TryGetValue(path, out BodyNeeds needs) ? needs : _needs[path] = BodyNeedsOf.Path(path);

        public int FieldOf(string? path)
        {
            if (!_fields.TryGetValue(path ?? "\0", out int field))
            {
                field = Paths.Count;
                Paths.Add(path is null ? FieldResolver.AllScalars : FieldPath.Parse(path));
                _fields.Add(path ?? "\0", field);
            }

            return field;
        }
    }
}
