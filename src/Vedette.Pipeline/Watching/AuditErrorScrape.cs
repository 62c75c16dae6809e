using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Vedette.Pipeline.Watching;

/// <summary>
/// Looks at an API server's own counter of audit events that it lost, <c>apiserver_audit_error_total</c>, in its metrics. The first look only notes what there is; what is more at the next one was lost between.
/// A number lower than before is that of a new process, and all of it is new.
/// </summary>
public sealed class AuditErrorScrape : IDisposable
{
    /// <summary>Longest answer that is read, in bytes. Metrics of a large API server are some ten megabytes.</summary>
    public const int MaxLength = 64 * 1024 * 1024;

    /// <summary>Longest line that is looked at; a longer one is skipped.</summary>
    public const int MaxLineLength = 16 * 1024;

    /// <summary>Most plugins told apart.</summary>
    public const int MaxPlugins = 16;

    /// <summary>Longest time for one look.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly ApiServerAddress _address;
    private readonly HttpMessageInvoker _http;
    private Dictionary<string, long>? _before;

    /// <summary>Makes one.</summary>
    /// <param name="address">The API server.</param>
    public AuditErrorScrape(ApiServerAddress address)
        : this(address, Handler(address))
    {
    }

    internal AuditErrorScrape(ApiServerAddress address, HttpMessageHandler handler)
    {
        _address = address;
        _http = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    /// <summary>The API server.</summary>
    public ApiServerAddress Address => _address;

    /// <summary>Looks once.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Per plugin, how many more events were lost since the last look.</returns>
    /// <exception cref="IOException">It could not be reached, or did not answer with metrics; the message says why, and holds nothing secret.</exception>
    public async Task<IReadOnlyList<(string Plugin, long Lost)>> LookAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Timeout);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, _address.Url);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/plain"));
            if (_address.TokenFile is { } file)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(file, limit.Token).ConfigureAwait(false)).Trim());
            }

            using HttpResponseMessage response = await _http.SendAsync(request, limit.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                throw new IOException($"{_address.Url} answered {(int)response.StatusCode}{(response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized ? ": the token needs get on the path /metrics" : "")}");
            }

            Stream body = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                return Compare(await ReadAsync(body, limit.Token).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"{_address.Url} did not answer in {Timeout.TotalSeconds} seconds", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or UnauthorizedAccessException or FormatException or CryptographicException)
        {
            throw new IOException($"{_address.Url}: {exception.InnerException?.Message ?? exception.Message}", exception);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    /// <summary>Reads the counters out of metrics in Prometheus' text format.</summary>
    internal static async Task<Dictionary<string, long>> ReadAsync(Stream metrics, CancellationToken cancellation)
    {
        Dictionary<string, long> errors = new(StringComparer.Ordinal);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4 * MaxLineLength);
        try
        {
            int held = 0;
            long total = 0;
            bool skipping = false;
            while (true)
            {
                int read = await metrics.ReadAsync(buffer.AsMemory(held), cancellation).ConfigureAwait(false);
                total += read;
                if (total > MaxLength)
                {
                    throw new IOException($"the answer is longer than {MaxLength} bytes");
                }

                held += read;
                int at = 0;
                while (buffer.AsSpan(at, held - at).IndexOf((byte)'\n') is >= 0 and var length)
                {
                    if (!skipping)
                    {
                        ReadLine(buffer.AsSpan(at, length), errors);
                    }

                    skipping = false;
                    at += length + 1;
                }

                buffer.AsSpan(at, held - at).CopyTo(buffer);
                held -= at;
                if (read == 0)
                {
                    return errors;
                }

                if (held > MaxLineLength)
                {
                    skipping = true;
                    held = 0;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void ReadLine(ReadOnlySpan<byte> line, Dictionary<string, long> errors)
    {
        ReadOnlySpan<byte> name = "apiserver_audit_error_total{"u8;
        ReadOnlySpan<byte> label = "plugin=\""u8;
        if (!line.StartsWith(name) || line.LastIndexOf((byte)'}') is not (>= 0 and var end) || line.IndexOf(label) is not (>= 0 and var start) || start > end)
        {
            return;
        }

        ReadOnlySpan<byte> plugin = line[(start + label.Length)..end];
        ReadOnlySpan<byte> value = line[(end + 1)..].Trim(" \r\t"u8);
        value = value.IndexOf((byte)' ') is >= 0 and var space ? value[..space] : value;
        if (plugin.IndexOf((byte)'"') is >= 0 and var quote && quote <= LabelText.MaxLength
            && Utf8Parser.TryParse(value, out double number, out int used) && used == value.Length && number is >= 0 and <= 1e15)
        {
            string text = Encoding.UTF8.GetString(plugin[..quote]);
            if (errors.ContainsKey(text) || errors.Count < MaxPlugins)
            {
                errors[text] = (long)number;
            }
        }
    }

    private List<(string Plugin, long Lost)> Compare(Dictionary<string, long> now)
    {
        List<(string, long)> lost = [];
        foreach ((string plugin, long count) in now)
        {
            // A plugin that was not there before had lost nothing: the counter appears with the first loss.
            long grown = _before is null ? 0 : _before.TryGetValue(plugin, out long before) && before <= count ? count - before : count;
            if (grown > 0)
            {
                lost.Add((plugin, grown));
            }
        }

        _before = now;
        return lost;
    }

    private static SocketsHttpHandler Handler(ApiServerAddress address)
    {
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            ConnectTimeout = TimeSpan.FromSeconds(10),
            AutomaticDecompression = DecompressionMethods.GZip,
        };
        if (address.CaFile is { } file)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, problems) => IsTrusted(file, certificate as X509Certificate2, chain, problems);
        }

        return handler;
    }

    /// <summary>Does the certificate come from one of the file, for the host that was asked? The file is read anew for each connection: clusters change their authorities.</summary>
    private static bool IsTrusted(string file, X509Certificate2? certificate, X509Chain? sent, SslPolicyErrors problems)
    {
        if (certificate is null || (problems & (SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable)) != SslPolicyErrors.None)
        {
            return false;
        }

        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        foreach (X509ChainElement element in sent?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }
}
