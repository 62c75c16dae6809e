using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>A machine with a server, four API servers (one with a log and a webhook, two with a webhook, one with a log), an Alertmanager, another Vedette and a clock that is a hundred times as fast.</summary>
internal sealed class FaultScene : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-faults-").FullName;
    private readonly CancellationTokenSource _enough = new();
    private Task[] _sending = [];

    private FaultScene(int seed, AlertmanagerDouble alertmanager, CentralDouble? central)
    {
        Alertmanager = alertmanager;
        Central = central;
        Machine = new ServerMachine(seed, Clock, Path.Combine(_folder, "*.log"), alertmanager.Address, central?.Address);
        ApiServers =
        [
            new(0, Machine, Path.Combine(_folder, "both.log"), Clock), new(1, Machine, null, Clock), new(2, Machine, null, Clock), new(3, null, Path.Combine(_folder, "alone.log"), Clock),
        ];
    }

    public FastClock Clock { get; } = new(100);

    public AlertmanagerDouble Alertmanager { get; }

    /// <summary>To whom events are forwarded, on every second machine.</summary>
    public CentralDouble? Central { get; }

    public ServerMachine Machine { get; }

    public ApiServerDouble[] ApiServers { get; }

    /// <summary>Batches that were answered 503.</summary>
    public int Refused => _refused;

    private int _refused;

    /// <summary>Sets the scene; the API servers begin to work.</summary>
    public static async Task<FaultScene> BeginAsync(int seed)
    {
        FaultScene scene = new(seed, await AlertmanagerDouble.StartAsync(seed), seed % 2 == 1 ? await CentralDouble.StartAsync() : null);
        scene._sending = [.. scene.ApiServers.Select(apiServer => Task.Run(() => apiServer.RunAsync(scene._enough.Token, () => Interlocked.Increment(ref scene._refused))))];
        return scene;
    }

    /// <summary>The API servers end their work; the server, which runs and whose disk works, finds and tells everything, and ends in order. Then there is a reckoning.</summary>
    /// <param name="beforeStop">Looks at the server when it has done everything.</param>
    /// <returns>Numbers of events and findings.</returns>
    public async Task<(int Events, int Findings)> EndAsync(Func<Task>? beforeStop = null)
    {
        await CompleteAsync();
        string? missing = null;
        await Machine.UntilAsync(() => Reckoning.IsComplete(Machine.Disk, ApiServers, out missing), () => missing ?? "");
        await Machine.UntilAsync(() => Reckoning.Findings(Machine.Disk).Keys.All(Alertmanager.Taken.ContainsKey), () => "all findings to be told");
        await Machine.UntilAsync(() => Central is null || ApiServers.All(apiServer => apiServer.Events.Keys.All(Central.Taken.ContainsKey)), () => "all events to be forwarded");
        if (beforeStop is not null)
        {
            await beforeStop();
        }

        await Machine.StopAsync();
        Assert.Empty(Machine.Wrong);
        Assert.DoesNotContain(Machine.Said, line => line.Contains("defect", StringComparison.Ordinal) || line.Contains("damaged", StringComparison.Ordinal));
        return await Reckoning.CheckAsync(Machine.Disk.LosePower(), ApiServers, Alertmanager, Central);
    }

    /// <summary>The API servers end their work, and the server evaluates all of it.</summary>
    public async Task CompleteAsync()
    {
        await _enough.CancelAsync();
        await Task.WhenAll(_sending).WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        int taken = ApiServers.Sum(apiServer => apiServer.Events.Count);
        await Machine.UntilAsync(
            () => Machine.Server.Store.Events.End >= taken && Machine.Server.Detection.Position == Machine.Server.Store.Events.End,
            () => $"all events to be taken in ({Machine.Server.Store.Events.End} of {taken}) and evaluated (up to {Machine.Server.Detection.Position})");

        // Nothing happens for so long that all windows close and what was folded is told.
        Clock.Pass(TimeSpan.FromDays(5));
    }

    /// <summary>Findings, by rule and user, that should have been told and were not.</summary>
    public IReadOnlyList<(string Rule, string User)> Missing()
    {
        ILookup<(string Rule, string User), string> told = Alertmanager.Told;
        return [.. ApiServers.SelectMany(apiServer => apiServer.Users).SelectMany(user => FaultRules.All.Select(rule => (rule, user))).Where(one => !told.Contains(one))];
    }

    public async ValueTask DisposeAsync()
    {
        await _enough.CancelAsync();
        await Machine.DisposeAsync();
        await Alertmanager.DisposeAsync();
        if (Central is not null)
        {
            await Central.DisposeAsync();
        }

        _enough.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
