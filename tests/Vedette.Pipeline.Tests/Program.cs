using Vedette.Pipeline.Tests.Serving;
using Xunit.Runner.InProc.SystemConsole;

// Runs the tests; or, for those of them that kill a process, is that process.
return args is ["follow-until-killed", var data, var log] ? await FollowerProcess.RunAsync(data, log) : await ConsoleRunner.Run(args);
