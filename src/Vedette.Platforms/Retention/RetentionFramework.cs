using System.Collections.Immutable;

namespace Vedette.Platforms.Retention;

/// <summary>What a framework asks of the retention of audit events.</summary>
/// <param name="Name">What people type.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Days">Days that events are kept in all; null when it names no number.</param>
/// <param name="HotDays">Of these, days that they are at hand, searchable at once; null when it does not say.</param>
/// <param name="Source">Where the number is from.</param>
/// <param name="AsOf">When that was looked at: frameworks change.</param>
/// <param name="Note">What is to be known.</param>
internal sealed record RetentionFramework(string Name, string Title, int? Days, int? HotDays, string Source, DateOnly AsOf, string Note)
{
    private static readonly DateOnly s_asOf = new(2026, 8, 21);

    /// <summary>All of them.</summary>
    public static ImmutableArray<RetentionFramework> All { get; } =
    [
        new("pci-dss", "PCI DSS 4.0.1", 365, 90, "requirement 10.5.1: twelve months, the latest three at hand", s_asOf, "10.4.1.1 (automated review) and 10.7.2 (failures of logging are told) have been in force since 2025-03-31."),
        new("hipaa", "HIPAA Security Rule", 2190, null, "45 CFR 164.316(b)(2)(i): six years", s_asOf, "The six years are for documentation; that logs belong to it is common practice, not the letter. 164.312(b) asks for audit controls without a number."),
        new("soc2", "SOC 2", 365, null, "CC7.2, CC7.3: no number; a year is usual", s_asOf, "Auditors ask what you decided and whether you keep to it."),
        new("iso27001", "ISO/IEC 27001:2022", null, null, "A.8.15: no number", s_asOf, "Your own policy names the days: give them with --retention."),
        new("nist-800-53", "NIST SP 800-53 r5", null, null, "AU-11: a period the organisation defines", s_asOf, "Your own policy names the days: give them with --retention."),
        new(
            "fedramp", "FedRAMP r5", 912, 365, "AU-11: a period in compliance with M-21-31, twelve months active and eighteen cold", s_asOf,
            "OMB M-26-14 of 2026-05-22 rescinds M-21-31, and FedRAMP's text may still point to it; ask your authorising official before you keep less."),
        new("m-21-31", "OMB M-21-31", 912, 365, "twelve months active, eighteen cold", s_asOf, "Rescinded by M-26-14 of 2026-05-22."),
        new("m-26-14", "OMB M-26-14", 365, 183, "reported as six months searchable, twelve retrievable", s_asOf, "The numbers are from reports about it; read the memorandum itself before you rely on them."),
    ];
}
