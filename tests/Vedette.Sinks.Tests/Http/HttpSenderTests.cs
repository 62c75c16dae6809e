using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Vedette.Sinks.Tests.Http;

public class HttpSenderTests
{
    [Theory]
    [InlineData(200, SinkVerdict.Delivered)]
    [InlineData(202, SinkVerdict.Delivered)]
    [InlineData(204, SinkVerdict.Delivered)]
    [InlineData(301, SinkVerdict.TryLater)]
    [InlineData(307, SinkVerdict.TryLater)]
    [InlineData(400, SinkVerdict.Refused)]
    [InlineData(401, SinkVerdict.TryLater)]
    [InlineData(403, SinkVerdict.TryLater)]
    [InlineData(404, SinkVerdict.TryLater)]
    [InlineData(408, SinkVerdict.TryLater)]
    [InlineData(413, SinkVerdict.Refused)]
    [InlineData(415, SinkVerdict.Refused)]
    [InlineData(422, SinkVerdict.Refused)]
    [InlineData(429, SinkVerdict.TryLater)]
    [InlineData(500, SinkVerdict.TryLater)]
    [InlineData(503, SinkVerdict.TryLater)]
    public async Task An_answer_means(int status, SinkVerdict verdict) =>
        Assert.Equal(verdict, (await SendAsync(new FakeReceiver((HttpStatusCode)status))).Verdict);

    [Fact]
    public async Task Retry_After_is_read_in_seconds_and_as_a_time_and_is_bounded()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 25, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(TimeSpan.FromSeconds(17), (await SendAsync(Answering("17"), time)).RetryAfter);
        Assert.Equal(TimeSpan.FromMinutes(2), (await SendAsync(Answering("Wed, 25 Nov 2026 00:02:00 GMT"), time)).RetryAfter);
        Assert.Equal(TimeSpan.FromHours(1), (await SendAsync(Answering("999999"), time)).RetryAfter);
        Assert.Null((await SendAsync(Answering("Wed, 25 Nov 2020 00:02:00 GMT"), time)).RetryAfter);
        Assert.Null((await SendAsync(Answering("soon"), time)).RetryAfter);

        static FakeReceiver Answering(string retryAfter) => new(_ =>
        {
            HttpResponseMessage response = new(HttpStatusCode.ServiceUnavailable);
            response.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
            return response;
        });
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_in_time_is_tried_later()
    {
        FakeTimeProvider time = new();
        TaskCompletionSource asked = new();
        Task<SinkAnswer> answer = SendAsync(new SilentReceiver(asked), time);
        await asked.Task;
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(new SinkAnswer(SinkVerdict.TryLater, "http://b.example gave no answer within 30 s"), await answer);
    }

    [Fact]
    public async Task Who_ends_the_attempt_gets_no_answer()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource asked = new();
        using ISink sink = Sink(new SilentReceiver(asked), TimeProvider.System);
        Task<SinkAnswer> answer = sink.SendAsync([Findings.One()], stop.Token);
        await asked.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    [Fact]
    public async Task Nobody_there_is_tried_later()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using ISink sink = new SinkFactory(Vedette.Sinks.Http.HttpHandlers.Create, Stream.Null, TimeProvider.System).Create(Settings.Sink($"webhook: {{url: 'http://127.0.0.1:{port}/secret-path', bearerToken: t0ken}}"));

        SinkAnswer answer = await sink.SendAsync([Findings.One()], TestContext.Current.CancellationToken);

        Assert.Equal(SinkVerdict.TryLater, answer.Verdict);
        Assert.Contains("refused", answer.Problem, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("secret-path", answer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_looked_at_for_a_little()
    {
        SinkAnswer answer = await SendAsync(new FakeReceiver(_ => new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StreamContent(new EndlessStream()) }));

        Assert.Equal(SinkVerdict.Refused, answer.Verdict);
        Assert.InRange(answer.Problem!.Length, 1, 300);
    }

    [Fact]
    public async Task Credentials_that_come_back_are_masked_and_the_rest_is_visible()
    {
        SinkAnswer answer = await SendAsync(new FakeReceiver(request => new HttpResponseMessage(HttpStatusCode.InternalServerError)
        {
            Content = new StringContent($"you said {request.Headers["Authorization"]} and {request.Headers["X-Key"]}\u001b[31m"),
        }));

        Assert.Equal(@"http://b.example answered 500: you said *** and ***\u{1b}[31m", answer.Problem);
    }

    private static ISink Sink(HttpMessageHandler handler, TimeProvider time) =>
        new SinkFactory(_ => handler, Stream.Null, time).Create(Settings.Sink("webhook: {url: 'http://b.example/x', bearerToken: t0ken, headers: {X-Key: sesame}}"));

    private static async Task<SinkAnswer> SendAsync(HttpMessageHandler handler, TimeProvider? time = null)
    {
        using ISink sink = Sink(handler, time ?? TimeProvider.System);
        return await sink.SendAsync([Findings.One()], TestContext.Current.CancellationToken);
    }

    private sealed class SilentReceiver(TaskCompletionSource asked) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            TaskCompletionSource never = new();
            Task waiting = never.Task.WaitAsync(cancellationToken);
            asked.SetResult();
            await waiting;
            throw new InvalidOperationException();
        }
    }

    private sealed class EndlessStream : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)'<');
            return count;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
