using System.Diagnostics;
using System.Globalization;
using Vedette.Benchmarks.Data;
using Vedette.Benchmarks.Report;
using Vedette.ServeBenchmarks.Load;
using Vedette.ServeBenchmarks.Servers;

namespace Vedette.ServeBenchmarks.Report;

/// <summary>What is measured of a running server, one part of the page after the other.</summary>
/// <param name="program">The published program.</param>
/// <param name="cache">Where data goes: on the disk that is measured.</param>
/// <param name="page">Takes the figures.</param>
/// <param name="rounds">How often each is done.</param>
internal sealed class ServeMeasurements(string program, string cache, Page page, int rounds)
{
    private const int Connections = 50;
    private const int EventsInBody = 400;

    // Commits begin at most this often; see JournalOptions.CommitWindow.
    private const double CommitWindow = 5;

    // Three API servers of one cluster, each at the limit that it sets itself: 10 batches of 400 events a second.
    private const double ApiServersPace = 30;

    private static readonly TimeSpan s_forever = TimeSpan.FromHours(10);

    private readonly Dictionary<Profile, EventListBodies> _bodies = [];
    private readonly Dictionary<Profile, double> _capacity = [];

    /// <summary>Events for a second of the server's processor, against a server that merely reads.</summary>
    public async Task ThroughputAsync()
    {
        page.Section("Server: events for a second of processor", $"""
            EventLists of {EventsInBody} events as kube-apiserver posts them, {Connections} connections, each sending its next delivery when the last is answered. **vedette** takes them in, redacts, makes durable, and evaluates
            the whole pack; its time counts until detection has evaluated the last event. **reading** is Kestrel, compiled alike, that reads the same bodies to their end. Processor time of the server's process
            from `/proc/PID/stat`; medians of {rounds} rounds, the two taking turns; quotients are taken within a turn. Each delivery has other audit ids and times of now.
            """);
        int port = MeasuredProcess.FreePort();
        using MeasuredProcess reference = await MeasuredProcess.StartAsync(port, Path.Combine(cache, "reference.log"), Environment.ProcessPath!, "reference", port.ToString(CultureInfo.InvariantCulture));
        using VedetteServer vedette = await StartAsync("throughput", "");
        List<string[]> rows = [];
        foreach (Profile profile in new[] { Profile.Metadata, Profile.RequestResponse })
        {
            EventListBodies bodies = BodiesOf(profile);
            int deliveries = (int)Math.Max(100, 300e6 / bodies.Length);
            DeliveryTimes times = new();
            using LoadGenerator toVedette = await LoadGenerator.OpenAsync(vedette.Process.Address, VedetteServer.Path, Connections, times);
            using LoadGenerator toReference = await LoadGenerator.OpenAsync(reference.Address, VedetteServer.Path, Connections, times);
            List<(double Vedette, double Reference, double PerSecond, double Behind)> all = [];
            for (int round = 0; round <= rounds; round++)
            {
                async Task<(double Cpu, double PerSecond, double Behind)> OfVedetteAsync()
                {
                    double before = vedette.Process.CpuSeconds;
                    LoadResult sent = await toVedette.SendAsync(bodies, deliveries, s_forever);
                    TimeSpan behind = await vedette.CaughtUpAsync();
                    // Of what it can, detection is a part.
                    double sustained = sent.Events / ((sent.Events / sent.EventsPerSecond) + behind.TotalSeconds);
                    return (sent.Events / (vedette.Process.CpuSeconds - before), sustained, behind.TotalSeconds);
                }

                async Task<double> OfReferenceAsync()
                {
                    double before = reference.CpuSeconds;
                    LoadResult sent = await toReference.SendAsync(bodies, deliveries * 4, s_forever);
                    return sent.Events / (reference.CpuSeconds - before);
                }

                double read = round % 2 == 0 ? await OfReferenceAsync() : 0;
                (double taken, double perSecond, double lag) = await OfVedetteAsync();
                read = round % 2 == 0 ? read : await OfReferenceAsync();
                if (round > 0)
                {
                    // The first warms up.
                    all.Add((taken, read, perSecond, lag));
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {profile} round {round}: {taken:N0} / {read:N0}, {perSecond:N0} events/s, {lag:0.00} s behind, load {Load()}"));
                }
            }

            Spread quotient = Spread.Of(all.Select(round => round.Vedette / round.Reference));
            double events = Spread.Of(all.Select(round => round.Vedette)).Median;
            _capacity[profile] = Spread.Of(all.Select(round => round.PerSecond)).Median / EventsInBody;
            rows.Add([
                profile.ToString(), Number(bodies.Length / bodies.Events, "N0"), Number(events, "N0"), Number(1e6 / events, "0.00"), Number(Spread.Of(all.Select(round => round.Reference)).Median, "N0"),
                $"{Number(quotient.Median, "0.000")} ({Number(quotient.Least, "0.000")}–{Number(quotient.Most, "0.000")})", Number(_capacity[profile] * EventsInBody, "N0"),
                Number(Spread.Of(all.Select(round => round.Behind)).Most, "0.00"),
            ]);
            page.Target($"server: events per CPU second ÷ merely reading, {profile}", quotient.Median, 0.2, 0.35);
        }

        page.Table(["", "bytes/event", "vedette, events/CPU s", "µs/event", "reading, events/CPU s", "quotient (least–most)", "events/s on this machine, detection included", "s behind at the end, most"], rows);
    }

