using System.Security.Cryptography;
using Vedette.Sinks.Http;

namespace Vedette.Pipeline.Telling;

/// <summary>What telling is given from outside.</summary>
public sealed record TellingOptions
{
    /// <summary>The program's standard output, for receivers of that kind.</summary>
    public required Stream StandardOutput { get; init; }

    /// <summary>Told what an operator should know, one line at a time, visible and without secrets. May be called by several threads.</summary>
    public required Action<string> Log { get; init; }

    /// <summary>Makes what speaks HTTP.</summary>
    public Func<HttpSettings, HttpMessageHandler> Handler { get; init; } = HttpHandlers.Create;

    /// <summary>Gives numbers from 0 to 1 for waits that differ from receiver to receiver.</summary>
    public Func<double> Jitter { get; init; } = () => RandomNumberGenerator.GetInt32(1 << 30) / (double)(1 << 30);

    /// <summary>At most this often a receiver's place in the journal is written down; after a crash it is told again what it was told since.</summary>
    public TimeSpan CursorInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a request under way may go on when telling is stopped.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(2);
}
