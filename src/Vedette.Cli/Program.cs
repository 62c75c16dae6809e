using System.Runtime;
using Vedette.Cli;
using Vedette.Cli.Commands;

// A command may collect everything at once. The senders of a server would wait for that: it says otherwise.
GCSettings.LatencyMode = GCLatencyMode.Batch;

using CancellationTokenSource interrupt = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupt.Cancel();
};

try
{
    using Terminal terminal = new();
    return CommandLine.Run(args, terminal, interrupt.Token);
}
catch (OperationCanceledException)
{
    return ExitCode.Interrupted;
}
catch (IOException exception)
{
    Console.Error.WriteLine($"vedette: {exception.Message}");
    return ExitCode.Failed;
}
