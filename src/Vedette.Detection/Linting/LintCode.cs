using System.Collections.Immutable;
using Vedette.Documents;

namespace Vedette.Detection.Linting;

/// <summary>A thing that <c>vedette rules lint</c> finds; docs/lint.md has a row for each. Codes are stable: they are the ids of rules in SARIF.</summary>
/// <param name="Id">Such as <c>VL1001</c>.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Title">What it is, in a few words.</param>
public sealed record LintCode(string Id, DiagnosticSeverity Severity, string Title)
{
    private const DiagnosticSeverity Error = DiagnosticSeverity.Error;
    private const DiagnosticSeverity Warning = DiagnosticSeverity.Warning;
    private const DiagnosticSeverity Note = DiagnosticSeverity.Information;

    /// <summary>Every code, in order.</summary>
    public static ImmutableArray<LintCode> All { get; } =
    [
        new("VL1000", Note, "the rule is not for Kubernetes audit events"),
        new("VL1001", Error, "the field cannot be in an audit event"),
        new("VL1002", Error, "the field is a short name that only some converters know"),
        new("VL1003", Warning, "an exclusion looks at a field that cannot be in an audit event"),
        new("VL1101", Error, "the field never has this value"),
        new("VL1102", Warning, "one of several values is never there"),
        new("VL1103", Note, "the value is written in another case than events have"),
        new("VL1201", Error, "no event can match the rule"),
        new("VL1202", Warning, "a search identifier can never match"),
        new("VL1203", Warning, "an exclusion never applies"),
        new("VL1204", Error, "the rule matches every event"),
        new("VL1205", Warning, "a search identifier is not used"),
        new("VL1301", Warning, "subresources match too"),
        new("VL1302", Warning, "deleting many at once is missed"),
        new("VL1303", Warning, "connections over WebSocket are missed"),
        new("VL1304", Note, "each request matches more than once"),
        new("VL1305", Warning, "a correlation counts each request more than once"),
        new("VL1401", Note, "the rule is blind at level Metadata"),
        new("VL1402", Note, "the rule is blind at level Request"),
        new("VL1403", Note, "the rule also matches where the body is not shown"),
        new("VL1501", Warning, "the regular expression needs backtracking"),
        new("VL1502", Note, "the regular expression begins or ends with what matches anything"),
        new("VL1503", Warning, "the regular expression repeats a great many times"),
        new("VL1601", Warning, "two rules match the same events"),
        new("VL1602", Warning, "another rule says the same of every event that this one matches"),
        new("VL1701", Error, "a correlation needs a rule that never matches"),
        new("VL1702", Error, "a correlation groups by or counts a field that cannot exist"),
        new("VL1703", Error, "a rule for first-seen behaviour or suppression names a field that cannot exist"),
        new("VL1801", Warning, "the rule has no tests"),
        new("VL1811", Warning, "the rule has no id"),
        new("VL1812", Warning, "the rule has no level"),
        new("VL1813", Warning, "the rule has no description"),
        new("VL1814", Note, "the rule has no ATT&CK technique"),
        new("VL1815", Note, "the rule names no false positives"),
        new("VL1816", Note, "the rule has no references"),
        new("VL1817", Error, "two documents have the same id or name"),
        new("VL1901", Warning, "a filter names a rule that is not there"),
        new("VL1902", Warning, "a filter applies to no rule"),
        new("VL1903", Note, "a filter never suppresses anything of a rule"),
        new("VL1904", Error, "a filter suppresses everything of a rule"),
    ];

    private static readonly ImmutableDictionary<string, LintCode> s_byId = All.ToImmutableDictionary(code => code.Id, StringComparer.Ordinal);

    /// <summary>The code with this id.</summary>
    public static LintCode Of(string id) => s_byId[id];
}
