using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text;
using Vedette.Cli.Output;
using Vedette.Cli.Policies;
using Vedette.Documents;
using Vedette.Pipeline.Scanning;
using Vedette.Pipeline.Simulation;
using Vedette.Platforms;
using Vedette.Platforms.Setup;
using Vedette.Policy.Linting;
using Vedette.Policy.Loading;
using Vedette.Policy.Simulation;
using Vedette.Sources.Files;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette setup PLATFORM</c>: files and steps that turn auditing on.</summary>
internal sealed class SetupCommand(Terminal terminal)
{
    /// <summary>What the command is called.</summary>
    public const string Name = "setup";

    /// <summary>A log shorter than this says nothing about a rate.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1);

    private readonly Option<string> _out = new("--out") { Description = "Directory to write to; made when it is not there.", HelpName = "DIR", Required = true };
    private readonly Option<bool> _force = new("--force") { Description = "Overwrite files that are there and differ." };
    private readonly Option<string> _policy = new("--policy") { Description = "Audit policy: a preset's name, a file, or - for standard input. It is linted first and refused when it has errors.", DefaultValueFactory = _ => "recommended", HelpName = "POLICY" };
    private readonly Option<string> _backend = new("--backend") { Description = "Where events go: log, webhook or both.", DefaultValueFactory = _ => "log", HelpName = "BACKEND" };
    private readonly Option<string> _cluster = new("--cluster") { Description = "Name of the cluster.", DefaultValueFactory = _ => SetupRequest.UnnamedCluster, HelpName = "NAME" };
    private readonly Option<int> _retention = new("--retention") { Description = "Days that events must be kept.", DefaultValueFactory = _ => SetupRequest.DefaultRetentionDays, HelpName = "DAYS" };
    private readonly Option<string> _residency = PlatformOptions.Residency();
    private readonly Option<double?> _rate = new("--rate") { Description = "Expected requests a second to one kube-apiserver: sizes buffers, throttle and disk.", HelpName = "N" };
    private readonly Option<string[]> _log = new("--log") { Description = "Audit logs of one kube-apiserver to measure events and bytes on, under the policy, instead of --rate.", HelpName = "FILE|DIR", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string> _version = PolicyCommand.KubernetesVersionOption();
    private readonly Option<string[]> _set = new("--set") { Description = "A value that setup cannot know, NAME=VALUE, such as WEBHOOK_URL=https://…; STEPS.md lists them.", HelpName = "NAME=VALUE" };
    private readonly Option<string?> _values = new("--values") { Description = "File of such values, NAME=VALUE a line; the place for secrets.", HelpName = "FILE" };

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new SetupCommand(terminal).Create();

    private ExampleCommand Create()
    {
        _backend.AcceptOnlyFromAmong("log", "webhook", "both");
        _retention.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > SetupRequest.MaxRetentionDays)
            {
                result.AddError($"--retention: from 1 to {SetupRequest.MaxRetentionDays} days");
            }
        });
        ExampleCommand setup = new(
            Name,
            "Write files and steps that turn auditing on, for a platform. Nothing is changed but the directory it writes to.",
            """
            vedette setup kubeadm --out audit-setup           files, and STEPS.md to follow
            vedette verify kubeadm --setup audit-setup        the same, checked
            vedette setup kubeadm --backend both --rate 200 --set WEBHOOK_URL=https://vedette.example.com:8443/audit/prod --out audit-setup
            """);
        foreach (Platform platform in PlatformCatalogue.All)
        {
            PlatformOptions options = new(platform.SetupOptions);
            ExampleCommand command = new(platform.Name, $"{platform.Purpose}: {platform.Summary}.", platform.SetupExamples);
            Option[] shared = platform.HasPolicy ? [_out, _force, _policy, _backend, _cluster, _retention, _residency, _rate, _log, _version, _set, _values]
                : [_out, _force, _backend, _cluster, _retention, _residency, _set, _values];
            foreach (Option option in shared.Where(option => !platform.Without.Contains(option.Name.TrimStart('-'), StringComparer.Ordinal)).Concat(options.All))
            {
                command.Options.Add(option);
            }

            command.SetAction((result, cancellation) => Task.FromResult(PolicyCommand.WithFiles(terminal, () => Run(platform, options.Values(result), result, cancellation))));
            setup.Subcommands.Add(command);
        }

        return setup;
    }

    private int Run(Platform platform, OptionValues options, ParseResult result, CancellationToken cancellation)
    {
        KubernetesVersion version = platform.HasPolicy ? PolicyCommand.VersionOf(result, _version) : KubernetesVersion.Default;
        if (LoadPolicy(platform.HasPolicy ? result.GetValue(_policy)! : "recommended", version, out int exit) is not { } policy || !TryValues(result, out ImmutableDictionary<string, string> values, out exit))
        {
            return exit;
        }

        Traffic? traffic = result.GetValue(_rate) is { } rate ? Traffic.OfRequests(rate, policy) : null;
        if (result.GetValue(_log) is { Length: > 0 } logs && (traffic = Measure(logs, policy, cancellation)) is null)
        {
            return CommandLine.Fail(terminal, ExitCode.BadInput, $"{string.Join(", ", logs)}: no events over at least {s_shortest.TotalMinutes:0} minute; say --rate instead");
        }

        SetupRequest request = new()
        {
            Policy = policy,
            Backend = result.GetValue(_backend) switch { "webhook" => Backend.Webhook, "both" => Backend.Both, _ => Backend.Log },
            Cluster = result.GetValue(_cluster) ?? SetupRequest.UnnamedCluster,
            RetentionDays = result.GetValue(_retention) is var days and > 0 ? days : SetupRequest.DefaultRetentionDays,
            Residency = PlatformOptions.ResidencyOf(result, _residency),
            Traffic = traffic,
            Version = version,
            Options = options,
            Values = values,
            Files = new InputFiles(Terminal.Input),
        };
        SetupOutput output = new(request);
        platform.Setup(request, output);
        foreach (Refusal refusal in output.Refusals)
        {
            terminal.Error.WriteLine(TerminalText.Escape($"vedette: {refusal.Why} ({refusal.Mend})"));
        }

        return output.Refusals.Count > 0 ? ExitCode.Found : Write(output.Complete(platform), output, result.GetValue(_out)!, result.GetValue(_force));
    }

    private ChosenPolicy? LoadPolicy(string name, KubernetesVersion version, out int exit)
    {
        string text = Encoding.UTF8.GetString(PolicySource.Read(name));
        LoadedPolicy loaded = PolicyLoader.Load(name, Encoding.UTF8.GetBytes(text), version);
        Diagnostic[] errors = [.. PolicyLinter.Lint(loaded, text).Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
        DiagnosticText.Write(errors, terminal.Error);
        exit = loaded.Policy is null ? ExitCode.BadInput : errors.Length > 0 ? ExitCode.Found : ExitCode.Done;
        if (exit == ExitCode.Done)
        {
            return new ChosenPolicy(name == "-" ? "standard input" : name, text, loaded.Policy!);
        }

        terminal.Error.WriteLine($"vedette: {TerminalText.Escape(name)}: this policy is not set up; mend it first");
        return null;
    }

    private bool TryValues(ParseResult result, out ImmutableDictionary<string, string> values, out int exit)
    {
        ImmutableDictionary<string, string>.Builder given = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        values = given.ToImmutable();
        exit = ExitCode.Done;
        string[] lines = result.GetValue(_values) is { } file ? new InputFiles(Terminal.Input).ReadText(file).Split('\n') : [];
        foreach (string line in lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Concat(result.GetValue(_set) ?? []))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                exit = CommandLine.Fail(terminal, ExitCode.WrongUse, $"write values as NAME=VALUE; {(equals < 0 ? "there is a line without '='" : "there is one without a name")}");
                return false;
            }

            string value = line[(equals + 1)..];
            given[line[..equals].Replace("export ", "", StringComparison.Ordinal)] = value is ['\'', .., '\''] or ['"', .., '"'] ? value[1..^1] : value;
        }

        values = given.ToImmutable();
        return true;
    }

    /// <summary>Measures what the policy would leave of a log; null when the log is too short for a rate.</summary>
    private static Traffic? Measure(string[] logs, ChosenPolicy policy, CancellationToken cancellation)
    {
        PolicyReplayResult replayed = PolicyReplay.Run([.. LogInputs.Find(logs)], [policy.Policy], null, null, new ScanOptions { StandardInput = Terminal.Input }, cancellation);
        Volume left = replayed.Simulators[0].Total.After;
        return replayed.Last - replayed.First is { } span && span >= s_shortest && left.Events > 0
            ? new Traffic(left.Events / span.TotalSeconds, (double)left.Bytes / left.Events, string.Create(CultureInfo.InvariantCulture, $"measured on {string.Join(", ", logs)}: {left.Events:N0} events in {span.TotalHours:0.00} h"))
            : null;
    }

    private int Write(ImmutableArray<RenderedFile> files, SetupOutput output, string directory, bool overwrites)
    {
        string[] changed = [.. files.Where(file => File.Exists(Path.Combine(directory, file.Path)) && File.ReadAllText(Path.Combine(directory, file.Path)) != file.Content).Select(file => file.Path)];
        if (changed.Length > 0 && !overwrites)
        {
            return CommandLine.Fail(terminal, ExitCode.Failed, $"{directory}: {string.Join(", ", changed)} would be overwritten; say --force, or another --out");
        }

        foreach (RenderedFile file in files)
        {
            string path = Path.Combine(directory, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // Made private before anything is in it: it may hold a token.
            FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = RenderedFile.Private;
            }

            using (FileStream stream = new(path, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(file.Content));
            }

            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, file.Mode);
            }

            terminal.Out.WriteLine(path);
        }

        SetupValue[] open = [.. output.Values.Where(value => value.IsOpen)];
        terminal.Error.WriteLine(
            $"{files.Length} files; {(open.Length == 0 ? "" : $"fill in {string.Join(", ", open.Select(value => value.Name))}, ")}then follow {Path.Combine(directory, SetupOutput.StepsFile)}");
        return ExitCode.Done;
    }
}
