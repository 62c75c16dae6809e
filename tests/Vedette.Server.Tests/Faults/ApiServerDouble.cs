using System.Collections.Concurrent;
using System.Globalization;

namespace Vedette.Server.Tests.Faults;

/// <summary>
/// Plays a kube-apiserver: writes its events to a log that rotates, sends them in batches, or both. Two batches make a group: what one user does, of which <see cref="FaultRules"/> tell each thing once. It ends between groups.
/// </summary>
/// <param name="number">Number of the API server, for its users.</param>
/// <param name="machine">Whom it sends to; null when it only writes its log.</param>
/// <param name="log">Its log; null when it has none.</param>
/// <param name="clock">Its clock.</param>
internal sealed class ApiServerDouble(int number, ServerMachine? machine, string? log, TimeProvider clock)
{
    private const int RotateAt = 40_000;

    private readonly ConcurrentDictionary<string, string> _events = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _users = [];
    private int _rotations;

    /// <summary>Events that were taken (answered 200, or written to the log), by auditID, as a batch has them.</summary>
    public IReadOnlyDictionary<string, string> Events => _events;

    /// <summary>Users whose two batches were taken.</summary>
    public IReadOnlyCollection<string> Users => _users;

    /// <summary>Works until it is asked to end.</summary>
    /// <param name="enough">Asks.</param>
    /// <param name="onRefused">Told of each 503.</param>
    public async Task RunAsync(CancellationToken enough, Action? onRefused = null)
    {
        for (int group = 0; !enough.IsCancellationRequested; group++)
        {
            await DoAsync(group, onRefused);
            await Task.Delay(group < 200 ? 3 : 50, CancellationToken.None);
        }
    }

    /// <summary>Does one group.</summary>
    public async Task DoAsync(int group, Action? onRefused = null)
    {
        string user = string.Create(CultureInfo.InvariantCulture, $"u{number}-{group}");
        await TakeAsync(user, 0,
        [
            ("get", "secrets", ""), ("list", "configmaps", ""), ("list", "configmaps", ""), ("list", "configmaps", ""), ("create", "pods", ""), ("delete", "secrets", ""),
            ("update", "secrets", ",\"requestObject\":{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"data\":{\"password\":\"aHVudGVyMg==\"}}"),
        ], onRefused);
        await TakeAsync(user, 1, [("list", "configmaps", ""), ("create", "pods", ""), ("list", "configmaps", ""), ("delete", "secrets", ""), ("list", "configmaps", "")], onRefused);
        _users.Add(user);
    }

    private async Task TakeAsync(string user, int batch, (string Verb, string Resource, string More)[] done, Action? onRefused)
    {
        (string Id, string Json)[] events = [.. done.Select((one, place) => Event($"{user}-{batch}-{place}", user, one.Verb, one.Resource, one.More))];
        if (log is not null)
        {
            Write(events);
        }

        if (machine is not null)
        {
            await machine.SendAsync($"{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{{}},\"items\":[{string.Join(',', events.Select(one => one.Json))}]}}", onRefused);
        }

        foreach ((string id, string json) in events)
        {
            _events[id] = json;
        }
    }

    private void Write((string Id, string Json)[] events)
    {
        if (new FileInfo(log!) is { Exists: true, Length: > RotateAt })
        {
            File.Move(log!, log![..^4] + string.Create(CultureInfo.InvariantCulture, $"-2026-11-25T{_rotations / 3600:D2}-{_rotations / 60 % 60:D2}-{_rotations % 60:D2}.000.log"));
            _rotations++;
        }

        File.AppendAllText(log!, string.Concat(events.Select(one => $"{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",{one.Json[1..]}\n")));
    }

    private (string Id, string Json) Event(string id, string user, string verb, string resource, string more)
    {
        string level = more.Length > 0 ? "Request" : "Metadata";
        string time = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        return (id, $$$"""{"level":"{{{level}}}","auditID":"{{{id}}}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/n/{{{resource}}}/s","verb":"{{{verb}}}","user":{"username":"{{{user}}}","groups":["g"]},"sourceIPs":["203.0.113.9"],"objectRef":{"resource":"{{{resource}}}","namespace":"n","name":"s","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200}{{{more}}},"requestReceivedTimestamp":"{{{time}}}","stageTimestamp":"{{{time}}}"}""");
    }
}
