using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Vedette.Documents.Settings;
using Vedette.Documents.Yaml;

namespace Vedette.Sinks.Http;

/// <summary>Reads what all receivers that speak HTTP have in common.</summary>
internal static class HttpSettingsReader
{
    /// <summary>Longest time limit of a request.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);

    /// <summary>Reads <c>bearerToken</c>, <c>basicAuth</c>, <c>headers</c>, <c>caFile</c> and <c>timeout</c>.</summary>
    public static HttpSettings Read(SettingsReader section)
    {
        string? bearer = section.Secret("bearerToken");
        SettingsReader basic = section.Section("basicAuth");
        string? authorization = bearer is null ? null : $"Bearer {bearer}";
        if (basic.Exists)
        {
            string user = basic.Required("username");
            string? password = basic.Secret("password");
            if (password is null)
            {
                basic.Wrong("password", "is missing");
            }

            basic.Complete();
            if (bearer is not null)
            {
                section.Wrong("basicAuth", "stands beside bearerToken", "keep one of them");
            }

            authorization = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";
        }

        if (authorization?.AsSpan().ContainsAny('\r', '\n') == true)
        {
            section.Wrong("bearerToken", "holds a line end", "a token is one line");
        }

        return new HttpSettings
        {
            Authorization = authorization,
            Headers = ReadHeaders(section),
            Authorities = ReadAuthorities(section),
            Timeout = section.Duration("timeout", HttpSettings.DefaultTimeout, TimeSpan.FromMilliseconds(100), MaxTimeout),
        };
    }

    /// <summary>Reads an address that must be there and may be secret.</summary>
    public static Uri? ReadUrl(SettingsReader section, string name)
    {
        if (section.Secret(name) is { Length: > 0 } text)
        {
            return Parse(section, name, text);
        }

        if (section[name] is null || section[name] is YamlScalar { Text: "" })
        {
            section.Wrong(name, "is missing");
        }

        return null;
    }

    /// <summary>An address of a receiver. It may be secret, so that what is told of a bad one does not show it.</summary>
    public static Uri? Parse(SettingsReader section, string name, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            section.Wrong(name, "must be an address such as https://example.com/path");
            return null;
        }

        if (url.UserInfo.Length > 0)
        {
            section.Wrong(name, "holds a user or password", "give them as basicAuth: {username: …, password: …}");
            return null;
        }

        return url;
    }

    private static ValueList<HttpHeader> ReadHeaders(SettingsReader section)
    {
        SettingsReader headers = section.Section("headers");
        ImmutableArray<HttpHeader>.Builder read = ImmutableArray.CreateBuilder<HttpHeader>();
        foreach (YamlScalar name in headers.Names)
        {
            string value = headers.Secret(name.Text) ?? "";
            using HttpRequestMessage probe = new();
            if (value.AsSpan().ContainsAny('\r', '\n') || !probe.Headers.TryAddWithoutValidation(name.Text, value))
            {
                headers.Wrong(name.Text, "is no header that can be set here");
            }

            read.Add(new HttpHeader(name.Text, value));
        }

        return new ValueList<HttpHeader>(read.ToImmutable());
    }

    private static string? ReadAuthorities(SettingsReader section)
    {
        if (section.FilePath("caFile") is not { } path)
        {
            return null;
        }

        try
        {
            string pem = section.Context.ReadFile(path, SettingsReader.MaxSecretLength);
            X509Certificate2Collection certificates = [];
            certificates.ImportFromPem(pem);
            if (certificates.Count > 0)
            {
                return pem;
            }

            section.Wrong("caFile", $"{path} holds no certificate in PEM");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            section.Wrong("caFile", $"{path} cannot be read: {exception.Message}");
        }

        return null;
    }
}
