using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Vedette.Sinks.Http;

/// <summary>
/// Posts bodies to a receiver and says what its answer means. 2xx: delivered. 408, 425, 429 and 5xx, no connection and no answer in time: try later, when the receiver says. Also try later, until
/// somebody mends it: redirects, 401, 403, 404, 405, 407, 410 and 501, which say that address or credentials are wrong, not what was sent. Every other 4xx: refused.
/// </summary>
internal sealed class HttpSender : IDisposable
{
    /// <summary>Most bytes of an answer that are looked at.</summary>
    public const int MaxAnswerLength = 1024;

    /// <summary>Most characters of an answer that are told.</summary>
    public const int MaxAnswerShown = 200;

    /// <summary>A receiver that wants to be left alone for longer is asked again after this.</summary>
    public static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);

    private readonly HttpClient _client;
    private readonly HttpSettings _settings;
    private readonly TimeProvider _time;
    private readonly string[] _secrets;

    /// <summary>Makes one.</summary>
    /// <param name="handler">Speaks HTTP; disposed with this.</param>
    /// <param name="settings">How.</param>
    /// <param name="time">Clock for time limits.</param>
    /// <param name="secrets">What must not be told of the receiver, beside what the settings have: paths of secret addresses.</param>
    public HttpSender(HttpMessageHandler handler, HttpSettings settings, TimeProvider time, params IEnumerable<string?> secrets)
    {
        // Time limits are ours, by our clock.
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _settings = settings;
        _time = time;
        IEnumerable<string?> all = [.. secrets, settings.Authorization, settings.Authorization?.Split(' ')[^1], .. settings.Headers.Select(header => header.Value)];
        _secrets = [.. all.OfType<string>().Where(secret => secret.Length > 3).OrderByDescending(secret => secret.Length)];
    }

    /// <summary>Posts a body.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="body">The body; it is JSON or JSON lines.</param>
    /// <param name="contentType">Its type.</param>
    /// <param name="isGzip">Is it compressed?</param>
    /// <param name="headers">Headers of this request alone.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public async Task<SinkAnswer> PostAsync(Uri url, ReadOnlyMemory<byte> body, string contentType, bool isGzip, IEnumerable<HttpHeader> headers, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = new(_settings.Timeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
            if (isGzip)
            {
                request.Content.Headers.ContentEncoding.Add("gzip");
            }

            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("vedette", null));
            if (_settings.Authorization is { } authorization)
            {
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            foreach (HttpHeader header in _settings.Headers.Concat(headers))
            {
                request.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }

            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode ? SinkAnswer.Delivered : Judge(url, (int)response.StatusCode, await BeginningAsync(response, either.Token), RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SinkAnswer(SinkVerdict.TryLater, $"{Address(url)} gave no answer within {_settings.Timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            string reason = exception.InnerException is { } inner and not SocketException ? $"{exception.Message} {inner.Message}" : exception.Message;
            return new SinkAnswer(SinkVerdict.TryLater, $"{Address(url)}: {Tellable(reason)}");
        }
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    /// <summary>Where a receiver is, without path and credentials.</summary>
    public static string Address(Uri url) => url.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static SinkAnswer Judge(Uri url, int status, string text, TimeSpan? retryAfter)
    {
        (SinkVerdict verdict, string help) = status switch
        {
            >= 300 and < 400 => (SinkVerdict.TryLater, "; redirects are not followed, give the address it leads to"),
            401 or 403 or 407 => (SinkVerdict.TryLater, "; check the credentials"),
            404 or 405 or 410 or 501 => (SinkVerdict.TryLater, "; check the address"),
            408 or 425 or 429 or >= 500 => (SinkVerdict.TryLater, ""),
            _ => (SinkVerdict.Refused, ""),
        };
        string said = text.Length == 0 ? "" : $": {text}";
        return new SinkAnswer(verdict, string.Create(CultureInfo.InvariantCulture, $"{Address(url)} answered {status}{said}{help}"), verdict == SinkVerdict.TryLater ? retryAfter : null);
    }

    private async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        byte[] bytes = new byte[MaxAnswerLength];
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
            return Tellable(Encoding.UTF8.GetString(bytes.AsSpan(0, await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation))).Trim());
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // The status says enough.
            return "";
        }
    }

    /// <summary>A receiver may say what it was told: secrets go out, and what is left is made visible.</summary>
    private string Tellable(string text) => BoundedText.Of(_secrets.Aggregate(text, (all, secret) => all.Replace(secret, "***", StringComparison.OrdinalIgnoreCase)), MaxAnswerShown);

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        TimeSpan? wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => null,
        };
        return wait is { } span && span > TimeSpan.Zero ? (span < MaxRetryAfter ? span : MaxRetryAfter) : null;
    }
}
