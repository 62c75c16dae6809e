namespace Vedette.Platforms.Verification;

/// <summary>What came of a check.</summary>
public enum Outcome
{
    /// <summary>It holds.</summary>
    Ok,

    /// <summary>The evidence is missing or does not decide it.</summary>
    CannotTell,

    /// <summary>It does not hold.</summary>
    Wrong,
}

/// <summary>Where the evidence stands.</summary>
/// <param name="File">File as the user named it; empty where there is none.</param>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="Column">From 1; 0 when the whole line is meant.</param>
public readonly record struct Place(string File, int Line = 0, int Column = 0)
{
    /// <summary>There is no evidence that could have a place.</summary>
    public static Place None { get; } = new("");
}

/// <summary>One answer.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Place">Where.</param>
/// <param name="Why">The evidence, in one sentence without a full stop.</param>
/// <param name="Mend">What to do; null when it holds.</param>
public sealed record CheckResult(Check Check, Outcome Outcome, Place Place, string Why, string? Mend);

/// <summary>Takes the answers of a verification, in the order they come.</summary>
public sealed class Verdict
{
    private readonly List<CheckResult> _results = [];

    /// <summary>The answers.</summary>
    public IReadOnlyList<CheckResult> Results => _results;

    /// <summary>Adds an answer; <paramref name="mend"/> does not matter when it holds.</summary>
    public void Add(Check check, Outcome outcome, Place place, string why, string mend) => _results.Add(new CheckResult(check, outcome, place, why, outcome == Outcome.Ok ? null : mend));

    /// <summary>It holds.</summary>
    public void Ok(Check check, Place place, string why) => Add(check, Outcome.Ok, place, why, "");

    /// <summary>It does not hold.</summary>
    public void Wrong(Check check, Place place, string why, string mend) => Add(check, Outcome.Wrong, place, why, mend);

    /// <summary>It holds, or it does not.</summary>
    public void Say(Check check, bool holds, Place place, string why, string mend) => _results.Add(new CheckResult(check, holds ? Outcome.Ok : Outcome.Wrong, place, why, holds ? null : mend));

    /// <summary>It cannot be told.</summary>
    public void CannotTell(Check check, Place place, string why, string mend) => Add(check, Outcome.CannotTell, place, why, mend);
}
