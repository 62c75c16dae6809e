namespace Vedette.Pipeline.Watching;

/// <summary>Looks at the metrics of all API servers that the settings name, again and again.</summary>
/// <param name="settings">Which, and how often.</param>
/// <param name="watch">Whom losses are told.</param>
/// <param name="metrics">Where it is shown whether a look succeeded.</param>
/// <param name="time">The clock.</param>
public sealed class AuditErrorWatch(WatchSettings settings, SourceWatch watch, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>Looks until it is ended.</summary>
    /// <param name="failed">Told which look failed, and why.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public Task RunAsync(Action<ApiServerAddress, string> failed, CancellationToken cancellation) =>
        Task.WhenAll(settings.ApiServers.Select(address => RunAsync(address, failed, cancellation)));

    private async Task RunAsync(ApiServerAddress address, Action<ApiServerAddress, string> failed, CancellationToken cancellation)
    {
        using AuditErrorScrape scrape = new(address);
        using PeriodicTimer timer = new(settings.ScrapeEvery, time);
        do
        {
            await LookAsync(scrape, failed, cancellation).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false));
    }

    private async Task LookAsync(AuditErrorScrape scrape, Action<ApiServerAddress, string> failed, CancellationToken cancellation)
    {
        ApiServerAddress address = scrape.Address;
        try
        {
            foreach ((string plugin, long lost) in await scrape.LookAsync(cancellation).ConfigureAwait(false))
            {
                watch.AuditErrors(address.Cluster, address.Name, plugin, lost, time.GetUtcNow());
            }

            metrics.ApiServerScrape(address.Cluster, address.Name, succeeded: true);
        }
        catch (IOException exception)
        {
            metrics.ApiServerScrape(address.Cluster, address.Name, succeeded: false);
            failed(address, exception.Message);
        }
    }
}
