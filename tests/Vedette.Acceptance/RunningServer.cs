using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>The published program as a server, on loopback, on a free port.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly Task<string> _error;
    private readonly Task<string> _output;

    private RunningServer(Process process, string data, int port)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
        _output = process.StandardOutput.ReadToEndAsync();
        Data = data;
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = s_patience };
    }

    /// <summary>The data directory.</summary>
    public string Data { get; }

    /// <summary>With the generated token, once the server is there.</summary>
    public HttpClient Client { get; }

    /// <summary>The generated token.</summary>
    public string Token => File.ReadAllText(Data + ".token").Trim();

    /// <summary>The most memory that it has had at one time, in bytes, without what is in files (VmHWM less RssFile and RssShmem of now).</summary>
    public long PeakMemory
    {
        get
        {
            string[] status = File.ReadAllLines($"/proc/{_process.Id}/status");
            return Kilobytes("VmHWM:") - Kilobytes("RssFile:") - Kilobytes("RssShmem:");

            long Kilobytes(string name) => 1024 * long.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..^2], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The number of its process: the innermost, where it was started by others.</summary>
    public int Id
    {
        get
        {
            int id = _process.Id;
            while (ChildOf(id) is { } child)
            {
                id = child;
            }

            return id;
        }
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a server and waits until it answers.</summary>
    public static Task<RunningServer> StartAsync(string data, int port, params string[] more) => StartByAsync([VedetteProgram.Path], data, port, more);

    /// <summary>Starts a server by a command that begins with this and ends with the program's own path, and waits until it answers.</summary>
    public static async Task<RunningServer> StartByAsync(string[] by, string data, int port, params string[] more)
    {
        RunningServer server = new(VedetteProgram.StartBy(by, ["serve", "--data", data, "--listen", $"127.0.0.1:{port}", .. more]), data, port);
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await server.Client.GetAsync("/healthz");
                answer.EnsureSuccessStatusCode();
                if (File.Exists(data + ".token"))
                {
                    server.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
                }

                return server;
            }
            catch (HttpRequestException) when (!server._process.HasExited && TimeProvider.System.GetElapsedTime(started) < s_patience)
            {
                await Task.Delay(20);
            }
            catch (HttpRequestException)
            {
                Assert.Fail($"no server: {await server.KillAsync()}");
            }
        }
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < s_patience, $"waited for a minute: {what}");
            await Task.Delay(50);
        }
    }

    /// <summary>The status.</summary>
    public async Task<JsonElement> StatusAsync() => JsonDocument.Parse(await Client.GetStringAsync("/api/v1/status")).RootElement;

    /// <summary>Waits until everything stored has been evaluated.</summary>
    public Task DetectedAsync() => UntilAsync(async () => (await StatusAsync()).GetProperty("detection").GetProperty("behind").GetInt64() == 0, "detection to catch up");

    /// <summary>Ends it without a chance to do anything.</summary>
    /// <returns>What it said.</returns>
    public async Task<string> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        return await _error;
    }

    /// <summary>Asks it to end.</summary>
    /// <returns>Exit code, standard output, standard error.</returns>
    public async Task<Answer> EndAsync()
    {
        await SignalAsync("TERM");
        await _process.WaitForExitAsync();
        return new Answer(_process.ExitCode, await _output, await _error);
    }

    /// <summary>Sends it a signal.</summary>
    public async Task SignalAsync(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{Id}"]);
        await kill.WaitForExitAsync();
    }

    private static int? ChildOf(int id)
    {
        foreach (string task in Directory.EnumerateDirectories($"/proc/{id}/task"))
        {
            string[] children = File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (children.Length > 0)
            {
                return int.Parse(children[0], CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
