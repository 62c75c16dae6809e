using System.Collections.Immutable;
using Vedette.Server.Logging;
using Vedette.Sources.Tailing;

namespace Vedette.Server.Hosting;

/// <summary>Puts into the log what goes wrong with sources that are read, and when it is over. One thread at a time.</summary>
/// <param name="sources">The sources.</param>
/// <param name="log">The log.</param>
internal sealed class SourceProblems(ImmutableArray<SourceStatus> sources, IServerLog log)
{
    private readonly long[] _told = new long[sources.Length];
    private readonly bool[] _isWrong = new bool[sources.Length];

    /// <summary>Tells what is new since the last call; of several problems of a source the last, with how many there were.</summary>
    public void Tell()
    {
        for (int i = 0; i < sources.Length; i++)
        {
            SourceStatus source = sources[i];
            long problems = source.Problems;
            if (problems != _told[i] && source.LastProblem is { } last)
            {
                log.Warning("a source has a problem", ("source", source.Name), ("cluster", source.Cluster), ("problem", last.Message), ("since", last.Since), ("problems", problems - _told[i]));
                (_told[i], _isWrong[i]) = (problems, true);
            }
            else if (_isWrong[i] && source.Problem is null)
            {
                log.Information("a source is well again", ("source", source.Name), ("cluster", source.Cluster));
                _isWrong[i] = false;
            }
        }
    }
}
