using System.Globalization;

namespace Vedette.Pipeline.Watching;

/// <summary>What the system knows of this process, under the names that all Prometheus clients give it. Read from /proc when metrics are asked for; what cannot be read stays as it was.</summary>
internal sealed class ProcessMetrics
{
    private readonly MetricFamily<Gauge> _cpu;
    private readonly MetricFamily<Gauge> _resident;
    private readonly MetricFamily<Gauge> _heap;
    private readonly MetricFamily<Gauge> _open;
    private readonly MetricFamily<Gauge> _most;

    public ProcessMetrics(MetricRegistry registry, TimeProvider time)
    {
        _cpu = registry.Reading("process_cpu_seconds_total", "seconds", "Time of processors used, by user and system.");
        _resident = registry.Gauge("process_resident_memory_bytes", "bytes", "Memory in use.", []);
        _heap = registry.Gauge("vedette_managed_heap_bytes", "bytes", "Of it, what the garbage collector manages.", []);
        _open = registry.Gauge("process_open_fds", null, "Open file descriptors.", []);
        _most = registry.Gauge("process_max_fds", null, "Most file descriptors that may be open.", []);
        MetricFamily<Gauge> started = registry.Gauge("process_start_time_seconds", "seconds", "When the process began, since 1970.", []);
        started.With().Value = (time.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerSecond;
        registry.BeforeWriting(Collect);
    }

    private void Collect()
    {
        Environment.ProcessCpuUsage usage = Environment.CpuUsage;
        _cpu.With().Value = usage.TotalTime.TotalSeconds;
        _resident.With().Value = Environment.WorkingSet;
        _heap.With().Value = GC.GetTotalMemory(forceFullCollection: false);
        try
        {
            _open.With().Value = Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
            foreach (string line in File.ReadLines("/proc/self/limits"))
            {
                if (line.StartsWith("Max open files", StringComparison.Ordinal)
                    && double.TryParse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], NumberStyles.None, CultureInfo.InvariantCulture, out double most))
                {
                    _most.With().Value = most;
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A system without /proc, or one that hides it.
        }
    }
}
