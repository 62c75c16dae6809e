using BenchmarkDotNet.Attributes;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;

namespace Vedette.MicroBenchmarks;

/// <summary>The rules that come with the program: reading them, and evaluating them on an event (decoding it included).</summary>
public class Rules
{
    private const int Events = 512;

    private readonly SigmaOptions _options = new() { Mapping = FieldMapping.Shorthand };
    private readonly EventDecoder _decoder = new();
    private SigmaFile[] _files = [];
    private byte[][] _lines = [];
    private RuleEvaluator? _evaluator;

    [GlobalSetup]
    public void Read()
    {
        _files = Repository.Pack();
        byte[][] lines = Repository.Lines("samples/audit.log");
        _lines = [.. Enumerable.Range(0, Events).Select(index => lines[index % lines.Length])];
        _evaluator = new RuleEvaluator(CompiledRules.Compile(SigmaLoader.Load(_files, _options).Rules));
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int Evaluate()
    {
        int found = 0;
        foreach (byte[] line in _lines)
        {
            found += _decoder.Decode(line, out EventView view) == DecodeStatus.Ok ? _evaluator!.Evaluate(view).Count : 0;
        }

        return found;
    }

    [Benchmark]
    public int LoadAndCompile() => CompiledRules.Compile(SigmaLoader.Load(_files, _options).Rules).Rules.Length;
}
