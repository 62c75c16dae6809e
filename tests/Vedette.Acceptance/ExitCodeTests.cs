using Xunit;

namespace Vedette.Acceptance;

/// <summary>The table of exit codes in docs/cli.md.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly Workspace _files = new();

    public ExitCodeTests()
    {
        _files.Write("rule.yml", Workspace.SecretRule);
        _files.Write("broken.yml", "title: no detection\nlogsource: {product: kubernetes}\n");
        _files.Write("secret.log", Workspace.Event());
        _files.Write("quiet.log", Workspace.Event(verb: "watch"));
        _files.Write("mixed.log", "not json\n" + Workspace.Event(verb: "watch"));
        _files.Write("text.log", "Nov 23 10:00:00 host sshd[1]: hello\n");
        _files.Write("empty.log", "");
        _files.Write("failing.yml", Workspace.SecretRule);
        _files.Write("failing.tests.yml", "match:\n  - name: a list is no read\n    event: {verb: list}\n");
    }

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(0, "scan|{secret.log}|--rules|{rule.yml}", "findings, and --fail-on is never")]
    [InlineData(0, "scan|{quiet.log}|--rules|{rule.yml}|--fail-on|low", "no findings")]
    [InlineData(0, "scan|{mixed.log}|--rules|{rule.yml}", "some lines are no events")]
    [InlineData(0, "scan|{secret.log}|{text.log}", "one of the files has no event, which is said")]
    [InlineData(0, "scan|{secret.log}|--rules|{rule.yml}|--fail-on|critical", "findings below")]
    [InlineData(1, "scan|{secret.log}|--rules|{rule.yml}|--fail-on|high", "findings at the level")]
    [InlineData(1, "scan|{secret.log}|--rules|{rule.yml}|--fail-on|informational", "findings above the level")]
    [InlineData(1, "rules|test|{failing.yml}", "a failing test of a rule")]
    [InlineData(2, "", "nothing asked")]
    [InlineData(2, "bogus", "unknown command")]
    [InlineData(2, "rules", "half a command")]
    [InlineData(2, "scan|{secret.log}|--bogus", "unknown option")]
    [InlineData(2, "scan|--bogus", "unknown option instead of a file")]
    [InlineData(2, "scan|{secret.log}|-o|xml", "unknown format")]
    [InlineData(2, "scan|{secret.log}|--fail-on|severe", "unknown level")]
    [InlineData(2, "scan|{secret.log}|--placeholder|no-equals-sign", "half a placeholder")]
    [InlineData(2, "rules|eval|{rule.yml}", "missing option")]
    [InlineData(2, "rules|show", "missing argument")]
    [InlineData(2, "completion|tcsh", "unknown shell")]
    [InlineData(3, "scan|{text.log}", "no event in the file")]
    [InlineData(3, "scan|{empty.log}", "an empty file")]
    [InlineData(3, "rules|eval|{rule.yml}|--events|{text.log}", "no object in the file")]
    [InlineData(3, "scan|{secret.log}|--rules|{broken.yml}", "a rule that does not load")]
    [InlineData(3, "events|{text.log}", "no event in the file")]
    [InlineData(3, "rules|list|{broken.yml}", "a rule that does not load")]
    [InlineData(3, "rules|eval|{broken.yml}|--events|{secret.log}", "a rule that does not load")]
    [InlineData(3, "rules|show|no such rule", "no such rule")]
    [InlineData(4, "scan|{gone.log}", "no such log")]
    [InlineData(4, "scan|{secret.log}|--rules|{gone.yml}", "no such rule file")]
    [InlineData(4, "scan|{secret.log}|--rejects|{no-such-folder}/x", "cannot write")]
    [InlineData(4, "rules|eval|{rule.yml}|--events|{gone.log}", "no such events")]
    [InlineData(0, "version", "")]
    [InlineData(0, "--version", "")]
    [InlineData(0, "--help", "")]
    [InlineData(0, "rules|test", "the pack's own tests")]
    public void Exit_code_says_how_it_went(int exit, string arguments, string because)
    {
        string[] given = [.. arguments.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(argument => Name(argument))];
        Answer answer = VedetteProgram.Run(given);
        Assert.True(exit == answer.Exit, $"{because}: expected {exit}, was {answer.Exit}\n{answer.Out}\n{answer.Error}");
        if (exit >= 2)
        {
            Assert.NotEmpty(answer.Error);
            Assert.DoesNotContain("   at ", answer.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", answer.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_full_disk_is_4_and_said()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        Answer answer = VedetteProgram.Run([], ["-c", "exec \"$0\" scan \"$1\" --rules \"$2\" -o jsonl > /dev/full", VedetteProgram.Path, _files["secret.log"], _files["rule.yml"]], "/bin/sh");
        Assert.Equal(4, answer.Exit);
        Assert.Contains("No space left", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_that_goes_away_ends_the_program_quietly()
    {
        _files.Write("many.log", string.Concat(Enumerable.Range(0, 20_000).Select(index => Workspace.Event($"{index}"))));
        Answer answer = VedetteProgram.Run([], ["-c", "\"$0\" events \"$1\" | head -1 >/dev/null", VedetteProgram.Path, _files["many.log"]], "/bin/sh");
        Assert.DoesNotContain("   at ", answer.Error, StringComparison.Ordinal);
    }

    private string Name(string argument) =>
        argument.StartsWith('{') ? _files[argument[1..argument.IndexOf('}', StringComparison.Ordinal)]] + argument[(argument.IndexOf('}', StringComparison.Ordinal) + 1)..] : argument;
}
