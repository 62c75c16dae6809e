using System.Collections.Immutable;

namespace Vedette.Pipeline.Watching;

/// <summary>How Vedette watches what feeds it: the section <c>watch</c> of the settings.</summary>
public sealed record WatchSettings
{
    /// <summary>How often something must come, where somebody knows better than what is learned; the first that fits a source counts.</summary>
    public ImmutableArray<Expectation> Expect { get; init; } = [];

    /// <summary>API servers whose own metrics are looked at.</summary>
    public ImmutableArray<ApiServerAddress> ApiServers { get; init; } = [];

    /// <summary>How often they are.</summary>
    public TimeSpan ScrapeEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often something must come by a source; null when nobody said.</summary>
    internal Expectation? Of(string cluster, string source) =>
        Expect.FirstOrDefault(item => (item.Cluster ?? cluster) == cluster && (item.Source ?? source) == source);
}

/// <summary>How often something must come.</summary>
/// <param name="Cluster">Of which cluster; null for each.</param>
/// <param name="Source">By which source; null for each.</param>
/// <param name="Every">At least once in so long; null when silence is never told.</param>
public sealed record Expectation(string? Cluster, string? Source, TimeSpan? Every);

/// <summary>Where an API server's metrics are.</summary>
/// <param name="Cluster">Its cluster.</param>
/// <param name="Url">Address of the metrics.</param>
/// <param name="TokenFile">File with a bearer token, read anew each time; null for none.</param>
/// <param name="CaFile">File with the certificates that are trusted, PEM; null for those of the system.</param>
public sealed record ApiServerAddress(string Cluster, Uri Url, string? TokenFile, string? CaFile)
{
    /// <summary>Its name in metrics and findings: host and port.</summary>
    public string Name => Url.Authority;
}