    /// <summary>How long acknowledgements take.</summary>
    public async Task LatencyAsync()
    {
        page.Section("Server: time of an acknowledgement", $"""
            Deliveries of {EventsInBody} events fall due at a steady pace and go over whichever of {Connections} connections is free; the time runs from when one fell due to the last byte of its answer. "three API servers" is
            {ApiServersPace} deliveries a second: each kube-apiserver sends 10 at most unless told otherwise. "bare" is the 99th percentile of one write and fdatasync of as many bytes as a delivery takes on disk, into a
            file whose room is reserved, with nobody else at work; the quotient is that of the 99th percentiles, with the commit window of {CommitWindow} ms in the divisor. {rounds} rounds in turns, all values together.
            Sender and server share this machine's {Environment.ProcessorCount} cores.
            """);
        using VedetteServer vedette = await StartAsync("latency", "");
        List<string[]> rows = [];
        foreach (Profile profile in new[] { Profile.Metadata, Profile.RequestResponse })
        {
            EventListBodies bodies = BodiesOf(profile);
            using LoadGenerator load = await LoadGenerator.OpenAsync(vedette.Process.Address, VedetteServer.Path, Connections, new DeliveryTimes());
            LoadResult warm;
            int filled = vedette.Segments;
            do
            {
                // What an event takes on disk is known once a segment is full.
                warm = await load.SendAsync(bodies, (int)(400e6 / bodies.Length), s_forever);
                await vedette.CaughtUpAsync();
            }
            while (vedette.Segments < filled + 2);
            double capacity = _capacity.GetValueOrDefault(profile, warm.EventsPerSecond / EventsInBody);
            int length = (int)(vedette.StoredBytesPerEvent * EventsInBody);
            (string Name, double Pace)[] paces = [("three API servers", ApiServersPace), ("half of what it can", capacity / 2)];
            List<double> bare = [];
            List<double>[] took = [[], []];
            for (int round = 0; round < rounds; round++)
            {
                bare.AddRange(await BareDisk.MeasureAsync(cache, length, 300));
                for (int i = 0; i < paces.Length; i++)
                {
                    LoadResult result = await load.SendAtPaceAsync(bodies, paces[i].Pace, TimeSpan.FromSeconds(10));
                    took[i].AddRange(result.Milliseconds);
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {profile} {paces[i].Name}: p50 {Percentile.Of(result.Milliseconds, 0.5):0.0}, p99 {Percentile.Of(result.Milliseconds, 0.99):0.0} ms, load {Load()}"));
                    await vedette.CaughtUpAsync();
                }
            }

            double divisor = CommitWindow + Percentile.Of(bare, 0.99);
            for (int i = 0; i < paces.Length; i++)
            {
                double quotient = Percentile.Of(took[i], 0.99) / divisor;
                rows.Add([
                    $"{profile}, {paces[i].Name}", Number(paces[i].Pace, "N0"), Number(paces[i].Pace * EventsInBody, "N0"), Number(Percentile.Of(took[i], 0.5), "0.0"), Number(Percentile.Of(took[i], 0.99), "0.0"),
                    Number(took[i].Max(), "0.0"), Number(length, "N0"), Number(Percentile.Of(bare, 0.5), "0.0"), Number(Percentile.Of(bare, 0.99), "0.0"), Number(quotient, "0.00"),
                ]);
                page.Target($"server: ack p99 ÷ (commit window + bare fdatasync p99), {profile}, {paces[i].Name}", quotient, 1.5, 1.5, smallerIsBetter: true);
            }

            LoadResult full = await load.SendAsync(bodies, (int)(400e6 / bodies.Length), s_forever);
            await vedette.CaughtUpAsync();
            rows.Add([
                $"{profile}, all {Connections} at once without a pause", Number(full.EventsPerSecond / EventsInBody, "N0"), Number(full.EventsPerSecond, "N0"), Number(Percentile.Of(full.Milliseconds, 0.5), "0.0"),
                Number(Percentile.Of(full.Milliseconds, 0.99), "0.0"), Number(full.Milliseconds.Max(), "0.0"), Number(length, "N0"), Number(Percentile.Of(bare, 0.5), "0.0"), Number(Percentile.Of(bare, 0.99), "0.0"),
                Number(Percentile.Of(full.Milliseconds, 0.99) / divisor, "0.00"),
            ]);
        }

        page.Table(["", "deliveries/s", "events/s", "ack p50, ms", "p99", "most", "bytes on disk", "bare p50, ms", "p99", "quotient"], rows);
    }

