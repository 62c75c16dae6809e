using System.Collections.Immutable;

namespace Vedette.Audit.Needs;

/// <summary>How much of a request must be recorded; the numbers are those of policies' levels.</summary>
public enum NeededLevel
{
    /// <summary>No bodies.</summary>
    Metadata = 1,

    /// <summary>The request's body.</summary>
    Request = 2,

    /// <summary>The response's body too.</summary>
    RequestResponse = 3,
}

/// <summary>How a request ends, which decides the stages it goes through.</summary>
[Flags]
public enum RequestEnding
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>It is answered, perhaps with a denial.</summary>
    Answered = 1,

    /// <summary>It is refused before it has a user: failed authentication, a bad timeout parameter.</summary>
    Refused = 2,

    /// <summary>Its handler panics.</summary>
    Panicked = 4,
}

/// <summary>
/// One of the ways in which a rule can fire: the requests, the stages and the level without which it does not. Conservative: events that lack something of it cannot make the rule fire in this way;
/// what could not be understood is left open and told by <see cref="IsExact"/>.
/// </summary>
public sealed record EventNeed
{
    /// <summary>The requests.</summary>
    public required RequestShape Requests { get; init; }

    /// <summary>What does not count among <see cref="Requests"/>, and what must be recorded to tell.</summary>
    public ImmutableArray<Exclusion> Exclusions { get; init; } = [];

    /// <summary>How the request ends.</summary>
    public RequestEnding Endings { get; init; } = RequestEnding.Answered | RequestEnding.Refused | RequestEnding.Panicked;

    /// <summary>Names of the stages whose events can show it.</summary>
    public TextSet Stages { get; init; } = TextSet.Any;

    /// <summary>Names of the levels whose events can show it.</summary>
    public TextSet Levels { get; init; } = TextSet.Any;

    /// <summary>Below this level nothing of it is seen.</summary>
    public NeededLevel Level { get; init; } = NeededLevel.Metadata;

    /// <summary>From this level on all of it is seen: of some patches the response alone tells what they have changed.</summary>
    public NeededLevel SureLevel { get; init; } = NeededLevel.Metadata;

    /// <summary>Must <c>metadata.managedFields</c> be kept in bodies?</summary>
    public bool NeedsManagedFields { get; init; }

    /// <summary>Fields that must be there, by their paths.</summary>
    public ImmutableArray<string> Fields { get; init; } = [];

    /// <summary>False when some test was left open, so that some of <see cref="Requests"/> may not make the rule fire.</summary>
    public bool IsExact { get; init; } = true;
}

/// <summary>Requests that a rule leaves out.</summary>
/// <param name="Requests">The requests.</param>
/// <param name="Level">Null: all of them are left out. Else some are, and this level is needed to tell which.</param>
public sealed record Exclusion(RequestShape Requests, NeededLevel? Level);
