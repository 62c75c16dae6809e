using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Vedette.Server.Tests.Endpoints;
using Vedette.Sources.Settings;
using Vedette.Tests;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

/// <summary>A log that rsyslog writes and logrotate rotates, as distributions set the two up, followed by a server.</summary>
public sealed class RsyslogFileTests : IDisposable
{
    private const string Rsyslog = "/usr/sbin/rsyslogd";
    private const int Events = 3_000;
    private const int Rotations = 5;

    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-rsyslog-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("create 0600\ncompress\ndelaycompress")]
    [InlineData("copytruncate\ncompress")]
    public async Task Every_event_of_a_file_that_rsyslog_writes_and_logrotate_rotates_is_stored_once(string how)
    {
        Assert.SkipUnless(File.Exists(Rsyslog), "no rsyslogd here");
        string log = Path.Combine(_folder, "audit.log");
        string pid = Path.Combine(_folder, "rsyslog.pid");
        int port = FreePort();
        string rsyslog = Write(
            "rsyslog.conf",
            $$"""
            global(workDirectory="{{_folder}}" maxMessageSize="1m")
            module(load="imtcp")
            template(name="line" type="string" string="%rawmsg%\n")
            input(type="imtcp" port="{{port}}" address="127.0.0.1" ruleset="file")
            ruleset(name="file") { action(type="omfile" file="{{log}}" template="line" fileCreateMode="0600") }
            """);
        string logrotate = Write("logrotate.conf", $"{log} {{\nrotate 100\nsize 1\nmissingok\n{how}\npostrotate\nkill -HUP $(cat {pid})\nendscript\n}}\n");
        using Process process = Process.Start(new ProcessStartInfo(Rsyslog, ["-n", "-f", rsyslog, "-i", pid]) { UseShellExecute = false, RedirectStandardError = true })!;
        string[] sent = [.. Enumerable.Range(0, Events).Select(number => ServerUnderTest.Event($"{number}", "list"))];
        try
        {
            await using ServerUnderTest server = await ServerUnderTest.StartAsync(settings => settings with { Sources = new SourcesSettings([new FileSource("apiserver", "prod", [log], TailStart.Start, TimeSpan.FromMilliseconds(50))], null) });
            using Socket socket = await ConnectAsync(port);
            int arrived = 0;
            for (int rotation = 0; rotation <= Rotations; rotation++)
            {
                string[] part = sent[(rotation * Events / (Rotations + 1))..((rotation + 1) * Events / (Rotations + 1))];
                bool isCopied = how.StartsWith("copytruncate", StringComparison.Ordinal);

                // While a file is copied and truncated nothing may be written, or it is lost to everybody; else rsyslog writes while it is rotated.
                string[] before = isCopied ? part : part[..(part.Length / 2)];
                await SendAsync(socket, before);
                arrived += part.Length;
                Task rest = isCopied ? WrittenAsync(server, sent[..arrived], log) : SendAsync(socket, part[before.Length..]);
                if (isCopied)
                {
                    await rest;
                }

                (int exit, string output) = OtherProgram.Run("logrotate", "", [], "--force", "--state", Path.Combine(_folder, "state"), logrotate);
                Assert.True(exit == 0, output);
                await rest;
            }

            await ServerUnderTest.UntilAsync(() => server.Server.Store.Events.End >= Events, () => $"{server.Server.Store.Events.End} of {Events} stored; {server.Log}");
            Assert.Equal(sent.Order(StringComparer.Ordinal), ServerUnderTest.Stored(server.Server.Store.Events).Order(StringComparer.Ordinal));
            Assert.Equal((0, 0), (server.Server.Tails.Sources[0].Gaps, server.Server.Store.Quarantine.End));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until rsyslog has written what it got: all of it is in files, stored or not.</summary>
    private static Task WrittenAsync(ServerUnderTest server, string[] sent, string log) => ServerUnderTest.UntilAsync(
        () => server.Server.Store.Events.End >= sent.Length, () => $"{server.Server.Store.Events.End} of {sent.Length} stored, {(File.Exists(log) ? new FileInfo(log).Length : 0)} bytes in the file; {server.Log}");

    private static async Task SendAsync(Socket socket, string[] lines)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        await socket.SendAsync(bytes, TestContext.Current.CancellationToken);
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
                return socket;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(started) < ServerUnderTest.Patience)
            {
                socket.Dispose();
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        Assert.Equal(0, OtherProgram.Run("chmod", "", [], "0600", path).Exit);
        return path;
    }
}
