using System.Collections.Immutable;
using System.Net;
using Vedette.Documents;
using Vedette.Documents.Settings;
using Vedette.Documents.Yaml;
using Vedette.Pipeline.Serving;
using Vedette.Pipeline.Watching;
using Vedette.Server.Access;
using Vedette.Sinks.Routing;
using Vedette.Sources.Settings;
using Vedette.Storage.Journals;

namespace Vedette.Server.Settings;

/// <summary>Reads a settings file (vedette.yaml).</summary>
public static class SettingsFile
{
    // Longer bodies are never taken, whatever is said.
    private const long MaxBodyOfAll = 1024L * 1024 * 1024;

    private static readonly string[] s_open = ["audit", "metrics", "api"];

    /// <summary>Reads one.</summary>
    /// <param name="file">The file.</param>
    /// <param name="variable">Gives variables of the environment.</param>
    /// <param name="context">What was wrong, and which other files were read.</param>
    /// <returns>The settings; not to be used when something was wrong.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static ServerSettings Read(string file, Func<string, string?> variable, out SettingsContext context)
    {
        context = new SettingsContext(file, variable);
        ImmutableArray<YamlNode> documents = YamlReader.Read(file, context.ReadFile(Path.GetFullPath(file), YamlReader.MaxTextLength), context.Diagnostics);
        SettingsReader root = new(documents is [var first, ..] ? first : null, "", context);
        if (documents.Length > 1)
        {
            root.Tell(documents[1], "a settings file has one document; what is below --- is not read");
        }

        ServerSettings defaults = new();
        ServerSettings settings = new()
        {
            File = file,
            Data = root.FilePath("data") ?? defaults.Data,
            Key = root.FilePath("key"),
            Listen = ReadListen(root),
            Tls = ReadTls(root.Section("tls")),
            Users = [.. root.Sections("users").Select(ReadUser).OfType<UserSettings>()],
            Clusters = ReadClusters(root),
            Open = ReadOpen(root),
            Rules = [.. root.Texts("rules").Select(path => Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(file))!))],
            Detection = ReadDetection(root.Section("detection")),
            Retention = ReadRetention(root.Section("retention")),
            Sources = SourcesReader.Read(root),
            Routing = RoutingReader.Read(root),
            Watch = WatchReader.Read(root),
            Limits = ReadLimits(root.Section("limits")),
        };
        root.Complete();
        Check(settings, root);
        return settings;
    }

    /// <summary>What would be unsafe to run, whatever the file says: beyond loopback nothing goes in the clear, and nothing without credentials.</summary>
    /// <returns>Why it is refused, and what to do; null when it is not.</returns>
    public static string? Refusal(ServerSettings settings)
    {
        if (IPAddress.IsLoopback(settings.Listen.Address))
        {
            return null;
        }

        return settings.Tls is null ? $"{settings.Listen} can be reached from other machines, and without tls tokens and events would go over the network in the clear; set tls.certificate and tls.key, or listen on 127.0.0.1"
            : settings.Open.Count > 0 ? $"{settings.Listen} can be reached from other machines, and 'open' lets anybody use {string.Join(", ", settings.Open.Order(StringComparer.Ordinal))} without credentials; remove it, or listen on 127.0.0.1"
            : null;
    }

    /// <summary>Reads an address and port.</summary>
    public static bool TryReadEndPoint(string text, out IPEndPoint endPoint)
    {
        string full = text.StartsWith(':') ? $"0.0.0.0{text}" : text.StartsWith("localhost:", StringComparison.Ordinal) ? $"127.0.0.1{text["localhost".Length..]}" : text;
        bool isOne = IPEndPoint.TryParse(full, out IPEndPoint? parsed) && full.Contains(':', StringComparison.Ordinal) && (parsed.Port > 0 || full.EndsWith(":0", StringComparison.Ordinal));
        endPoint = isOne ? parsed! : ServerSettings.DefaultListen;
        return isOne;
    }

    private static void Check(ServerSettings settings, SettingsReader root)
    {
        if (IsRight(root) && Refusal(settings) is { } refusal)
        {
            root.Wrong("listen", refusal);
        }

        foreach (string name in settings.Users.Select(user => user.Name).GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            root.Wrong("users", $"two users are named {name}");
        }

        foreach (string name in settings.Clusters.Select(cluster => cluster.Name).GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key))
        {
            root.Wrong("clusters", $"two clusters are named {name}");
        }

        foreach (string owners in SharedCredentials(settings))
        {
            root.Wrong("clusters", $"{owners} have the same token or certificate: whose it is could not be told");
        }

        // Of a file with errors the defaults stand in for what is wrong; more complaints about those would mislead.
        static bool IsRight(SettingsReader root) => !root.Context.Diagnostics.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
    }

    /// <summary>Those to whom one credential is given, for each that is given to several.</summary>
    private static IEnumerable<string> SharedCredentials(ServerSettings settings) =>
        settings.Clusters.SelectMany(cluster => cluster.Credentials, (cluster, credential) => (Owner: $"the cluster {cluster.Name}", credential))
            .Concat(settings.Users.Select(user => (Owner: $"the user {user.Name}", credential: user.Credential)))
            .GroupBy(
                one => one.credential switch { TokenCredential token => $"token {Convert.ToHexString(token.Hash)}", CertificateCredential certificate => $"certificate {certificate.CommonName}", _ => one.Owner },
                one => one.Owner, StringComparer.Ordinal)
            .Select(group => group.Distinct(StringComparer.Ordinal).ToArray())
            .Where(owners => owners.Length > 1)
            .Select(owners => string.Join(" and ", owners));

    private static IPEndPoint ReadListen(SettingsReader root)
    {
        if (root.Text("listen") is not { } text)
        {
            return ServerSettings.DefaultListen;
        }

        if (!TryReadEndPoint(text, out IPEndPoint endPoint))
        {
            root.Wrong("listen", "must be an address and a port, such as 127.0.0.1:8080, [::1]:8080 or :8443 for all addresses");
        }

        return endPoint;
    }

    private static TlsSettings? ReadTls(SettingsReader tls)
    {
        if (!tls.Exists)
        {
            return null;
        }

        TlsSettings settings = new(tls.FilePath("certificate") ?? tls.Required("certificate"), tls.FilePath("key") ?? tls.Required("key"), tls.FilePath("clientCA"));
        tls.Complete();
        return settings;
    }

    private static UserSettings? ReadUser(SettingsReader user)
    {
        string name = user.Required("name");
        Role role = user.Choice("role", "viewer", "viewer", "analyst", "admin") switch
        {
            "admin" => Role.Admin,
            "analyst" => Role.Analyst,
            _ => Role.Viewer,
        };
        ImmutableArray<Credential> credentials = ReadCredentials(user);
        ImmutableArray<string> clusters = user.Texts("clusters");
        foreach (string cluster in clusters.Where(cluster => !ClusterName.IsValid(cluster)))
        {
            user.Wrong("clusters", $"'{cluster}' is no name of a cluster: {ClusterName.Rule}");
        }

        user.Complete();
        if (credentials.Length != 1)
        {
            user.Tell(user.Node, $"{user.Path} needs one of token, tokenHash or certificate");
            return null;
        }

        return new UserSettings(name, role, credentials[0], clusters);
    }

    private static ImmutableArray<ClusterSettings> ReadClusters(SettingsReader root)
    {
        ImmutableArray<ClusterSettings>.Builder clusters = ImmutableArray.CreateBuilder<ClusterSettings>();
        foreach (SettingsReader cluster in root.Sections("clusters"))
        {
            string name = cluster.Required("name");
            if (name.Length > 0 && !ClusterName.IsValid(name))
            {
                cluster.Wrong("name", $"'{name}' is no name of a cluster: {ClusterName.Rule}");
            }

            clusters.Add(new ClusterSettings(name, ReadCredentials(cluster)));
            cluster.Complete();
        }

        return clusters.ToImmutable();
    }

    private static ImmutableArray<Credential> ReadCredentials(SettingsReader of)
    {
        ImmutableArray<Credential>.Builder credentials = ImmutableArray.CreateBuilder<Credential>();
        if (of.Secret("token") is { } token)
        {
            if (token.Length < Credential.MinTokenLength)
            {
                of.Wrong("token", $"a token of fewer than {Credential.MinTokenLength} characters can be guessed", "openssl rand -hex 32");
            }

            credentials.Add(Credential.OfToken(token));
        }

        foreach (string hash in of.Texts("tokenHash"))
        {
            if (Credential.OfHash(hash) is { } credential)
            {
                credentials.Add(credential);
            }
            else
            {
                of.Wrong("tokenHash", "must be sha256: and 64 hexadecimal digits", "printf %s TOKEN | sha256sum");
            }
        }

        foreach (string commonName in of.Texts("certificate"))
        {
            credentials.Add(new CertificateCredential(commonName));
        }

        return credentials.ToImmutable();
    }

    private static ImmutableHashSet<string> ReadOpen(SettingsReader root)
    {
        ImmutableArray<string> open = root.Texts("open");
        foreach (string what in open.Where(what => !s_open.Contains(what)))
        {
            root.Wrong("open", $"'{what}' is none of {string.Join(", ", s_open)}");
        }

        return [.. open];
    }

    private static DetectionOptions ReadDetection(SettingsReader detection)
    {
        DetectionOptions defaults = new();
        DetectionOptions options = defaults with
        {
            Lateness = detection.Duration("lateness", defaults.Lateness, TimeSpan.Zero, TimeSpan.FromHours(24)),
            SaveEvery = detection.Duration("saveEvery", defaults.SaveEvery, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
        };
        detection.Complete();
        return options;
    }

    private static JournalRetention ReadRetention(SettingsReader retention)
    {
        JournalRetention defaults = new();
        JournalRetention read = defaults with
        {
            MaxAge = retention.Duration("maxAge", defaults.MaxAge, TimeSpan.FromHours(1), TimeSpan.FromDays(36_500)),
            MaxBytes = retention.Size("maxBytes", defaults.MaxBytes, 64 * 1024 * 1024, long.MaxValue / 4),
        };
        retention.Complete();
        return read;
    }

    private static LimitSettings ReadLimits(SettingsReader limits)
    {
        LimitSettings read = new();
        read = read with { MaxConnections = (int)limits.Number("maxConnections", read.MaxConnections, 1, 100_000) };
        if (limits["memory"] is not null)
        {
            read = read with { Memory = limits.Size("memory", read.Memory, LimitSettings.LeastMemory, 256L * 1024 * 1024 * 1024) };
        }

        if (limits["maxInFlight"] is not null)
        {
            // Their buffers take one and a half times as much of the memory, and detection needs a quarter.
            (long most, string? mostIs) = limits["memory"] is null ? (64L * 1024 * 1024 * 1024, null) : (read.Memory / 4, "a quarter of limits.memory");
            read = read with { MaxInFlight = limits.Size("maxInFlight", read.MaxInFlight, 1024 * 1024, most, mostIs) };
        }

        if (limits["maxBody"] is not null)
        {
            read = read with { MaxBody = limits.Size("maxBody", read.MaxBody, 64 * 1024, Math.Min(MaxBodyOfAll, read.MaxInFlight), read.MaxInFlight < MaxBodyOfAll ? "as much as bodies may take together" : null) };
        }

        limits.Complete();
        return read;
    }
}
