using System.Collections.Immutable;
using Vedette.Documents.Settings;

namespace Vedette.Pipeline.Watching;

/// <summary>Reads the section <c>watch</c> of the settings (docs/schema/watch.schema.json).</summary>
public static class WatchReader
{
    /// <summary>Most expectations, and most API servers.</summary>
    public const int MaxItems = 1_000;

    /// <summary>Reads it; what is wrong is told by the reader.</summary>
    /// <param name="root">The whole file.</param>
    public static WatchSettings Read(SettingsReader root)
    {
        SettingsReader watch = root.Section("watch");
        WatchSettings settings = new()
        {
            Expect = [.. Bounded(watch, "expect").Select(ReadExpectation)],
            ApiServers = [.. Bounded(watch, "apiservers").Select(ReadAddress).OfType<ApiServerAddress>()],
            ScrapeEvery = watch.Duration("scrapeEvery", TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5), TimeSpan.FromHours(1)),
        };
        watch.Complete();
        return settings;
    }

    private static ImmutableArray<SettingsReader> Bounded(SettingsReader watch, string name)
    {
        ImmutableArray<SettingsReader> items = watch.Sections(name);
        if (items.Length > MaxItems)
        {
            watch.Wrong(name, $"there are more than {MaxItems}");
        }

        return [.. items.Take(MaxItems)];
    }

    private static Expectation ReadExpectation(SettingsReader item)
    {
        string? cluster = item.Text("cluster");
        string? source = item.Text("source");
        TimeSpan? every = null;
        if (item["every"] is null)
        {
            item.Tell(item.Node, $"{item.Path}.every is missing", "a span such as 5m, or never");
        }
        else if (item.Text("every") != "never")
        {
            every = item.Duration("every", SourceWatch.MinSilence, TimeSpan.FromSeconds(10), TimeSpan.FromDays(30));
        }

        item.Complete();
        return new Expectation(cluster, source, every);
    }

    private static ApiServerAddress? ReadAddress(SettingsReader item)
    {
        string cluster = item.Required("cluster");
        string text = item.Required("url");
        string? tokenFile = item.FilePath("tokenFile");
        string? caFile = item.FilePath("caFile");
        item.Complete();
        if (text.Length == 0)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp) || url.UserInfo.Length > 0)
        {
            item.Wrong("url", "must be an address such as https://10.0.0.1:6443/metrics, without credentials");
            return null;
        }

        if (tokenFile is not null && url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
        {
            item.Wrong("tokenFile", "a token is sent over https only");
            return null;
        }

        return new ApiServerAddress(cluster, url, tokenFile, caFile);
    }
}
