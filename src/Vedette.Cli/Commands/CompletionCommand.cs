using System.CommandLine;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette completion SHELL</c>: scripts that ask the program itself, through its <c>[suggest]</c> directive.</summary>
internal static class CompletionCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "completion";

    private const string Bash =
        """
        # bash completion for vedette: source <(vedette completion bash)
        _vedette() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _vedette vedette kubectl-vedette
        """;

    private const string Zsh =
        """
        #compdef vedette kubectl-vedette
        # zsh completion for vedette: source <(vedette completion zsh)
        _vedette() {
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:$#BUFFER]" "$BUFFER" 2>/dev/null)}")
            compadd -a found || _files
        }
        compdef _vedette vedette kubectl-vedette
        """;

    private const string Fish =
        """
        # fish completion for vedette: vedette completion fish | source
        complete -c vedette -a '(vedette "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
        """;

    private const string PowerShell =
        """
        # PowerShell completion for vedette: vedette completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName vedette -ScriptBlock {
            param($word, $ast, $position)
            vedette "[suggest:$position]" "$ast" 2>$null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        Command command = new ExampleCommand(
            Name,
            "Print a script that completes commands and options in a shell.",
            """
            source <(vedette completion bash)
            vedette completion fish | source
            """)
        {
            shell,
        };
        command.SetAction(result =>
        {
            terminal.Out.WriteLine(result.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, _ => PowerShell });
            return ExitCode.Done;
        });
        return command;
    }
}
