using Vedette.Pipeline.Scanning;

namespace Vedette.Reports;

/// <summary>What a report tells: the result of a scan and where it comes from. The same report written twice gives the same bytes.</summary>
/// <param name="Result">Findings and statistics.</param>
/// <param name="Made">When the report was made.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Cluster">Name of the cluster, where known.</param>
public sealed record ScanReport(ScanResult Result, DateTimeOffset Made, string Version, string? Cluster);
