using System.Collections.Immutable;

namespace Vedette.Detection.Coverage;

/// <summary>
/// MITRE ATT&amp;CK for Enterprise, platform Containers, as data. Newer releases renamed the tactic Defense Evasion and the technique T1562; rules carry old and new ids, and either counts for both.
/// </summary>
public static class AttackMatrix
{
    /// <summary>Namespace of tags.</summary>
    public const string Namespace = "attack.";

    /// <summary>Release whose ids <see cref="Techniques"/> has; layers for the Navigator say so.</summary>
    public const string Version = "16";

    /// <summary>Old and new ids of one technique.</summary>
    public static ImmutableArray<(string Old, string New)> RenamedTechniques { get; } = [("T1562", "T1685")];

    /// <summary>Old and new names of tactics. Defense Evasion became two.</summary>
    public static ImmutableArray<(string Old, string New)> RenamedTactics { get; } = [("defense-evasion", "stealth"), ("defense-evasion", "defense-impairment")];

    /// <summary>The techniques, by id; those below one (T1078.001) count for it.</summary>
    public static ImmutableArray<Technique> Techniques { get; } =
    [
        Of("T1036", "Masquerading", true, "defense-evasion"),
        Of("T1046", "Network Service Discovery", true, "discovery"),
        Of("T1053", "Scheduled Task/Job", true, "execution", "persistence", "privilege-escalation"),
        Of("T1068", "Exploitation for Privilege Escalation", false, "privilege-escalation"),
        Of("T1069", "Permission Groups Discovery", true, "discovery"),
        Of("T1070", "Indicator Removal", true, "defense-evasion"),
        Of("T1078", "Valid Accounts", true, "defense-evasion", "initial-access", "persistence", "privilege-escalation"),
        Of("T1098", "Account Manipulation", true, "persistence", "privilege-escalation"),
        Of("T1110", "Brute Force", true, "credential-access"),
        Of("T1133", "External Remote Services", true, "initial-access", "persistence"),
        Of("T1136", "Create Account", true, "persistence"),
        Of("T1190", "Exploit Public-Facing Application", true, "initial-access"),
        Of("T1204", "User Execution", true, "execution"),
        Of("T1485", "Data Destruction", true, "impact"),
        Of("T1490", "Inhibit System Recovery", true, "impact"),
        Of("T1496", "Resource Hijacking", true, "impact"),
        Of("T1498", "Network Denial of Service", false, "impact"),
        Of("T1499", "Endpoint Denial of Service", true, "impact"),
        Of("T1525", "Implant Internal Image", true, "persistence"),
        Of("T1528", "Steal Application Access Token", true, "credential-access"),
        Of("T1543", "Create or Modify System Process", true, "persistence", "privilege-escalation"),
        Of("T1550", "Use Alternate Authentication Material", true, "defense-evasion", "lateral-movement"),
        Of("T1552", "Unsecured Credentials", true, "credential-access"),
        Of("T1562", "Impair Defenses", true, "defense-evasion"),
        Of("T1609", "Container Administration Command", true, "execution"),
        Of("T1610", "Deploy Container", true, "defense-evasion", "execution"),
        Of("T1611", "Escape to Host", true, "privilege-escalation"),
        Of("T1612", "Build Image on Host", false, "defense-evasion"),
        Of("T1613", "Container and Resource Discovery", true, "discovery"),
    ];

    /// <summary>Every name of a tactic: itself, and what it was or is called.</summary>
    public static IEnumerable<string> NamesOfTactic(string tactic) =>
        [tactic, .. RenamedTactics.Where(pair => pair.Old == tactic).Select(pair => pair.New), .. RenamedTactics.Where(pair => pair.New == tactic).Select(pair => pair.Old)];

    /// <summary>Every id of a technique, itself first.</summary>
    public static IEnumerable<string> IdsOf(string id) =>
        [id, .. RenamedTechniques.Where(pair => pair.Old == id).Select(pair => pair.New), .. RenamedTechniques.Where(pair => pair.New == id).Select(pair => pair.Old)];

    private static Technique Of(string id, string name, bool isVisible, params ReadOnlySpan<string> tactics) =>
        new(id, name, [.. tactics], [.. IdsOf(id).Select(one => one.ToLowerInvariant())], isVisible);
}
