namespace Vedette.Platforms.Setup;

/// <summary>One step of STEPS.md.</summary>
/// <param name="Title">What is done.</param>
/// <param name="Text">Where and why, as Markdown; may be empty.</param>
/// <param name="Shell">Commands; null when there are none. Checked by shellcheck in the tests.</param>
/// <param name="Restarts">What restarts, and what that means for its users; null when nothing does.</param>
public sealed record Step(string Title, string Text, string? Shell = null, string? Restarts = null);
