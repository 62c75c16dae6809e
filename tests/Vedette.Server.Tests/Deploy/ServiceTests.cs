using System.Text.RegularExpressions;
using Vedette.Tests;
using Xunit;

namespace Vedette.Server.Tests.Deploy;

/// <summary>deploy/systemd and deploy/container: how the server is run.</summary>
public sealed partial class ServiceTests : IDisposable
{
    // systemd counts from 0 to 10 (as tenths here); what is left is the network, and a root directory of its own.
    private const string MaxExposure = "15";

    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-unit").FullName;
    private readonly string _unit = File.ReadAllText(Path.Combine(SharedData.Root, "deploy", "systemd", "vedette.service"));
    private readonly string[] _container = [.. File.ReadAllLines(Path.Combine(SharedData.Root, "deploy", "container", "Containerfile")).Where(line => line.Length > 0 && line[0] != '#')];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Systemd_understands_every_line_of_the_unit()
    {
        string file = Path.Combine(_folder, "vedette.service");
        File.WriteAllText(file, _unit.Replace("/usr/local/bin/vedette", "/bin/true", StringComparison.Ordinal));
        (int exit, string output) = OtherProgram.Run("systemd-analyze", "", [], "verify", "--man=no", file);
        Assert.True(exit == 0 && !output.Contains("vedette.service", StringComparison.Ordinal), output);
    }

    [Fact]
    public void The_unit_gives_the_program_little_to_do_harm_with()
    {
        string file = Path.Combine(_folder, "vedette.service");
        File.WriteAllText(file, _unit);
        (int exit, string output) = OtherProgram.Run("systemd-analyze", "", [], "security", "--no-pager", "--offline=true", $"--threshold={MaxExposure}", file);
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void The_unit_is_back_well_before_kube_apiserver_gives_a_batch_up()
    {
        // Draining and the pause before the next start; 81 seconds are what five tries take.
        Assert.InRange(Seconds("TimeoutStopSec") + Seconds("RestartSec"), 2, 40);
        Assert.Contains("\nRestart=always\n", _unit, StringComparison.Ordinal);
        Assert.Contains("\nStartLimitIntervalSec=0\n", _unit, StringComparison.Ordinal);
    }

    [Fact]
    public void The_key_stands_beside_the_data_within_the_state_directory() =>
        Assert.All(
            _unit.Split('\n').Where(line => line.StartsWith("ExecStart", StringComparison.Ordinal)), line => Assert.Contains("--data /var/lib/vedette/data", line, StringComparison.Ordinal));

    [Fact]
    public void The_container_runs_the_program_alone_and_not_as_root()
    {
        string[] last = [.. _container.Skip(Array.FindLastIndex(_container, line => line.StartsWith("FROM ", StringComparison.Ordinal)))];
        Assert.All(_container, line => Assert.Matches(@"^(ARG|FROM|WORKDIR|COPY|RUN|USER|VOLUME|EXPOSE|STOPSIGNAL|ENTRYPOINT|CMD) ", line));
        Assert.DoesNotContain(last, line => line.StartsWith("RUN ", StringComparison.Ordinal));
        Assert.Matches(@"^USER [1-9][0-9]*:[1-9][0-9]*$", Assert.Single(last, line => line.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.Contains("ENTRYPOINT [\"/usr/local/bin/vedette\"]", last);
        Assert.DoesNotContain(_container, line => line.Contains(":latest", StringComparison.Ordinal));
    }

    [Fact]
    public void Container_and_unit_start_the_program_alike()
    {
        string unit = Assert.Single(_unit.Split('\n'), line => line.StartsWith("ExecStart=", StringComparison.Ordinal));
        string command = Assert.Single(_container, line => line.StartsWith("CMD ", StringComparison.Ordinal));
        Assert.Equal(unit["ExecStart=/usr/local/bin/vedette ".Length..], string.Join(' ', Argument().Matches(command).Select(match => match.Groups["text"].Value)));
    }

    private int Seconds(string name) => int.Parse(Regex.Match(_unit, $@"^{name}=([0-9]+)s$", RegexOptions.Multiline).Groups[1].Value);

    [GeneratedRegex(@"""(?<text>[^""]*)""")]
    private static partial Regex Argument();
}
