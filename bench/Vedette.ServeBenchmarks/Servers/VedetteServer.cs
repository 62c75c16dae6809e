using System.Diagnostics;
using System.Text.Json;

namespace Vedette.ServeBenchmarks.Servers;

/// <summary>The published program as a server with all its rules, with settings that take from everybody on loopback.</summary>
internal sealed class VedetteServer : IDisposable
{
    private readonly HttpClient _client = new();
    private readonly string _data;

    private VedetteServer(MeasuredProcess process, string data)
    {
        Process = process;
        _data = data;
        _client.BaseAddress = new Uri($"http://{process.Address}");
    }

    /// <summary>Path that deliveries are posted to.</summary>
    public static string Path => "/audit/bench";

    /// <summary>The process.</summary>
    public MeasuredProcess Process { get; }

    /// <summary>Bytes on disk for one event, from the newest segment that is full; 0 when none is yet.</summary>
    public double StoredBytesPerEvent
    {
        get
        {
            FileInfo[] segments = Files();
            long First(int index) => long.Parse(segments[index].Name.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
            return segments.Length < 2 ? 0 : segments[^2].Length / (double)(First(segments.Length - 1) - First(segments.Length - 2));
        }
    }

    /// <summary>Segments of the journal of events.</summary>
    public int Segments => Files().Length;

    /// <summary>Starts one with an empty data directory.</summary>
    /// <param name="program">The program.</param>
    /// <param name="directory">Where its data goes; emptied.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<VedetteServer> StartAsync(string program, string directory, string settings)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Directory.CreateDirectory(directory);
        int port = MeasuredProcess.FreePort();
        string config = System.IO.Path.Combine(directory, "vedette.yaml");
        await File.WriteAllTextAsync(config, $"data: data\nlisten: 127.0.0.1:{port}\nopen: [audit, metrics, api]\n{settings}");
        MeasuredProcess process = await MeasuredProcess.StartAsync(port, System.IO.Path.Combine(directory, "log"), program, "serve", "--config", config);
        return new VedetteServer(process, System.IO.Path.Combine(directory, "data"));
    }

    /// <summary>How many stored events detection has not evaluated yet.</summary>
    public async Task<long> BehindAsync()
    {
        using JsonDocument status = JsonDocument.Parse(await _client.GetByteArrayAsync("/api/v1/status"));
        return status.RootElement.GetProperty("detection").GetProperty("behind").GetInt64();
    }

    /// <summary>Waits until detection has evaluated everything.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> CaughtUpAsync()
    {
        long started = Stopwatch.GetTimestamp();
        while (await BehindAsync() > 0)
        {
            await Task.Delay(20);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    private FileInfo[] Files() =>
        [.. new DirectoryInfo(_data).GetFiles("*.journal", SearchOption.AllDirectories).Where(file => file.Directory!.Name == "events").OrderBy(file => file.Name, StringComparer.Ordinal)];

    /// <inheritdoc />
    public void Dispose()
    {
        Process.Dispose();
        _client.Dispose();
    }
}
