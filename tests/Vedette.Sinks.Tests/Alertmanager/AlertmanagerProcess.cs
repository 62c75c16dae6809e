using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace Vedette.Sinks.Tests.Alertmanager;

/// <summary>A real Alertmanager on a free port of loopback, with a directory of its own.</summary>
internal sealed class AlertmanagerProcess : IAsyncDisposable
{
    private const string Program = "/usr/bin/prometheus-alertmanager";

    private readonly string _directory = Directory.CreateTempSubdirectory("vedette-alertmanager-").FullName;
    private readonly HttpClient _client = new();
    private Process? _process;

    private AlertmanagerProcess(int port) => Url = new Uri($"http://127.0.0.1:{port}");

    public Uri Url { get; }

    /// <summary>Starts one, or skips the test where the program is absent.</summary>
    public static async Task<AlertmanagerProcess> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Program), "no Alertmanager here (Debian's prometheus-alertmanager)");
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        AlertmanagerProcess alertmanager = new(port);
        await alertmanager.BeginAsync();
        return alertmanager;
    }

    /// <summary>Starts it, again if need be: it forgets its alerts.</summary>
    public async Task BeginAsync()
    {
        string settings = Path.Combine(_directory, "alertmanager.yml");
        await File.WriteAllTextAsync(settings, "route: {receiver: none, group_by: [alertname, cluster]}\nreceivers: [{name: none}]\n", TestContext.Current.CancellationToken);
        ProcessStartInfo start = new(Program, [$"--config.file={settings}", $"--storage.path={_directory}/data", $"--web.listen-address={Url.Authority}", "--cluster.listen-address=", "--log.level=error"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => TestContext.Current.SendDiagnosticMessage(line.Data ?? "");
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                if ((await _client.GetAsync(new Uri(Url, "/-/ready"), TestContext.Current.CancellationToken)).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (attempt < 300 && !_process.HasExited)
            {
                // Not there yet.
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }
    }

    /// <summary>Its alerts.</summary>
    public Task<JsonElement[]> AlertsAsync() => GetAsync("/api/v2/alerts");

    /// <summary>Its alerts as it groups them for notifications.</summary>
    public Task<JsonElement[]> GroupsAsync() => GetAsync("/api/v2/alerts/groups");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<JsonElement[]> GetAsync(string path) =>
        [.. Findings.Parse(await _client.GetByteArrayAsync(new Uri(Url, path), TestContext.Current.CancellationToken)).EnumerateArray()];
}
