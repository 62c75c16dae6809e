using System.Diagnostics;
using Xunit;

namespace Vedette.Acceptance;

public class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("scan")]
    [InlineData("events")]
    [InlineData("rules")]
    [InlineData("rules list")]
    [InlineData("rules show")]
    [InlineData("rules test")]
    [InlineData("rules filters")]
    [InlineData("rules lint")]
    [InlineData("rules coverage")]
    [InlineData("rules tune")]
    [InlineData("rules explain")]
    [InlineData("rules eval")]
    [InlineData("policy")]
    [InlineData("policy lint")]
    [InlineData("policy presets")]
    [InlineData("policy show")]
    [InlineData("policy schema")]
    [InlineData("policy test")]
    [InlineData("policy explain")]
    [InlineData("policy simulate")]
    [InlineData("policy diff")]
    [InlineData("policy coverage")]
    [InlineData("policy derive")]
    [InlineData("setup")]
    [InlineData("setup kubeadm")]
    [InlineData("setup static-pod")]
    [InlineData("setup kubespray")]
    [InlineData("setup eks")]
    [InlineData("setup gke")]
    [InlineData("setup aks")]
    [InlineData("setup falco")]
    [InlineData("setup shippers")]
    [InlineData("setup retention")]
    [InlineData("verify")]
    [InlineData("verify kubeadm")]
    [InlineData("verify kubespray")]
    [InlineData("verify eks")]
    [InlineData("verify gke")]
    [InlineData("verify aks")]
    [InlineData("verify falco")]
    [InlineData("verify shippers")]
    [InlineData("verify retention")]
    [InlineData("routes")]
    [InlineData("routes test")]
    [InlineData("store")]
    [InlineData("store status")]
    [InlineData("store export")]
    [InlineData("store verify")]
    [InlineData("version")]
    [InlineData("completion")]
    public void Help_is_as_approved(string command)
    {
        Answer answer = VedetteProgram.Run([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, answer.Exit);
        Approved.Equal($"help{(command.Length == 0 ? "" : "-" + command.Replace(' ', '-'))}.txt", answer.Out);
    }

    [Theory]
    [InlineData("bash", "bash")]
    [InlineData("zsh", "zsh")]
    [InlineData("fish", "fish")]
    public void A_completion_script_parses_in_its_shell(string shell, string checker)
    {
        string script = VedetteProgram.Run("completion", shell).Out;
        Assert.Contains("vedette", script, StringComparison.Ordinal);
        Assert.SkipUnless(Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, checker))), $"no {checker} here");
        Answer check = VedetteProgram.Run(System.Text.Encoding.UTF8.GetBytes(script), ["-n"], checker);
        Assert.Equal((0, ""), (check.Exit, check.Error));
    }

    [Fact]
    public void Bash_completes_commands_options_and_values()
    {
        const string Try = """
            source <("$0" completion bash)
            try() { COMP_LINE=$1; COMP_POINT=${#1}; COMP_WORDS=($1); [[ $1 == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_WORDS[0]=$0; COMPREPLY=(); _vedette; echo "${COMPREPLY[*]}"; }
            try 'vedette sc'
            try 'vedette scan --fail'
            try 'vedette rules '
            """;
        string[] lines = VedetteProgram.Run([], ["-c", Try, VedetteProgram.Path], "bash").Out.Split('\n');
        Assert.Equal("scan", lines[0]);
        Assert.Equal("--fail-on", lines[1]);
        Assert.All(["list", "show", "test", "eval"], verb => Assert.Contains(verb, lines[2], StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("scna audit.log", "there is no command 'scna'", "See 'vedette --help'.")]
    [InlineData("rules lst", "there is no command 'lst'", "See 'vedette rules --help'.")]
    [InlineData("rules --bogus", "there is no option '--bogus'", "See 'vedette rules --help'.")]
    public void A_command_that_is_not_there_is_named(string typed, string wrong, string help)
    {
        Answer answer = VedetteProgram.Run(typed.Split(' '));
        Assert.Equal((2, $"vedette: {wrong}\n{help}\n"), (answer.Exit, answer.Error));
    }

    [Fact]
    public void As_a_plugin_of_kubectl_it_calls_itself_so()
    {
        using Workspace files = new();
        File.CreateSymbolicLink(files["kubectl-vedette"], VedetteProgram.Path);
        Answer answer = VedetteProgram.Run([], ["scan", "--bogus"], files["kubectl-vedette"]);
        Assert.Equal(2, answer.Exit);
        Assert.Contains("See 'kubectl vedette scan --help'", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void It_runs_where_nothing_is_but_the_program()
    {
        using Workspace files = new();
        Answer answer = VedetteProgram.Run([], ["rules", "list"], prepare: (ProcessStartInfo start) =>
        {
            start.WorkingDirectory = Path.GetDirectoryName(files["x"]);
            start.Environment.Clear();
        });
        Assert.Equal(0, answer.Exit);
        Assert.Contains("cluster-admin bound", answer.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Show_prints_every_rule_that_list_names()
    {
        string listed = VedetteProgram.Run("rules", "list", "-o", "json").Out;
        foreach (System.Text.Json.JsonElement rule in System.Text.Json.JsonDocument.Parse(listed).RootElement.EnumerateArray())
        {
            string id = rule.GetProperty("id").GetString()!;
            Assert.Contains(id, VedetteProgram.Run("rules", "show", id).Out, StringComparison.Ordinal);
            Assert.Contains(id, VedetteProgram.Run("rules", "show", rule.GetProperty("title").GetString()!).Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Version_names_the_program_and_its_version() => Assert.Matches(@"^vedette \d+\.\d+\.\d+", VedetteProgram.Run("version").Out);
}
