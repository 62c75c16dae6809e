using System.Globalization;
using Vedette.Benchmarks.Data;
using Vedette.Benchmarks.Report;
using Vedette.Benchmarks.Work;

switch (args)
{
    case ["run", var root, var cache, .. var parts]:
        return Results.Write(root, cache, parts);
    case ["extract", var log]:
        return VedetteWorker.Run(log, []);
    case ["rules", var log, .. var rules]:
        return VedetteWorker.Run(log, rules);
    case ["utf8json", var log]:
        return Utf8JsonWorker.Run(log);
    case ["policy", var policy, var log]:
        return PolicyWorker.Run(policy, log);
    case ["journal", var log, var directory, var rounds]:
        return await JournalWorker.RunAsync(log, directory, int.Parse(rounds, CultureInfo.InvariantCulture));
    case ["generate", var profile, var megabytes, var path]:
        Generator.Write(path, Enum.Parse<Profile>(profile), long.Parse(megabytes, CultureInfo.InvariantCulture) * 1_000_000, seed: 1);
        return 0;
    default:
        Console.Error.WriteLine("usage: run ROOT CACHE [PART...] | extract LOG | rules LOG RULES... | utf8json LOG | policy POLICY LOG | journal LOG DIRECTORY ROUNDS | generate Metadata|RequestResponse|WritesOnly MEGABYTES FILE");
        return 2;
}
