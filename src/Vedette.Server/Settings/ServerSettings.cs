using System.Collections.Immutable;
using System.Net;
using Vedette.Audit.Batches;
using Vedette.Pipeline.Serving;
using Vedette.Pipeline.Watching;
using Vedette.Server.Access;
using Vedette.Sinks.Routing;
using Vedette.Sources.Settings;
using Vedette.Storage.Journals;

namespace Vedette.Server.Settings;

/// <summary>How a server runs: what a settings file says, and for the rest what suits one that is tried on a laptop. Immutable; a reload makes another.</summary>
public sealed record ServerSettings
{
    /// <summary>The data directory unless said otherwise.</summary>
    public const string DefaultData = "vedette-data";

    /// <summary>Address and port unless said otherwise: nobody else reaches it.</summary>
    public static readonly IPEndPoint DefaultListen = new(IPAddress.Loopback, 8080);

    /// <summary>The settings file; null when there is none.</summary>
    public string? File { get; init; }

    /// <summary>The data directory.</summary>
    public string Data { get; init; } = DefaultData;

    /// <summary>The file of the store's key; null for the one beside the data directory.</summary>
    public string? Key { get; init; }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Listen { get; init; } = DefaultListen;

    /// <summary>Certificates; null for plain HTTP, which is for loopback only.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>Who may use it, beside clusters that send.</summary>
    public ImmutableArray<UserSettings> Users { get; init; } = [];

    /// <summary>Clusters whose events are taken. Empty: any name, from senders whose credentials are good for all.</summary>
    public ImmutableArray<ClusterSettings> Clusters { get; init; } = [];

    /// <summary>What needs no credentials although it would: <c>audit</c>, <c>metrics</c>, <c>api</c>.</summary>
    public ImmutableHashSet<string> Open { get; init; } = [];

    /// <summary>Rule files and directories; empty for the pack.</summary>
    public ImmutableArray<string> Rules { get; init; } = [];

    /// <summary>Detection.</summary>
    public DetectionOptions Detection { get; init; } = new();

    /// <summary>What the journal of events keeps.</summary>
    public JournalRetention Retention { get; init; } = new();

    /// <summary>How its journals store. Settings files do not say it.</summary>
    public JournalOptions Journal { get; init; } = new();

    /// <summary>Files that are followed.</summary>
    public SourcesSettings Sources { get; init; } = new([], null);

    /// <summary>Whom findings are told.</summary>
    public RoutingTable Routing { get; init; } = RoutingTable.Empty;

    /// <summary>How it watches what feeds it.</summary>
    public WatchSettings Watch { get; init; } = new();

    /// <summary>Limits.</summary>
    public LimitSettings Limits { get; init; } = new();
}

/// <summary>Certificates of the server, and of those who may show one.</summary>
/// <param name="Certificate">PEM file with the certificate and those up to the root.</param>
/// <param name="Key">PEM file with its key.</param>
/// <param name="ClientCa">PEM file with the authorities whose client certificates are believed; null: none.</param>
public sealed record TlsSettings(string Certificate, string Key, string? ClientCa);

/// <summary>Somebody who may use the server.</summary>
/// <param name="Name">Name, for Vedette's own audit log.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Credential">How it is known.</param>
/// <param name="Clusters">The clusters it sees; empty for all.</param>
public sealed record UserSettings(string Name, Role Role, Credential Credential, ImmutableArray<string> Clusters);

/// <summary>A cluster whose events are taken.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Credentials">How its senders are known; each is good for this cluster alone.</param>
public sealed record ClusterSettings(string Name, ImmutableArray<Credential> Credentials);

/// <summary>Limits of a server.</summary>
public sealed record LimitSettings
{
    /// <summary>Least <see cref="Memory"/>: what the program takes by itself, its identities of events and a commit leave less than half of it.</summary>
    public const long LeastMemory = 256_000_000;

    /// <summary>Bytes for blocks that are read back from the disk, by detection when it is behind and by whoever looks at events: one for each, of 8 MB (<see cref="JournalOptions.MaxGroupBytes"/>) and what it was compressed to.</summary>
    public const long ReadBack = 16 * 1024 * 1024;

    private readonly long? _memory;
    private readonly long? _maxBody;
    private readonly long? _maxInFlight;

    /// <summary>
    /// Bytes of memory that the server is to take; unless said otherwise 1 GB, or four times <see cref="MaxInFlight"/> where that is said to be more. A quarter is for the buffers of bodies and of what was stored last, a quarter
    /// for what detection remembers; the rest is for all else that has bounds of its own, and for what the collector has not collected yet.
    /// </summary>
    public long Memory
    {
        get => _memory ?? Math.Max(1_000_000_000, 4 * _maxInFlight ?? 0);
        init => _memory = value;
    }

    /// <summary>
    /// Most bytes of one body, as it comes and decompressed; unless said otherwise 256 MiB, and no more than fits into <see cref="MaxInFlight"/> with its redacted copy. kube-apiserver's batches have no limit of their own;
    /// tens of megabytes were seen.
    /// </summary>
    public long MaxBody
    {
        get => _maxBody ?? Math.Min(256L * 1024 * 1024, MaxInFlight / 2);
        init => _maxBody = value;
    }

    /// <summary>Most bytes of all bodies being dealt with at once, each with its redacted copy; more are asked to come again. Unless said otherwise an eighth of <see cref="Memory"/>, and never more than a quarter.</summary>
    public long MaxInFlight
    {
        get => _maxInFlight ?? Memory / 8;
        init => _maxInFlight = value;
    }

    /// <summary>
    /// Bytes of memory that large buffers are cut from (<see cref="BatchBuffers"/>): those of bodies, one and a half times <see cref="MaxInFlight"/>, for a buffer that grows is copied, and what is to be written is compressed
    /// beside it; what is stored and was not evaluated yet; and blocks that are read back (<see cref="ReadBack"/>). A quarter of <see cref="Memory"/> and a little more unless more is said to be for bodies.
    /// </summary>
    public long Buffers => MaxInFlight / 2 * 3 + Recent + ReadBack;

    /// <summary>Most bytes of what detection remembers (<see cref="DetectionOptions.Memory"/>): a quarter of <see cref="Memory"/>.</summary>
    public long Detection => Memory / 4;

    /// <summary>Most bytes of what is stored and was not evaluated yet (<see cref="Storage.Stores.StoreOptions.RecentBytes"/>): a sixteenth of <see cref="Memory"/>.</summary>
    public long Recent => Memory / 16;

    /// <summary>Most bytes of buffers that connections received into and that are kept for the next: a sixteenth of <see cref="Memory"/>.</summary>
    public long ReceiveBuffers => Memory / 16;

    /// <summary>Most connections.</summary>
    public int MaxConnections { get; init; } = 1_000;
}
