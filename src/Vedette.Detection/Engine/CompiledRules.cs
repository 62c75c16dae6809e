using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Engine;

/// <summary>
/// Rules compiled to one graph: fields and predicates that several rules name are there once, each rule is a tree over them, and an index by verb and resource says which
/// rules an event can concern. Immutable and shared by all threads; each thread evaluates with a <see cref="RuleEvaluator"/> of its own.
/// </summary>
public sealed class CompiledRules
{
    private CompiledRules(ImmutableArray<DetectionRule> rules, Compiler compiler, ImmutableArray<ConditionNode> conditions, ImmutableArray<BodyNeeds> needs)
    {
        Rules = rules;
        Paths = [.. compiler.Paths];
        Predicates = [.. compiler.Predicates];
        Conditions = conditions;
        Needs = needs;
        Index = RuleIndex.Build(rules);
    }

    /// <summary>The rules; everything else names them by their place here.</summary>
    public ImmutableArray<DetectionRule> Rules { get; }

    /// <summary>Which bodies each rule looks at; where the log does not carry them the rule may be blind.</summary>
    public ImmutableArray<BodyNeeds> Needs { get; }

    internal ImmutableArray<FieldPath> Paths { get; }

    internal ImmutableArray<Predicate> Predicates { get; }

    internal ImmutableArray<ConditionNode> Conditions { get; }

    internal RuleIndex Index { get; }

    /// <summary>Compiles rules.</summary>
    public static CompiledRules Compile(IEnumerable<DetectionRule> rules)
    {
        ImmutableArray<DetectionRule> all = [.. rules];
        Compiler compiler = new();
        ImmutableArray<ConditionNode>.Builder conditions = ImmutableArray.CreateBuilder<ConditionNode>(all.Length);
        ImmutableArray<BodyNeeds>.Builder needs = ImmutableArray.CreateBuilder<BodyNeeds>(all.Length);
        foreach (DetectionRule rule in all)
        {
            compiler.NeedsOfRule = BodyNeeds.None;
            conditions.Add(compiler.Compile(rule.Condition));
            needs.Add(compiler.NeedsOfRule);
        }

        return new CompiledRules(all, compiler, conditions.ToImmutable(), needs.ToImmutable());
    }

    private sealed class Compiler
    {
        private readonly Dictionary<string, int> _fields = new(StringComparer.Ordinal);
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

        private int FieldOf(string? path)
        {
            if (!_fields.TryGetValue(path ?? "\0", out int field))
            {
                field = Paths.Count;
                Paths.Add(path is null ? FieldResolver.AllScalars : FieldPath.Parse(path));
                _fields.Add(path ?? "\0", field);
            }

            return field;
        }

        private static BodyNeeds NeedsOf(string path)
        {
            FieldPath parsed = FieldPath.Parse(path);
            return parsed switch
            {
                { Derived: { } derived } when DerivedFields.NeedsRequestBody(derived) => BodyNeeds.Request,
                { Field: AuditField.RequestObject } => BodyNeeds.Request,
                { Field: AuditField.ResponseObject } => BodyNeeds.Response,
                _ => BodyNeeds.None,
            };
        }
    }
}
