using System.Globalization;
using Vedette.ServeBenchmarks.Report;
using Vedette.ServeBenchmarks.Servers;

switch (args)
{
    case ["run", var root, var program, var cache, var minutes, .. var parts]:
        return await ServeResults.WriteAsync(root, program, cache, double.Parse(minutes, CultureInfo.InvariantCulture), parts);
    case ["reference", var port]:
        return await ReferenceServer.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
    default:
        Console.Error.WriteLine("usage: run ROOT PROGRAM CACHE MINUTES [PART...] | reference PORT");
        return 2;
}
