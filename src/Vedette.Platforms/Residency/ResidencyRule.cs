using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Vedette.Platforms.Residency;

/// <summary>Where data may be: countries or unions of them. A region nobody listed is outside of every one, since a guess by prefix is wrong (eu-west-2 is not in the EU).</summary>
public sealed class ResidencyRule
{
    private const string Resource = "Vedette.Platforms.regions.tsv";

    /// <summary>Cloud and region → jurisdiction, from regions.tsv.</summary>
    private static readonly FrozenDictionary<(string Cloud, string Region), string> s_regions = Load();

    private readonly ImmutableArray<string> _jurisdictions;

    private ResidencyRule(ImmutableArray<string> jurisdictions) => _jurisdictions = jurisdictions;

    /// <summary>No restriction.</summary>
    public static ResidencyRule Anywhere { get; } = new([]);

    /// <summary>The jurisdictions that regions.tsv knows: <c>us</c>, <c>eu</c>, <c>uk</c>, …</summary>
    public static ImmutableArray<string> Jurisdictions { get; } = [.. s_regions.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Is there a restriction?</summary>
    public bool IsRestricted => _jurisdictions.Length > 0;

    /// <summary>Reads <c>any</c>, <c>us</c>, <c>eu,uk</c>.</summary>
    public static bool TryParse(string text, out ResidencyRule rule)
    {
        string[] names = text.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
        rule = names is ["any"] ? Anywhere : new ResidencyRule([.. names]);
        return names is ["any"] || names.All(name => Jurisdictions.Contains(name, StringComparer.Ordinal));
    }

    /// <summary>Jurisdiction of a region; null when it is not listed.</summary>
    /// <param name="cloud"><c>aws</c>, <c>gcp</c> or <c>azure</c>.</param>
    /// <param name="region">Name as the provider writes it.</param>
    public static string? JurisdictionOf(string cloud, string region) => s_regions.GetValueOrDefault((cloud, region));

    /// <summary>Regions of a cloud that are allowed, in the order of regions.tsv.</summary>
    public IEnumerable<string> RegionsOf(string cloud) => s_regions.Where(pair => pair.Key.Cloud == cloud && Allows(cloud, pair.Key.Region)).Select(pair => pair.Key.Region).Order(StringComparer.Ordinal);

    /// <summary>May data be in this region?</summary>
    public bool Allows(string cloud, string region) => !IsRestricted || JurisdictionOf(cloud, region) is { } jurisdiction && _jurisdictions.Contains(jurisdiction, StringComparer.Ordinal);

    /// <summary>May data be in this jurisdiction?</summary>
    public bool Includes(string jurisdiction) => !IsRestricted || _jurisdictions.Contains(jurisdiction, StringComparer.Ordinal);

    /// <summary>Why data may not be at a host whose name tells its region (<c>logs.eu-west-1.amazonaws.com</c>); null when it may, or when the name tells nothing.</summary>
    /// <param name="host">The host, or an address with it, of which no more is told than <see cref="ReceiverName"/>.</param>
    public string? ObjectionTo(string host)
    {
        foreach (string label in host.ToLowerInvariant().Split('.', '/', ':'))
        {
            foreach (string cloud in (ReadOnlySpan<string>)["aws", "gcp", "azure"])
            {
                if (IsRestricted && JurisdictionOf(cloud, label) is { } jurisdiction && !_jurisdictions.Contains(jurisdiction, StringComparer.Ordinal))
                {
                    return $"{ReceiverName.Of(host)} is in {label} ({jurisdiction}), and data may be in {this} only";
                }
            }
        }

        return null;
    }

    /// <inheritdoc />
    public override string ToString() => IsRestricted ? string.Join(", ", _jurisdictions) : "any place";

    private static FrozenDictionary<(string, string), string> Load()
    {
        using Stream stream = typeof(ResidencyRule).Assembly.GetManifestResourceStream(Resource)!;
        using StreamReader reader = new(stream);
        Dictionary<(string, string), string> regions = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.Split('\t') is [var cloud, var region, var jurisdiction] && line[0] != '#')
            {
                regions.Add((cloud, region), jurisdiction);
            }
        }

        return regions.ToFrozenDictionary();
    }
}
