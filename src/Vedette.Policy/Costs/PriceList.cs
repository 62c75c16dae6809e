using System.Collections.Immutable;
using System.Text.Json;

namespace Vedette.Policy.Costs;

/// <summary>List prices of places where logs are kept: an estimate to check, never a quotation.</summary>
/// <param name="Note">What the prices are.</param>
/// <param name="Prices">One for each sink.</param>
public sealed record PriceList(string Note, ImmutableArray<Price> Prices)
{
    /// <summary>Reads a price file (policies/prices.json).</summary>
    /// <exception cref="FormatException">It is not one; the message says why.</exception>
    public static PriceList Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return new PriceList(Text(document.RootElement, "note"), [.. document.RootElement.GetProperty("prices").EnumerateArray().Select(Read)]);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"no price file: {exception.Message} It is {{\"prices\": [{{\"sink\", \"date\", \"page\", \"perGB\", …}}]}} as in policies/prices.json.", exception);
        }
    }

    private static Price Read(JsonElement item) => new(
        item.GetProperty("sink").GetString() ?? "", item.GetProperty("date").GetString() ?? "", Text(item, "page"), item.GetProperty("perGB").GetDouble(), Number(item, "perMillionEvents", 0),
        Number(item, "storagePerGBMonth", 0), Number(item, "months", 1), Number(item, "storedShare", 1), Text(item, "note"));

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";

    private static double Number(JsonElement item, string name, double otherwise) => item.TryGetProperty(name, out JsonElement value) ? value.GetDouble() : otherwise;
}

/// <summary>Prices of one sink, in US dollars. A GB is 10⁹ bytes of JSON lines.</summary>
/// <param name="Sink">Its name.</param>
/// <param name="Date">Year and month when the prices were noted.</param>
/// <param name="Page">Name of the page that has them.</param>
/// <param name="PerGB">Taking in a GB.</param>
/// <param name="PerMillionEvents">Indexing a million events.</param>
/// <param name="StoragePerGBMonth">Keeping a GB for a month.</param>
/// <param name="Months">Months kept.</param>
/// <param name="StoredShare">Bytes stored for each byte taken in, where compressed bytes count.</param>
/// <param name="Note">What the price leaves out.</param>
public sealed record Price(
    string Sink, string Date, string Page, double PerGB, double PerMillionEvents, double StoragePerGBMonth, double Months, double StoredShare, string Note)
{
    /// <summary>Dollars a month (30 days) for this many bytes and events a day.</summary>
    public double PerMonth(double bytesPerDay, double eventsPerDay)
    {
        double gigabytes = bytesPerDay * 30 / 1e9;
        return gigabytes * (PerGB + StoragePerGBMonth * Months * StoredShare) + eventsPerDay * 30 / 1e6 * PerMillionEvents;
    }
}