    /// <summary>How soon findings are at Alertmanager.</summary>
    public async Task FindingsAsync()
    {
        page.Section("Server: findings at Alertmanager", $"""
            One event of each delivery runs a command in a pod of a name of its own, which a rule of the pack finds; a receiver that speaks Alertmanager's API notes when it hears of it. All other findings of the traffic are told to it
            too. Seconds from the first byte of the delivery, and from its acknowledgement, to the arrival of the alert. Full load: {Connections} connections without a pause for 30 s; what did not arrive within 60 s after that would count as infinite.
            """);
        DeliveryTimes times = new();
        await using AlertmanagerReceiver receiver = await AlertmanagerReceiver.StartAsync(times);
        using VedetteServer vedette = await StartAsync("findings", $"receivers:\n- name: bench\n  alertmanager: {{urls: ['{receiver.Address}']}}\n");
        List<string[]> rows = [];
        foreach (Profile profile in new[] { Profile.Metadata, Profile.RequestResponse })
        {
            EventListBodies bodies = BodiesOf(profile);
            using LoadGenerator load = await LoadGenerator.OpenAsync(vedette.Process.Address, VedetteServer.Path, Connections, times);
            LoadResult warm = await load.SendAsync(bodies, 100, s_forever);
            await vedette.CaughtUpAsync();
            double capacity = _capacity.GetValueOrDefault(profile, warm.EventsPerSecond / EventsInBody);
            foreach ((string name, double pace) in new[] { ("three API servers", ApiServersPace), ("half of what it can", capacity / 2), ("full", 0) })
            {
                int from = times.Here;
                TimeSpan time = TimeSpan.FromSeconds(30);
                LoadResult sent = pace > 0 ? await load.SendAtPaceAsync(bodies, pace, time) : await load.SendAsync(bodies, int.MaxValue, time);
                int to = times.Here;
                TimeSpan behind = await vedette.CaughtUpAsync();
                (double FromSent, double FromAcknowledged)[] tellings = [];
                for (long started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60); await Task.Delay(100))
                {
                    tellings = [.. times.Tellings(from, to)];
                    if (tellings.All(telling => double.IsFinite(telling.FromSent)))
                    {
                        break;
                    }
                }

                double p99 = Percentile.Of(tellings.Select(telling => telling.FromSent), 0.99);
                rows.Add([
                    $"{profile}, {name}", Number(sent.EventsPerSecond, "N0"), Number(tellings.Length, "N0"), Number(tellings.Count(telling => double.IsInfinity(telling.FromSent)), "N0"),
                    Number(Percentile.Of(tellings.Select(telling => telling.FromSent), 0.5), "0.000"), Number(p99, "0.000"), Number(tellings.Max(telling => telling.FromSent), "0.000"),
                    Number(Percentile.Of(tellings.Select(telling => telling.FromAcknowledged), 0.99), "0.000"), Number(behind.TotalSeconds, "0.00"),
                ]);
                Console.Error.WriteLine("   " + string.Join(" | ", rows[^1]));
                if (pace == 0)
                {
                    page.Target($"server: findings at Alertmanager, seconds p99 from sending, {profile}, full load", p99, 2, 2, smallerIsBetter: true);
                }
            }
        }

