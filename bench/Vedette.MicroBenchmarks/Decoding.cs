using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;

namespace Vedette.MicroBenchmarks;

/// <summary>Finding the fields of events; one operation is one event, on the average of the log.</summary>
public class Decoding
{
    private const int Events = 512;

    private readonly EventDecoder _decoder = new();
    private byte[][] _lines = [];

    /// <summary>The logs: level Metadata, and with bodies.</summary>
    [Params("samples/audit.log", "tests/cases/replay/audit-all-rr.log.gz")]
    public string Log { get; set; } = "";

    [GlobalSetup]
    public void Read()
    {
        byte[][] lines = Repository.Lines(Log);
        _lines = [.. Enumerable.Range(0, Events).Select(index => lines[index % lines.Length])];
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Events)]
    public int Decode()
    {
        int found = 0;
        foreach (byte[] line in _lines)
        {
            found += _decoder.Decode(line, out EventView view) == DecodeStatus.Ok ? view.RangeOf(AuditField.Verb).Length : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int WalkerAlone()
    {
        int found = 0;
        foreach (byte[] line in _lines)
        {
            found += _decoder.Walk(line, FieldSet.All, out EventView view) == DecodeStatus.Ok ? view.RangeOf(AuditField.Verb).Length : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int Utf8JsonReaderTokens()
    {
        int found = 0;
        foreach (byte[] line in _lines)
        {
            Utf8JsonReader reader = new(line);
            while (reader.Read())
            {
                found++;
            }
        }

        return found;
    }
}
