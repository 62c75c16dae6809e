using Vedette.Sinks.Http;

namespace Vedette.Sinks.Alertmanager;

/// <summary>
/// Tells Alertmanager. Every instance is told, and one that took it is enough: a finding does not wait for an instance that is down. Active alerts are told again and again until they end, which
/// brings them to an instance that was down and back to one that was restarted.
/// </summary>
internal sealed class AlertmanagerSink : IRefreshingSink, IManyInstances
{
    /// <summary>Most alerts that are told again; the oldest go first. One that is no longer told again still ends when it should.</summary>
    public const int MaxActive = 5000;

    private readonly AlertmanagerSettings _settings;
    private readonly TimeProvider _time;
    private readonly Instance[] _instances;
    private readonly OrderedDictionary<string, ActiveAlert> _active = new(StringComparer.Ordinal);
    private long _refreshed;

    /// <summary>Makes one.</summary>
    public AlertmanagerSink(AlertmanagerSettings settings, Func<HttpMessageHandler> handler, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _instances = [.. settings.Urls.Select(url => new Instance(HttpSender.Address(url), new Uri(url, $"{url.AbsolutePath.TrimEnd('/')}/api/v2/alerts"), new HttpSender(handler(), settings.Http, time)))];
    }

    /// <inheritdoc />
    public int MaxBatch => 64;

    /// <inheritdoc />
    public TimeSpan? RefreshIn => _active.Count == 0 ? null : _settings.Resend - _time.GetElapsedTime(_refreshed);

    /// <inheritdoc />
    public IReadOnlyDictionary<string, long> InstanceFailures =>
        _instances.GroupBy(instance => instance.Address, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(instance => instance.Failures), StringComparer.Ordinal);

    /// <inheritdoc />
    public async Task<SinkAnswer> SendAsync(IReadOnlyList<StoredFinding> findings, CancellationToken cancellation)
    {
        DateTimeOffset now = _time.GetUtcNow();
        ActiveAlert[] alerts = [.. findings.Select(finding => Render(finding, now))];
        SinkAnswer answer = await PostAsync(alerts, cancellation);
        if (answer.Verdict == SinkVerdict.Delivered)
        {
            Remember(alerts, now);
        }

        return answer;
    }

    /// <inheritdoc />
    public async Task<SinkAnswer> RefreshAsync(CancellationToken cancellation)
    {
        _refreshed = _time.GetTimestamp();
        Forget(_time.GetUtcNow());
        SinkAnswer worst = SinkAnswer.Delivered;
        foreach (ActiveAlert[] alerts in _active.Values.Chunk(MaxBatch).ToArray())
        {
            SinkAnswer answer = await PostAsync(alerts, cancellation);
            worst = answer.Verdict == SinkVerdict.Delivered ? worst : answer;
        }

        return worst;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Instance instance in _instances)
        {
            instance.Sender.Dispose();
        }
    }

    private async Task<SinkAnswer> PostAsync(ActiveAlert[] alerts, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> body = SinkJson.Write(writer =>
        {
            writer.WriteStartArray();
            foreach (ActiveAlert alert in alerts)
            {
                writer.WriteRawValue(alert.Json, skipInputValidation: true);
            }

            writer.WriteEndArray();
        });
        SinkAnswer[] answers = await Task.WhenAll(_instances.Select(instance => instance.PostAsync(body, cancellation)));
        if (answers.Any(answer => answer.Verdict == SinkVerdict.Delivered))
        {
            return SinkAnswer.Delivered;
        }

        // An instance that reads alerts and will not have one says for all of them that it is wrong; else the one that can be asked again first decides when.
        string problem = string.Join("; ", answers.Select(answer => answer.Problem));
        return answers.Any(answer => answer.Verdict == SinkVerdict.Refused)
            ? new SinkAnswer(SinkVerdict.Refused, problem)
            : new SinkAnswer(SinkVerdict.TryLater, problem, answers.Any(answer => answer.RetryAfter is null) ? null : answers.Min(answer => answer.RetryAfter));
    }

    private void Remember(ActiveAlert[] alerts, DateTimeOffset now)
    {
        if (_active.Count == 0)
        {
            _refreshed = _time.GetTimestamp();
        }

        foreach (ActiveAlert alert in alerts)
        {
            // At the end again: the front is what ends first.
            _active.Remove(alert.Id);
            _active.Add(alert.Id, alert);
        }

        Forget(now);
    }

    private void Forget(DateTimeOffset now)
    {
        int gone = Math.Max(0, _active.Count - MaxActive);
        while (gone < _active.Count && _active.GetAt(gone).Value.EndsAt <= now)
        {
            gone++;
        }

        if (gone > 0)
        {
            KeyValuePair<string, ActiveAlert>[] left = [.. _active.Skip(gone)];
            _active.Clear();
            foreach (KeyValuePair<string, ActiveAlert> alert in left)
            {
                _active.Add(alert.Key, alert.Value);
            }
        }
    }

    // What is kept of a finding is what is sent of it, which is bounded.
    private ActiveAlert Render(StoredFinding finding, DateTimeOffset now)
    {
        DateTimeOffset endsAt = now + _settings.ActiveFor;

        // An event's time is what its apiserver claims; an alert must not begin after it ends.
        DateTimeOffset startsAt = finding.Time is { } time && time < now ? time : now;
        return new ActiveAlert(finding.Id, SinkJson.Write(writer => AlertJson.Write(finding, _settings, startsAt, endsAt, writer)).ToArray(), endsAt);
    }

    private sealed record ActiveAlert(string Id, byte[] Json, DateTimeOffset EndsAt);

    private sealed class Instance(string address, Uri url, HttpSender sender)
    {
        private long _failures;

        public string Address => address;

        public HttpSender Sender => sender;

        public long Failures => Interlocked.Read(ref _failures);

        public async Task<SinkAnswer> PostAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
        {
            SinkAnswer answer = await sender.PostAsync(url, body, "application/json", isGzip: false, [], cancellation);
            if (answer.Verdict != SinkVerdict.Delivered)
            {
                Interlocked.Increment(ref _failures);
            }

            return answer;
        }
    }
}
