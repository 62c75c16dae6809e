using Vedette.Audit.Text;
using Vedette.Detection.Findings;

namespace Vedette.Reports.Story;

/// <summary>Who acted, as reports put findings together: the effective user, and the real caller where that was another.</summary>
/// <param name="User">The effective user; empty when there is none.</param>
/// <param name="Impersonator">The real caller of an impersonated request.</param>
internal readonly record struct ReportActor(string User, string? Impersonator)
{
    /// <summary>Longest name shown, in characters.</summary>
    public const int MaxNameLength = 200;

    /// <summary>The actor of a finding.</summary>
    public static ReportActor Of(Finding finding) => new(finding.Actor.User, finding.Actor.Impersonator);

    /// <summary>The user's name; what a client chose is not escaped.</summary>
    public string Name => User.Length > 0 ? VisibleText.Cut(User, MaxNameLength) : "(no user)";

    /// <summary>The user's name and, where there is one, the real caller's.</summary>
    public string FullName => Impersonator is { } real ? $"{VisibleText.Cut(real, MaxNameLength)} acting as {Name}" : Name;
}
