using System.Globalization;
using Vedette.Storage.Tests.Kills;
using Xunit.Runner.InProc.SystemConsole;

// Runs the tests; or, for those of them that kill a process, is that process.
return args is ["write-until-killed", var directory, var first]
    ? await Writer.RunAsync(directory, long.Parse(first, CultureInfo.InvariantCulture))
    : await ConsoleRunner.Run(args);
