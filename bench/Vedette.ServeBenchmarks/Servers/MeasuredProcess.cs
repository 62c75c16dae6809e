using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Vedette.ServeBenchmarks.Servers;

/// <summary>A server of another process: what it costs is read from /proc.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private readonly Process _process;

    private MeasuredProcess(Process process, IPEndPoint address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>User and system time so far, in seconds; the kernel counts it in hundredths.</summary>
    public double CpuSeconds
    {
        get
        {
            // The name of the program, in parentheses, may hold anything.
            string stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
        }
    }

    /// <summary>Memory in use in bytes: that which is not of files, and all.</summary>
    public (long Anonymous, long All) Memory
    {
        get
        {
            string[] status = File.ReadAllLines($"/proc/{_process.Id}/status");
            long Of(string name) => long.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
            return (Of("RssAnon:"), Of("VmRSS:"));
        }
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a server and waits until its port is open.</summary>
    /// <param name="port">The port it was told.</param>
    /// <param name="log">Takes what it writes.</param>
    /// <param name="command">Program and arguments.</param>
    public static async Task<MeasuredProcess> StartAsync(int port, string log, params IEnumerable<string> command)
    {
        string[] all = ["-c", "exec \"$@\" >\"$0\" 2>&1", log, .. command];
        MeasuredProcess server = new(Process.Start(new ProcessStartInfo("/bin/sh", all))!, new IPEndPoint(IPAddress.Loopback, port));
        while (true)
        {
            using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await probe.ConnectAsync(server.Address);
                return server;
            }
            catch (SocketException) when (!server._process.HasExited)
            {
                await Task.Delay(20);
            }
            catch (SocketException exception)
            {
                throw new InvalidOperationException($"{string.Join(' ', command)} does not start: {File.ReadAllText(log)}", exception);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
