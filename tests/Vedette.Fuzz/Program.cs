using System.Globalization;
using SharpFuzz;
using Vedette.Fuzz;

// "fuzz TARGET" is what AFL starts (eng/fuzz); "mutate TARGET COUNT SEED" does without AFL; "replay TARGET FILE..." shows what is wrong with inputs; "unpack TARGET FOLDER", "keep TARGET FILE..." and "minimise TARGET FOLDER" are for the corpus.
// Everything else is the suite of tests.
return args switch
{
    ["fuzz", var name] => Fuzz(Target(name)),
    ["mutate", var name, var count, var seed] => Mutate(Target(name), int.Parse(count, CultureInfo.InvariantCulture), ulong.Parse(seed, CultureInfo.InvariantCulture)),
    ["replay", var name, .. var files] => Replay(Target(name), files),
    ["unpack", var name, var folder] => Corpus.Unpack(Target(name), folder),
    ["keep", var name, .. var files] => Corpus.Keep(Target(name), files),
    ["minimise", var name, var folder] => Corpus.Minimise(Target(name), folder),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};

static FuzzTarget Target(string name) =>
    FuzzTarget.Find(name) ?? throw new ArgumentException($"There is no target {name}; there are {string.Join(", ", FuzzTarget.All)}.", nameof(name));

static int Fuzz(FuzzTarget target)
{
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using MemoryStream input = new();
        stream.CopyTo(input);
        target.Run(input.GetBuffer().AsSpan(0, (int)input.Length));
    });
    return 0;
}

static int Mutate(FuzzTarget target, int count, ulong seed)
{
    Mutator mutator = new([.. Corpus.Read(target).Select(entry => entry.Input)], target.Tokens(), seed);
    return RunAll(target, Enumerable.Range(0, count).Select(_ => mutator.Next()).Select(input => ($"base64 {Convert.ToBase64String(input)}", input)));
}

static int Replay(FuzzTarget target, string[] files) => RunAll(target, files.Select(file => (file, File.ReadAllBytes(file))));

static int RunAll(FuzzTarget target, IEnumerable<(string Name, byte[] Input)> inputs)
{
    int count = 0;
    int failed = 0;
    foreach ((string name, byte[] input) in inputs)
    {
        count++;
        try
        {
            target.Run(input);
        }
        catch (Exception exception)
        {
            failed++;
            Console.WriteLine($"{name}: {exception}");
        }
    }

    Console.WriteLine($"{count} inputs, {failed} failed");
    return failed == 0 ? 0 : 1;
}
