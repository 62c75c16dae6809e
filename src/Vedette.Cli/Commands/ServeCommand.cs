using System.CommandLine;
using System.Net;
using System.Runtime;
using System.Runtime.InteropServices;
using Vedette.Cli.Rules;
using Vedette.Documents;
using Vedette.Documents.Settings;
using Vedette.Server.Hosting;
using Vedette.Server.Logging;
using Vedette.Server.Settings;
using Vedette.Storage.Files;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette serve</c>: the server.</summary>
internal static class ServeCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "serve";

    /// <summary>Threads there are at least, however few processors: more than can be waiting for disks at once.</summary>
    private const int MinThreads = 16;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string?> config = new("--config") { Description = "Settings. Without them: everything on this machine, credentials in DIR.token.", HelpName = "FILE" };
        Option<string?> data = new("--data") { Description = $"The data directory; {ServerSettings.DefaultData} unless the settings say otherwise.", HelpName = "DIR" };
        Option<string?> listen = new("--listen") { Description = $"Where to listen; {ServerSettings.DefaultListen} unless the settings say otherwise.", HelpName = "ADDR:PORT" };
        Option<bool> check = new("--check") { Description = "Say whether the settings, rules and certificates can be used, and end." };
        Command command = new ExampleCommand(
            Name, "Take audit events in, keep them, and tell what is found.",
            """
            vedette serve                                        on this machine, for trying
            curl -H "Authorization: Bearer $(cat vedette-data.token)" --data-binary @audit.log http://127.0.0.1:8080/audit/prod
            vedette serve --config /etc/vedette/vedette.yaml     as set up
            vedette serve --config vedette.yaml --check          before it is rolled out
            """)
        {
            config, data, listen, check,
        };
        command.SetAction(async (result, cancellation) =>
        {
            SettingsSource source = new(result.GetValue(config), result.GetValue(data), result.GetValue(listen));
            try
            {
                if (Load(terminal, source, out IReadOnlyCollection<string> files) is not { } settings)
                {
                    return ExitCode.BadInput;
                }

                if (result.GetValue(check))
                {
                    return Check(terminal, settings);
                }

                return await ServeAsync(terminal, settings, files, source, cancellation);
            }
            catch (InvalidDataException exception)
            {
                return CommandLine.Fail(terminal, ExitCode.BadInput, exception.Message);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return CommandLine.Fail(terminal, ExitCode.Failed, exception.Message);
            }
        });
        return command;
    }

    private static ServerSettings? Load(Terminal terminal, SettingsSource source, out IReadOnlyCollection<string> files)
    {
        (ServerSettings settings, SettingsContext context) = source.Read();
        files = context.Files;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            terminal.Error.WriteLine(diagnostic.ToString());
        }

        return context.Diagnostics.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? null : settings;
    }

    private static int Check(Terminal terminal, ServerSettings settings)
    {
        LoadedRules rules = ServerRules.Load(settings.Rules);
        if (settings.Tls is { } tls)
        {
            Certificates.Check(tls);
            if (PrivateKeyFile.Warning(tls.Key) is { } warning)
            {
                terminal.Error.WriteLine($"warning: {warning}");
            }
        }

        terminal.Out.WriteLine($"{settings.File ?? "the defaults"}: can be used; {rules.Compiled.Rules.Length} rules, data in {settings.Data}, {(settings.Tls is null ? "http" : "https")}://{settings.Listen}");
        return ExitCode.Done;
    }

    private static async Task<int> ServeAsync(Terminal terminal, ServerSettings settings, IReadOnlyCollection<string> files, SettingsSource source, CancellationToken cancellation)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            end.Cancel();
        });
        using JsonLog log = new(Terminal.ErrorStream(), TimeProvider.System);

        // A collection of everything takes tenths of a second, in which nothing would be acknowledged: it goes on beside the rest.
        GCSettings.LatencyMode = GCLatencyMode.Interactive;

        // Whoever waits for a disk holds a thread: on a small machine those would be all there are, and acknowledgements would wait until the pool notices.
        ThreadPool.GetMinThreads(out int threads, out int completions);
        ThreadPool.SetMinThreads(Math.Max(threads, MinThreads), completions);
        Certificates? certificates = settings.Tls is { } tls ? Certificates.Load(tls) : null;
        if (settings.Tls is { Key: var keyFile } && PrivateKeyFile.Warning(keyFile) is { } warning)
        {
            log.Warning("the private key is not private", ("detail", warning));
        }

        ServerParts parts = new(VersionCommand.Version, LinuxFileSystem.Instance, TimeProvider.System, log, Terminal.Input, terminal.Data, ServerRules.Load);
        await using RunningServer server = await RunningServer.StartAsync(settings, parts);
        using Reloader reloader = new(server, certificates, files, source.Read);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            _ = reloader.ReloadAsync(end.Token);
        });
        await using (HttpHost http = await HttpHost.StartAsync(server, certificates, VersionCommand.Version, reloader.ReloadAsync, end.Token))
        {
            log.Information(
                "listening", ("address", $"{(certificates is null ? "http" : "https")}://{http.Address}"), ("data", Path.GetFullPath(settings.Data)), ("rules", server.Rules.Compiled.Rules.Length),
                ("access", settings.Users.IsEmpty ? AdminToken.PathOf(settings.Data) : "as set up"), ("version", VersionCommand.Version));
            await reloader.FollowAsync(end.Token);
            log.Information("ending");
            await server.StopTakingAsync();
        }

        return ExitCode.Done;
    }

    /// <summary>Where settings come from: a file, and options that go before it.</summary>
    private sealed record SettingsSource(string? File, string? Data, string? Listen)
    {
        /// <summary>Reads them.</summary>
        /// <exception cref="IOException">The file cannot be read.</exception>
        /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
        /// <exception cref="InvalidDataException">An option is wrong, or it would not be safe.</exception>
        public (ServerSettings Settings, SettingsContext Context) Read()
        {
            SettingsContext context = new(File ?? "", Environment.GetEnvironmentVariable);
            ServerSettings settings = new();
            try
            {
                settings = File is null ? settings : SettingsFile.Read(File, Environment.GetEnvironmentVariable, out context);
            }
            catch (UnauthorizedAccessException exception)
            {
                throw new UnauthorizedAccessException(
                    $"{File}: the user of this process ({Environment.UserName}) may not read it, or not enter a directory above it. Let others read both (chmod o+rx the directory, o+r the file), and keep secrets in files or variables that it names.", exception);
            }

            settings = Data is null ? settings : settings with { Data = Data };
            if (Listen is not null)
            {
                settings = SettingsFile.TryReadEndPoint(Listen, out IPEndPoint endPoint)
                    ? settings with { Listen = endPoint }
                    : throw new InvalidDataException($"--listen {Listen}: an address and a port, such as 127.0.0.1:8080 or :8443 for all addresses");
            }

            return !context.Diagnostics.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) && SettingsFile.Refusal(settings) is { } refusal
                ? throw new InvalidDataException(refusal)
                : (settings, context);
        }
    }
}