        page.Table(["", "events/s", "findings awaited", "never came", "p50, s", "p99, s", "most, s", "p99 from acknowledgement, s", "detection behind at the end, s"], rows);
    }

    /// <summary>Memory under full load.</summary>
    /// <param name="minutes">How long, for each mix.</param>
    public async Task MemoryAsync(double minutes)
    {
        const int Budget = 512;
        page.Section("Server: memory", string.Create(CultureInfo.InvariantCulture, $"""
            Full load ({Connections} connections without a pause, findings told to a receiver) for {minutes:0.#} minutes each mix, a fresh server for each, `limits.memory` {Budget} MB; what bodies take beyond an eighth of that is answered 503 and sent again. RssAnon and all
            of RSS of the process every second, in MB. Growth: median of the last quarter less that of the second.
            """));
        DeliveryTimes times = new();
        await using AlertmanagerReceiver receiver = await AlertmanagerReceiver.StartAsync(times);
        List<string[]> rows = [];
        foreach (Profile profile in new[] { Profile.Metadata, Profile.RequestResponse })
        {
            EventListBodies bodies = BodiesOf(profile);
            using VedetteServer vedette = await StartAsync(
                "memory", $"limits: {{memory: {Budget}MB}}\nretention: {{maxBytes: 4GB}}\nreceivers:\n- name: bench\n  alertmanager: {{urls: ['{receiver.Address}']}}\n");
            using LoadGenerator load = await LoadGenerator.OpenAsync(vedette.Process.Address, VedetteServer.Path, Connections, times);
            List<(double Anonymous, double All)> samples = [];
            (long anonymousBefore, long allBefore) = vedette.Process.Memory;
            Task<LoadResult> sending = load.SendAsync(bodies, int.MaxValue, TimeSpan.FromMinutes(minutes));
            while (!sending.IsCompleted)
            {
                await Task.WhenAny(sending, Task.Delay(TimeSpan.FromSeconds(1)));
                (long anonymous, long all) = vedette.Process.Memory;
                samples.Add((anonymous / 1e6, all / 1e6));
                if (samples.Count % 30 == 0)
                {
                    long waiting = await vedette.BehindAsync();
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {profile} {samples.Count} s: {samples[^1].Anonymous:0} MB anonymous, {samples[^1].All:0} MB, {waiting:N0} events behind, load {Load()}"));
                }
            }

            LoadResult sent = await sending;
            long behind = await vedette.BehindAsync();
            int quarter = samples.Count / 4;
            double Median(Func<(double Anonymous, double All), double> of, int first) => Spread.Of(samples.Skip(first * quarter).Take(quarter).Select(of)).Median;
            double most = samples.Max(sample => sample.Anonymous);
            double growth = Median(sample => sample.Anonymous, 3) - Median(sample => sample.Anonymous, 1);
            rows.Add([
                profile.ToString(), Number(sent.EventsPerSecond, "N0"), Number(sent.Refused, "N0"), $"{Number(anonymousBefore / 1e6, "0")} / {Number(allBefore / 1e6, "0")}",
                .. Enumerable.Range(0, 4).Select(part => $"{Number(Median(sample => sample.Anonymous, part), "0")} / {Number(Median(sample => sample.All, part), "0")}"),
                $"{Number(most, "0")} / {Number(samples.Max(sample => sample.All), "0")}", Number(growth, "0.0"), Number(behind, "N0"),
            ]);
            page.Target($"server: most RssAnon less the budget of {Budget} MB, in MB, {profile}", most - Budget, 100, 100, smallerIsBetter: true);
            page.Target($"server: growth of RssAnon, last quarter less second, in MB, {profile}", growth, 10, 10, smallerIsBetter: true);
        }

        page.Table(["", "events/s", "503", "before: anonymous / all", "1st quarter", "2nd", "3rd", "4th", "most", "growth, anonymous", "events behind at the end"], rows);
    }

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private Task<VedetteServer> StartAsync(string name, string settings) => VedetteServer.StartAsync(program, Path.Combine(cache, name), settings);

    private EventListBodies BodiesOf(Profile profile)
    {
        if (!_bodies.TryGetValue(profile, out EventListBodies? bodies))
        {
            _bodies[profile] = bodies = EventListBodies.Generate(profile, Connections, EventsInBody);
        }

        return bodies;
    }
}
