using Vedette.Audit.Events;

namespace Vedette.Detection.Engine;

/// <summary>Answers the predicates of a condition in three values: from the whole event, or from the part of it that is known.</summary>
internal interface IPredicateJudge
{
    /// <summary>The answer to one predicate.</summary>
    Truth Judge(int predicate, in EventView view);
}
