using System.Diagnostics.CodeAnalysis;
using Vedette.Storage.Files;

namespace Vedette.Storage.Journals;

/// <summary>What became of a batch.</summary>
/// <param name="Stored">Records stored.</param>
/// <param name="Duplicates">Records that are in the journal already, durable as the others.</param>
/// <param name="Problem">Why nothing of it counts as stored; null when all of it is on disk. Then it may be acknowledged, and only then.</param>
public readonly record struct AppendResult(int Stored, int Duplicates, StoreProblem? Problem)
{
    /// <summary>Is all of it on disk?</summary>
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsDurable => Problem is null;
}
