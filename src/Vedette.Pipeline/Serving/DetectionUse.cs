using Vedette.Detection.Stateful;

namespace Vedette.Pipeline.Serving;

/// <summary>What detection remembers, in bytes as <see cref="StateMemory"/> counts them, and what it gave up.</summary>
/// <param name="Statistics">What was given up since the start.</param>
/// <param name="Order">Matches that wait for their place in order.</param>
/// <param name="Windows">Windows of correlations.</param>
/// <param name="Terms">Terms, peers and unfinished requests.</param>
/// <param name="Findings">Findings that more can go into, and requests that have findings.</param>
/// <param name="Limit">Most bytes of all of them together.</param>
public sealed record DetectionUse(StateStatistics Statistics, long Order, long Windows, long Terms, long Findings, long Limit);
