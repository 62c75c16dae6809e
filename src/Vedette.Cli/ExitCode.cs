namespace Vedette.Cli;

/// <summary>What the program tells its caller; docs/cli.md has the table.</summary>
internal static class ExitCode
{
    /// <summary>Done; nothing at or above what <c>--fail-on</c> names.</summary>
    public const int Done = 0;

    /// <summary>Findings or failed checks at or above what <c>--fail-on</c> names.</summary>
    public const int Found = 1;

    /// <summary>Wrong use.</summary>
    public const int WrongUse = 2;

    /// <summary>Bad input: nothing readable in it.</summary>
    public const int BadInput = 3;

    /// <summary>Could not do it: no permission, no such file, disk full.</summary>
    public const int Failed = 4;

    /// <summary>Ended by Ctrl-C (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
