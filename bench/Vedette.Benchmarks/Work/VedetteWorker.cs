using System.Text.Unicode;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Benchmarks.Rules;
using Vedette.Detection.Engine;

namespace Vedette.Benchmarks.Work;

/// <summary>The product's own code over JSON lines in memory, one thread: extraction of the 25 fields, alone or with rules.</summary>
internal static class VedetteWorker
{
    /// <summary>Extraction alone, or with the rules of a table (.tsv) or of Sigma files (.yml, directories), each given path one set after the other.</summary>
    public static int Run(string log, string[] rules)
    {
        byte[] bytes = File.ReadAllBytes(log);
        EventDecoder decoder = new();
        Extraction extraction = new();
        if (rules.Length == 0)
        {
            return Pass.Serve($"vedette {Instructions.Name}", () => Extract(bytes, decoder, extraction));
        }

        CompiledRules compiled = CompiledRules.Compile(SigmaConversion.Load(rules));
        RuleEvaluator evaluator = new(compiled);
        return Pass.Serve($"vedette {Instructions.Name} {compiled.Rules.Length} rules", () => Evaluate(bytes, decoder, extraction, evaluator, Extraction.Wanted | compiled.Fields));
    }

    private static (long Events, long Checksum, long Matches) Extract(ReadOnlySpan<byte> log, EventDecoder decoder, Extraction extraction)
    {
        long events = 0;
        long checksum = 0;
        while (NextEvent(ref log, decoder, Extraction.Wanted, out EventView view))
        {
            checksum += extraction.Sum(view);
            events++;
        }

        return (events, checksum, 0);
    }

    private static (long Events, long Checksum, long Matches) Evaluate(ReadOnlySpan<byte> log, EventDecoder decoder, Extraction extraction, RuleEvaluator evaluator, FieldSet wanted)
    {
        long events = 0;
        long checksum = 0;
        long matches = 0;
        while (NextEvent(ref log, decoder, wanted, out EventView view))
        {
            checksum += extraction.Sum(view);
            IReadOnlyList<int> matched = evaluator.Evaluate(view);
            for (int i = 0; i < matched.Count; i++)
            {
                matches += matched[i] + 1;
            }

            events++;
        }

        return (events, checksum, matches);
    }

    /// <summary>Reads the next event as the product's reader does: the line's end and the validity of its UTF-8 first, then the event; in any other order of members than kube-apiserver's by the walker.</summary>
    private static bool NextEvent(ref ReadOnlySpan<byte> log, EventDecoder decoder, FieldSet wanted, out EventView view)
    {
        view = default;
        if (log.IsEmpty)
        {
            return false;
        }

        if (!decoder.TryDecodeLine(log, isFinal: true, wanted, out view, out int end)
            && (!Utf8.IsValid(log[..end]) || decoder.Decode(log[..end], wanted, out view) != DecodeStatus.Ok))
        {
            throw new InvalidDataException("an event is broken");
        }

        log = end < log.Length ? log[(end + 1)..] : default;
        return true;
    }
}
