using System.Collections.Immutable;

namespace Vedette.Detection.Testing;

/// <summary>One test of a rule: events, and whether the rule must match.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="MustMatch">True: the rule must match; false: it must not.</param>
/// <param name="Events">Events as JSON.</param>
/// <param name="IsSequence">True: the events are one log, and findings are counted at its end. False: each event stands for itself.</param>
/// <param name="Findings">How many findings a sequence must give; null: one or more.</param>
/// <param name="Line">Line in its file.</param>
/// <param name="Rule">Name or id of the rule it is for; null: the last document of the file it stands beside.</param>
public sealed record RuleTest(string Name, bool MustMatch, ImmutableArray<ReadOnlyMemory<byte>> Events, bool IsSequence, int? Findings, int Line, string? Rule = null);
