using System.Collections.Immutable;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Reachability;

/// <summary>
/// How one or two policies decide the requests of a box, part by part: a diagram whose node is a part and the terms still possible. Terms that can no longer decide are dropped, so that few nodes
/// are different, and each is worked out once.
/// </summary>
/// <typeparam name="T">What is decided.</typeparam>
internal sealed class DecisionDiagram<T>
    where T : class
{
    private readonly RequestBox _box;
    private readonly ImmutableArray<AtomClass>[] _classes;
    private readonly TermSet[] _possible;
    private readonly TermSet[] _certain;
    private readonly TermSet[] _policies;
    private readonly int[] _terms;
    private readonly TermSet? _required;
    private readonly Func<int, int, T?> _outcomeOf;
    private readonly Dictionary<(int Dimension, TermSet Terms), Node> _nodes = [];
    private readonly Dictionary<T, Node> _leaves = [];
    private readonly Dictionary<int, Atom> _path = [];
    private readonly Node _nothing = new(-1, [], null);
    private int _steps;

    /// <summary>Works it out.</summary>
    /// <param name="box">The requests; a term takes one of them, and one of the required terms if there are such.</param>
    /// <param name="first">Terms of the first policy.</param>
    /// <param name="second">Terms of the second.</param>
    /// <param name="required">Requests that none of these terms takes are left out, and <see cref="Ways"/> does not tell them from others; null: all are looked at.</param>
    /// <param name="outcomeOf">What the first term of each policy that takes a request comes to, -1 for none; null: of no interest.</param>
    /// <param name="maxSteps">Most steps.</param>
    public DecisionDiagram(RequestBox box, TermSet first, TermSet second, TermSet? required, Func<int, int, T?> outcomeOf, int maxSteps)
    {
        _box = box;
        _outcomeOf = outcomeOf;
        _steps = maxSteps;

        // Only atoms that a required term takes count, and only terms that take some of these in every part. There are few of them: they get numbers of their own.
        ImmutableArray<AtomClass>[] classes = [.. box.Dimensions.Select(dimension => dimension.Classes.RemoveAll(same => required is { } needed && !same.Terms.Meets(needed)))];
        _terms = [.. classes.Select(alike => alike.Select(same => same.Terms).Aggregate((a, b) => a | b)).Aggregate(first | second, (a, b) => a & b).Terms];
        _policies = [first.Of(_terms), second.Of(_terms)];
        _required = required?.Of(_terms);
        _classes =
        [
            .. classes.Select(alike => alike.GroupBy(same => same.Terms.Of(_terms)).Select(same => new AtomClass(same.Key, [.. same.SelectMany(one => one.Atoms)])).ToImmutableArray()),
        ];
        _possible = new TermSet[_classes.Length + 1];
        _certain = new TermSet[_classes.Length + 1];
        _possible[^1] = _certain[^1] = TermSet.Where(_terms.Length, _ => true);
        for (int i = _classes.Length - 1; i >= 0; i--)
        {
            _possible[i] = _possible[i + 1] & _classes[i].Select(same => same.Terms).Aggregate((a, b) => a | b);
            _certain[i] = _certain[i + 1] & _classes[i].Select(same => same.Terms).Aggregate((a, b) => a & b);
        }

        Root = Decide(0, _possible[^1]);
    }

    /// <summary>Where to begin; not the whole truth when <see cref="StepsLeft"/> is negative.</summary>
    public Node Root { get; }

    /// <summary>Steps that were not needed; negative when there were too few.</summary>
    public int StepsLeft => _steps;

    /// <summary>Each outcome that was met, with a request.</summary>
    public Dictionary<T, RequestAttributes> Found { get; } = [];

    /// <summary>Ways from a node to an outcome, each a product of atoms.</summary>
    public static IEnumerable<(ImmutableDictionary<int, ImmutableArray<Atom>> Atoms, T Outcome)> Ways(Node from, ImmutableDictionary<int, ImmutableArray<Atom>> taken)
    {
        if (from.Dimension < 0)
        {
            return from.Outcome is { } outcome ? [(taken, outcome)] : [];
        }

        return from.Edges.SelectMany(edge => Ways(edge.Next, taken.Add(from.Dimension, edge.Atoms)));
    }

    private Node Decide(int dimension, TermSet terms)
    {
        terms &= _possible[dimension];
        if (_steps < 0 || _required is { } needed && !terms.Meets(needed))
        {
            return _nothing;
        }

        TermSet certain = terms & _certain[dimension];
        Span<int> deciding = [-1, -1];
        bool isDecided = true;
        for (int i = 0; i < deciding.Length; i++)
        {
            deciding[i] = (terms & _policies[i]).First;
            int sure = (certain & _policies[i]).First;
            isDecided &= deciding[i] == sure;
            if (sure >= 0)
            {
                terms = terms.WithoutAfter(sure, _policies[i]);
            }
        }

        return isDecided ? Leaf(deciding[0], deciding[1]) : _nodes.TryGetValue((dimension, terms), out Node? known) ? known : _nodes[(dimension, terms)] = Branch(dimension, terms);
    }

    private Node Branch(int dimension, TermSet terms)
    {
        Dictionary<Node, List<Atom>> edges = [];
        foreach (AtomClass same in _classes[dimension])
        {
            _steps--;
            _path[dimension] = same.Atoms[0];
            Node next = Decide(dimension + 1, terms & same.Terms);
            if (!edges.TryGetValue(next, out List<Atom>? atoms))
            {
                edges[next] = atoms = [];
            }

            atoms.AddRange(same.Atoms);
        }

        _path.Remove(dimension);
        return edges.Count == 1 ? edges.Keys.First() : new Node(dimension, [.. edges.Select(edge => (edge.Value.ToImmutableArray(), edge.Key))], null);
    }

    private RequestAttributes Witness()
    {
        Dictionary<int, Atom> chosen = new(_path);
        for (int i = 0; i < _classes.Length; i++)
        {
            chosen.TryAdd(i, _classes[i][0].Atoms[0]);
        }

        return _box.Witness(chosen);
    }

    private Node Leaf(int first, int second)
    {
        if (_outcomeOf(first < 0 ? -1 : _terms[first], second < 0 ? -1 : _terms[second]) is not { } outcome)
        {
            return _nothing;
        }

        if (!_leaves.TryGetValue(outcome, out Node? leaf))
        {
            _leaves[outcome] = leaf = new Node(-1, [], outcome);
            Found[outcome] = Witness();
        }

        return leaf;
    }

    /// <summary>A part to be decided, or an outcome.</summary>
    /// <param name="dimension">The part; -1: none is left.</param>
    /// <param name="edges">Where its atoms lead.</param>
    /// <param name="outcome">The outcome; null while parts are left, and when it is of no interest.</param>
    public sealed class Node(int dimension, ImmutableArray<(ImmutableArray<Atom> Atoms, Node Next)> edges, T? outcome)
    {
        /// <summary>The part; -1: none is left.</summary>
        public int Dimension => dimension;

        /// <summary>Where its atoms lead.</summary>
        public ImmutableArray<(ImmutableArray<Atom> Atoms, Node Next)> Edges => edges;

        /// <summary>The outcome.</summary>
        public T? Outcome => outcome;
    }
}
