using System.Diagnostics;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Simulation;

namespace Vedette.Benchmarks.Work;

/// <summary>Requests a second through a policy on one thread, and a log through the simulator beside the plain walk of its events.</summary>
internal static class PolicyWorker
{
    /// <param name="policyFile">The policy.</param>
    /// <param name="logFile">JSON lines, not compressed.</param>
    public static int Run(string policyFile, string logFile)
    {
        byte[] log = File.ReadAllBytes(logFile);
        AuditPolicy policy = PolicyLoader.Load(policyFile, File.ReadAllBytes(policyFile)).Policy ?? throw new InvalidOperationException("the policy does not load");
        CompiledPolicy compiled = CompiledPolicy.Compile(policy);
        List<RequestAttributes> requests = [];
        EventAttributes attributes = new();
        Each(log, (in EventView view) => requests.Add(attributes.RequestOf(view) with { User = attributes.UserOf(view) }));
        double fast = Seconds(() =>
        {
            long sum = 0;
            foreach (RequestAttributes request in requests)
            {
                sum += compiled.Evaluate(request).Rule;
            }

            return sum;
        });
        double obvious = Seconds(() =>
        {
            long sum = 0;
            foreach (RequestAttributes request in requests)
            {
                sum += PolicyChecker.Evaluate(policy, request).Rule;
            }

            return sum;
        });
        double walk = Seconds(() => Each(log, (in EventView _) => { }));
        PolicySimulator simulator = new(compiled);
        double simulate = Seconds(() => Each(log, (in EventView view) => simulator.Add(view, null)));
        Console.WriteLine($"compiled policy: {requests.Count / fast / 1e6:F1} million requests/s, {obvious / fast:F1} times the obvious evaluator");
        Console.WriteLine($"simulation: {log.Length / simulate / 1e6:F0} MB/s, {walk / simulate:F2} of the plain walk");
        return 0;
    }

    private delegate void OnEvent(in EventView view);

    private static long Each(ReadOnlySpan<byte> log, OnEvent onEvent)
    {
        EventDecoder decoder = new();
        long events = 0;
        foreach (Range line in log.Split((byte)'\n'))
        {
            if (decoder.Decode(log[line], out EventView view) == DecodeStatus.Ok)
            {
                onEvent(view);
                events++;
            }
        }

        return events;
    }

    /// <summary>Processor time of one pass: the best of five rounds of about half a second.</summary>
    private static double Seconds(Func<long> pass)
    {
        using Process process = Process.GetCurrentProcess();
        double best = double.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            int passes = 0;
            TimeSpan before = process.TotalProcessorTime;
            TimeSpan spent;
            do
            {
                pass();
                passes++;
                process.Refresh();
                spent = process.TotalProcessorTime - before;
            }
            while (spent < TimeSpan.FromSeconds(0.5));
            best = Math.Min(best, spent.TotalSeconds / passes);
        }

        return best;
    }
}
