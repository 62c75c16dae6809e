using System.Collections.Immutable;

namespace Vedette.Detection.Coverage;

/// <summary>A technique of a matrix.</summary>
/// <param name="Id">Its id: <c>T1609</c>, <c>MS-TA9006</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Tactics">Tactics it stands under, as tags write them: <c>execution</c>.</param>
/// <param name="Tags">Tags of rules that are about it, without namespace, in lower case.</param>
/// <param name="IsVisible">Can audit events show it at all? False for what happens inside a container or on the wire only.</param>
public sealed record Technique(string Id, string Name, ImmutableArray<string> Tactics, ImmutableArray<string> Tags, bool IsVisible = true);
