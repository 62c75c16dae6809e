using System.Collections.Immutable;
using System.Globalization;
using Vedette.Documents.Settings;

namespace Vedette.Sinks.Routing;

/// <summary>Reads the sections <c>receivers</c>, <c>routes</c> and <c>silences</c> of a settings file.</summary>
public static class RoutingReader
{
    /// <summary>Most receivers, routes or silences of a file.</summary>
    public const int MaxEntries = 1000;

    /// <summary>Most findings of a rate limit.</summary>
    public const int MaxRateCount = 1_000_000;

    private static readonly TimeSpan s_maxWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_maxInterval = TimeSpan.FromDays(1);
    private static readonly string[] s_groupKeys = ["rule", "level", "cluster", "namespace", "user"];

    /// <summary>How long a group waits when nothing is said.</summary>
    public static TimeSpan DefaultGroupWait { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a group that grows is told when nothing is said.</summary>
    public static TimeSpan DefaultGroupInterval { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Reads them. What is wrong is told to the reader's context; what is read then is not to be used.</summary>
    /// <param name="root">The file, of which only these sections are asked for.</param>
    public static RoutingTable Read(SettingsReader root)
    {
        ImmutableArray<ReceiverSettings> receivers = ReadReceivers(root);
        ImmutableArray<Route> routes = ReadRoutes(root, receivers);
        ImmutableArray<Silence> silences = ReadSilences(root);
        return new RoutingTable(receivers, routes, silences);
    }

    private static ImmutableArray<ReceiverSettings> ReadReceivers(SettingsReader root)
    {
        ImmutableArray<ReceiverSettings>.Builder receivers = ImmutableArray.CreateBuilder<ReceiverSettings>();
        foreach (SettingsReader section in Bounded(root, "receivers"))
        {
            if (ReceiverReader.Read(section) is not { } receiver)
            {
                continue;
            }

            if (receivers.Any(other => other.Name == receiver.Name))
            {
                section.Wrong("name", $"there is a receiver {receiver.Name} before it", "each has a name of its own");
                continue;
            }

            receivers.Add(receiver);
        }

        return receivers.ToImmutable();
    }

    private static ImmutableArray<Route> ReadRoutes(SettingsReader root, ImmutableArray<ReceiverSettings> receivers)
    {
        ImmutableArray<string> tellable = [.. receivers.Where(receiver => receiver.Sink.TakesFindings).Select(receiver => receiver.Name)];
        if (root["routes"] is null)
        {
            return tellable.IsEmpty ? [] : [new Route("default", new FindingMatcher { Levels = FindingMatcher.AtLeast("low") }, tellable)];
        }

        ImmutableArray<Route>.Builder routes = ImmutableArray.CreateBuilder<Route>();
        foreach (SettingsReader section in Bounded(root, "routes"))
        {
            string name = section.Text("name") is { Length: > 0 } given ? given : section.Path;
            FindingMatcher match = ReadMatcher(section);
            ImmutableArray<string> names = section.Texts("receivers");
            if (section["receivers"] is null)
            {
                section.Wrong("receivers", "is missing", "name receivers, or write [] for findings that nobody is told");
            }

            foreach (string receiver in names.Where(receiver => !tellable.Contains(receiver, StringComparer.Ordinal)))
            {
                section.Wrong(
                    "receivers",
                    receivers.Any(one => one.Name == receiver) ? $"the receiver {receiver} takes no findings" : $"there is no receiver {receiver}",
                    tellable.IsEmpty ? "there are none that take findings; see receivers" : $"there are {string.Join(", ", tellable)}");
            }

            routes.Add(new Route(name, match, [.. names.Distinct(StringComparer.Ordinal)])
            {
                Continue = section.Truth("continue", otherwise: false),
                Grouping = ReadGrouping(section),
                RateLimit = ReadRateLimit(section),
            });
            section.Complete();
        }

        return routes.ToImmutable();
    }

    private static ImmutableArray<Silence> ReadSilences(SettingsReader root)
    {
        ImmutableArray<Silence>.Builder silences = ImmutableArray.CreateBuilder<Silence>();
        foreach (SettingsReader section in Bounded(root, "silences"))
        {
            int before = section.Context.Diagnostics.Count;
            FindingMatcher match = ReadMatcher(section);
            if (match.MatchesEverything && section.Context.Diagnostics.Count == before)
            {
                section.Wrong("match", "a silence must say what it silences", "match level, rule, tags, cluster, namespace or user");
            }

            string reason = section.Required("reason");
            string text = section.Required("until");
            if (text.Length > 0 && !TryTime(text, out _))
            {
                section.Wrong("until", "must be a time with its zone, such as 2027-01-31T18:00:00Z, or a day such as 2027-01-31 (its beginning, UTC)");
            }

            silences.Add(new Silence(match, reason, TryTime(text, out DateTimeOffset until) ? until : DateTimeOffset.MinValue));
            section.Complete();
        }

        return silences.ToImmutable();
    }

    private static FindingMatcher ReadMatcher(SettingsReader section)
    {
        SettingsReader match = section.Section("match");
        FindingMatcher matcher = new()
        {
            Levels = ReadLevels(match),
            Rules = Patterns(match, "rule"),
            Tags = Patterns(match, "tags"),
            Clusters = Patterns(match, "cluster"),
            Namespaces = Patterns(match, "namespace"),
            Users = Patterns(match, "user"),
        };
        match.Complete();
        return matcher;
    }

    private static ImmutableHashSet<string>? ReadLevels(SettingsReader match)
    {
        if (match["level"] is not { } node)
        {
            return null;
        }

        ImmutableArray<string> levels = match.Texts("level");
        if (levels.IsEmpty || levels.Any(level => FindingLevel.Rank(level) < 0))
        {
            match.Wrong("level", $"must be one of {string.Join(", ", FindingLevel.All)}, which stands for it and all above, or a list of some, which stands for just these");
            return null;
        }

        return node is Documents.Yaml.YamlScalar ? FindingMatcher.AtLeast(levels[0]) : [.. levels];
    }

    private static ImmutableArray<StarPattern> Patterns(SettingsReader match, string name)
    {
        ImmutableArray<string> texts = match.Texts(name);
        if (match[name] is not null && (texts.IsEmpty || texts.Contains("", StringComparer.Ordinal)))
        {
            match.Wrong(name, "is empty and would match nothing", "name what to match, with * for any characters, or leave it out");
        }

        return [.. texts.Select(text => new StarPattern(text))];
    }

    private static Grouping? ReadGrouping(SettingsReader section)
    {
        ImmutableArray<string> by = section.Texts("groupBy");
        foreach (string key in by.Where(key => !s_groupKeys.Contains(key, StringComparer.Ordinal)))
        {
            section.Wrong("groupBy", $"'{key}' is not known", $"known are {string.Join(", ", s_groupKeys)}");
        }

        TimeSpan wait = section.Duration("groupWait", DefaultGroupWait, TimeSpan.Zero, s_maxWait);
        TimeSpan interval = section.Duration("groupInterval", DefaultGroupInterval, TimeSpan.Zero, s_maxInterval);
        return section["groupBy"] is null && section["groupWait"] is null && section["groupInterval"] is null
            ? null
            : new Grouping([.. by.Select(key => (GroupKey)Math.Max(0, Array.IndexOf(s_groupKeys, key))).Distinct()], wait, interval);
    }

    private static RateLimit? ReadRateLimit(SettingsReader section)
    {
        SettingsReader limit = section.Section("rateLimit");
        if (!limit.Exists)
        {
            return null;
        }

        limit.Required("count");
        int count = (int)limit.Number("count", 1, 1, MaxRateCount);
        TimeSpan per = limit.Duration("per", TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), s_maxInterval);
        limit.Complete();
        return new RateLimit(count, per);
    }

    private static ImmutableArray<SettingsReader> Bounded(SettingsReader root, string name)
    {
        ImmutableArray<SettingsReader> sections = root.Sections(name);
        if (sections.Length > MaxEntries)
        {
            root.Wrong(name, string.Create(CultureInfo.InvariantCulture, $"has more than {MaxEntries} entries"));
            return [];
        }

        return sections;
    }

    private static bool TryTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time)
        && (text.Length == 10 || text[^1] is 'Z' || text[^6] is '+' or '-');
}
