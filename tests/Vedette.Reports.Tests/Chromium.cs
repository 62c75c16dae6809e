using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Vedette.Reports.Tests;

/// <summary>A headless Chromium with one page open, driven through its DevTools protocol on loopback. Everything it starts ends with it.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] s_paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly ClientWebSocket _socket = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vedette-chromium-");
    private Process? _process;
    private Task<string> _rest = Task.FromResult("");
    private string? _session;
    private int _last;

    /// <summary>Starts it; skips the running test where there is none.</summary>
    public static async Task<Chromium> StartAsync(CancellationToken cancellation)
    {
        string? program = Environment.GetEnvironmentVariable("VEDETTE_CHROMIUM") ?? s_paths.FirstOrDefault(File.Exists);
        Assert.SkipUnless(program is not null, "no Chromium here (Debian package chromium)");
        Chromium browser = new();
        try
        {
            await browser.OpenAsync(program!, cancellation);
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }

        return browser;
    }

    /// <summary>Opens a file.</summary>
    public async Task LoadAsync(string path, CancellationToken cancellation)
    {
        await SendAsync("Page.navigate", new JsonObject { ["url"] = new Uri(path).AbsoluteUri }, cancellation);
        while ((await EvaluateAsync("document.readyState + (location.protocol === 'file:' ? '' : '-')", cancellation)).GetString() != "complete")
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Sets the size of the screen in CSS pixels and what the reader prefers.</summary>
    public async Task ShowAsync(int width, int height, bool isDark, CancellationToken cancellation)
    {
        await SendAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 }, cancellation);
        JsonArray features = [new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = isDark ? "dark" : "light" }];
        await SendAsync("Emulation.setEmulatedMedia", new JsonObject { ["features"] = features }, cancellation);
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression, CancellationToken cancellation)
    {
        JsonElement answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true }, cancellation);
        Assert.False(answer.TryGetProperty("exceptionDetails", out JsonElement details), details.ToString());
        return answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <summary>What is on the screen, as PNG.</summary>
    public async Task<byte[]> PictureAsync(CancellationToken cancellation) =>
        (await SendAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" }, cancellation)).GetProperty("data").GetBytesFromBase64();

    /// <summary>The page printed on A4, as PDF.</summary>
    public async Task<byte[]> PrintAsync(CancellationToken cancellation) =>
        (await SendAsync("Page.printToPDF", new JsonObject { ["paperWidth"] = 8.27, ["paperHeight"] = 11.69, ["preferCSSPageSize"] = true }, cancellation)).GetProperty("data").GetBytesFromBase64();

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        if (_process is { } process)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            await _rest;
            process.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private async Task OpenAsync(string program, CancellationToken cancellation)
    {
        // Without the background flags Chromium looks up its maker's hosts at every start; as root it has no sandbox.
        string[] flags =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={_folder.FullName}", "about:blank",
        ];
        _process = Process.Start(new ProcessStartInfo(program, flags) { UseShellExecute = false, RedirectStandardError = true })!;
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(cancellation);
        }
        while (line?.StartsWith("DevTools listening on ", StringComparison.Ordinal) == false);
        Assert.NotNull(line);

        // What it says later is not ours to read, but must not fill the pipe.
        _rest = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        await _socket.ConnectAsync(new Uri(line["DevTools listening on ".Length..]), cancellation);
        JsonElement target = await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" }, cancellation);
        JsonElement attached = await SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target.GetProperty("targetId").GetString(), ["flatten"] = true }, cancellation);
        _session = attached.GetProperty("sessionId").GetString();
    }

    private async Task<JsonElement> SendAsync(string method, JsonObject parameters, CancellationToken cancellation)
    {
        int id = ++_last;
        JsonObject message = new() { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        await _socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, cancellation);
        byte[] buffer = new byte[1 << 16];
        while (true)
        {
            using MemoryStream received = new();
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellation);
                received.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);

            JsonElement answer = JsonDocument.Parse(received.ToArray()).RootElement;
            if (answer.TryGetProperty("id", out JsonElement of) && of.GetInt32() == id)
            {
                Assert.False(answer.TryGetProperty("error", out JsonElement error), $"{method}: {error}");
                return answer.GetProperty("result");
            }
        }
    }
}
