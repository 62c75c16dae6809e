namespace Vedette.Pipeline.Watching;

/// <summary>
/// What is missing among the stages of a source, told hour by hour: a stage that the hour before had and this one has not, and long-running requests that began in the hour before and of which fewer than
/// half as many have ended up to now (kube-apiserver ends watches after 5 to 10 minutes, --min-request-timeout 1800 doubled being the most).
/// </summary>
internal sealed class StageHours
{
    /// <summary>Events an hour must have before something is said of it.</summary>
    public const int MinEvents = 200;

    /// <summary>Long-running requests that must have begun before something is said of their ends.</summary>
    public const int MinStarted = 50;

    private static readonly string[] s_names = ["RequestReceived", "ResponseStarted", "ResponseComplete"];

    private Counts _before = new();
    private Counts _current = new();

    /// <summary>Stages that are watched, by number.</summary>
    public static ReadOnlySpan<string> Names => s_names;

    /// <summary>Counts an event.</summary>
    /// <param name="stage">Its stage, by number; -1 for another one.</param>
    /// <param name="isLongRunning">Is the request one that goes on after its answer has begun?</param>
    public void Add(int stage, bool isLongRunning)
    {
        _current.Events++;
        if (stage >= 0)
        {
            _current.Stages[stage]++;
        }

        _current.Started += isLongRunning && stage == 1 ? 1 : 0;
        _current.Ended += isLongRunning && stage == 2 ? 1 : 0;
    }

    /// <summary>Ends an hour.</summary>
    /// <returns>What is missing, as the ends of sentences.</returns>
    public List<string> EndHour()
    {
        List<string> missing = [];
        for (int stage = 0; stage < s_names.Length; stage++)
        {
            // A twentieth: a stage that few requests have may be absent by chance.
            if (_before.Events >= MinEvents && _current.Events >= MinEvents && _before.Stages[stage] * 20L >= _before.Events && _current.Stages[stage] == 0)
            {
                missing.Add($"stage {s_names[stage]} no longer comes");
            }
        }

        if (_before.Started >= MinStarted && (_before.Ended + _current.Ended) * 2L < _before.Started)
        {
            missing.Add("long-running requests begin (ResponseStarted) and their end (ResponseComplete) is not told");
        }

        (_before, _current) = (_current, new Counts());
        return missing;
    }

    private sealed class Counts
    {
        public int Events { get; set; }

        public int[] Stages { get; } = new int[s_names.Length];

        public int Started { get; set; }

        public int Ended { get; set; }
    }
}
