using Vedette.Audit.Events;

namespace Vedette.Detection.Engine;

/// <summary>A node of a rule's compiled condition. Leaves are predicates shared by all rules.</summary>
internal abstract class ConditionNode
{
    /// <summary>Two-valued: what the log does not show does not hold.</summary>
    public abstract bool Holds(RuleEvaluator evaluator, in EventView view);

    /// <summary>Three-valued (Kleene): what the log does not show because of its level, or the judge does not know, is unknown.</summary>
    public abstract Truth Judge(IPredicateJudge judge, in EventView view);

    /// <summary>Adds the predicates that it asks.</summary>
    public abstract void CollectPredicates(ISet<int> into);

    /// <summary>Adds conditions that hold all together just when this one does, two-valued and three-valued: as many as can be told apart.</summary>
    public virtual void CollectConjuncts(ICollection<ConditionNode> into) => into.Add(this);

    /// <summary>As <see cref="CollectConjuncts"/>, for the opposite of this condition.</summary>
    public virtual void CollectConjunctsOfOpposite(ICollection<ConditionNode> into) => into.Add(new NotNode(this));
}

/// <summary>Kleene's truth values; ordered, so that "and" is the minimum and "or" the maximum.</summary>
internal enum Truth
{
    /// <summary>It does not hold.</summary>
    False,

    /// <summary>The event does not show it.</summary>
    Unknown,

    /// <summary>It holds.</summary>
    True,
}

internal sealed class ConstantNode(bool value) : ConditionNode
{
    public override bool Holds(RuleEvaluator evaluator, in EventView view) => value;

    public override Truth Judge(IPredicateJudge judge, in EventView view) => value ? Truth.True : Truth.False;

    public override void CollectPredicates(ISet<int> into)
    {
    }
}

internal sealed class PredicateNode(int predicate) : ConditionNode
{
    /// <summary>Place of the predicate.</summary>
    public int Predicate => predicate;

    public override bool Holds(RuleEvaluator evaluator, in EventView view) => evaluator.Test(predicate, view);

    public override Truth Judge(IPredicateJudge judge, in EventView view) => judge.Judge(predicate, view);

    public override void CollectPredicates(ISet<int> into) => into.Add(predicate);
}

internal sealed class NotNode(ConditionNode of) : ConditionNode
{
    public override bool Holds(RuleEvaluator evaluator, in EventView view) => !of.Holds(evaluator, view);

    public override Truth Judge(IPredicateJudge judge, in EventView view) => (Truth)(Truth.True - of.Judge(judge, view));

    public override void CollectPredicates(ISet<int> into) => of.CollectPredicates(into);

    public override void CollectConjuncts(ICollection<ConditionNode> into) => of.CollectConjunctsOfOpposite(into);

    public override void CollectConjunctsOfOpposite(ICollection<ConditionNode> into) => of.CollectConjuncts(into);
}

internal sealed class AllNode(ConditionNode[] of) : ConditionNode
{
    public override bool Holds(RuleEvaluator evaluator, in EventView view)
    {
        foreach (ConditionNode node in of)
        {
            if (!node.Holds(evaluator, view))
            {
                return false;
            }
        }

        return true;
    }

    public override Truth Judge(IPredicateJudge judge, in EventView view)
    {
        Truth truth = Truth.True;
        foreach (ConditionNode node in of)
        {
            Truth part = node.Judge(judge, view);
            if (part == Truth.False)
            {
                return Truth.False;
            }

            truth = part < truth ? part : truth;
        }

        return truth;
    }

    public override void CollectPredicates(ISet<int> into)
    {
        foreach (ConditionNode node in of)
        {
            node.CollectPredicates(into);
        }
    }

    public override void CollectConjuncts(ICollection<ConditionNode> into)
    {
        foreach (ConditionNode node in of)
        {
            node.CollectConjuncts(into);
        }
    }
}

internal sealed class AnyNode(ConditionNode[] of) : ConditionNode
{
    public override bool Holds(RuleEvaluator evaluator, in EventView view)
    {
        foreach (ConditionNode node in of)
        {
            if (node.Holds(evaluator, view))
            {
                return true;
            }
        }

        return false;
    }

    public override Truth Judge(IPredicateJudge judge, in EventView view)
    {
        Truth truth = Truth.False;
        foreach (ConditionNode node in of)
        {
            Truth part = node.Judge(judge, view);
            if (part == Truth.True)
            {
                return Truth.True;
            }

            truth = part > truth ? part : truth;
        }

        return truth;
    }

    public override void CollectPredicates(ISet<int> into)
    {
        foreach (ConditionNode node in of)
        {
            node.CollectPredicates(into);
        }
    }

    public override void CollectConjunctsOfOpposite(ICollection<ConditionNode> into)
    {
        foreach (ConditionNode node in of)
        {
            node.CollectConjunctsOfOpposite(into);
        }
    }
}
