using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Text;

namespace Vedette.Pipeline.Watching;

/// <summary>
/// Counts events and requests for dashboards. What a client can write becomes a label only within bounds: verbs that Kubernetes has, the first <see cref="MaxUsers"/> users of a cluster (who have
/// authenticated; all nodes are one), the first <see cref="MaxResources"/> resources of a cluster that a request succeeded on; all else is <c>other</c>. Safe for threads; an event like one before
/// allocates nothing.
/// </summary>
public sealed class EventMetrics
{
    /// <summary>Most users of a cluster that have a label of their own.</summary>
    public const int MaxUsers = 100;

    /// <summary>Most resources, with subresource, of a cluster that have a label of their own.</summary>
    public const int MaxResources = 300;

    /// <summary>Most series of requests.</summary>
    public const int MaxRequestSeries = 10_000;

    /// <summary>Most series of events.</summary>
    public const int MaxEventSeries = 5_000;

    /// <summary>Most pairs of cluster and source told apart; further ones are <c>other</c>.</summary>
    public const int MaxScopes = 1_024;

    /// <summary>Most combinations of an event's fields whose series are remembered; others are looked up by text.</summary>
    public const int MaxRemembered = 32_768;

    /// <summary>Places of those that came last, found without the dictionary; a power of two.</summary>
    private const int NearPlaces = 8_192;

    /// <summary>The user that all nodes are counted as.</summary>
    public const string Nodes = "system:nodes";

    // One length byte goes before each text of a key.
    private const int MaxKeyText = 128;
    private const int MaxKeyLength = 4 + 4 * (1 + MaxKeyText);

    private static readonly string[] s_stages = [LabelText.Other, "RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];
    private static readonly string[] s_levels = [LabelText.Other, "Metadata", "Request", "RequestResponse"];

    // pkg/endpoints/request/requestinfo.go: verbs of resources, and the methods of HTTP for paths that are none. A client can send any method.
    private static readonly FrozenSet<string> s_verbs = FrozenSet.Create(
        StringComparer.Ordinal, "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy", "post", "put", "head", "options", "connect");

    private readonly MetricFamily<Counter> _events;
    private readonly MetricFamily<Counter> _bytes;
    private readonly MetricFamily<Counter> _requests;
    private readonly MetricRegistry _registry;
    private readonly ConcurrentDictionary<(string Cluster, string Source), Scope> _scopes = new();
    private readonly ConcurrentDictionary<string, Names> _names = new(StringComparer.Ordinal);
    private readonly Tally?[] _near = new Tally?[NearPlaces];
    private int _remembered;
    private LastScope? _last;

    /// <summary>Makes the metrics.</summary>
    /// <param name="registry">Where they are written.</param>
    public EventMetrics(MetricRegistry registry)
    {
        _registry = registry;
        _events = registry.Counter(
            "vedette_events_total", null, "Audit events taken in, without duplicates.", ["cluster", "source", "stage", "level", "verb", "code_class"], MaxEventSeries, kept: 2);
        _bytes = registry.Counter("vedette_event_bytes_total", "bytes", "Bytes of audit events taken in, without duplicates, before redaction.", ["cluster", "source"]);
        _requests = registry.Counter(
            "vedette_api_requests_total", null, "Requests to the API server that ended, by the user who authenticated; nodes are one user.", ["cluster", "user", "verb", "resource", "code"], MaxRequestSeries,
            kept: 1);
    }

    /// <summary>What the decoder must be asked for.</summary>
    public static FieldSet Fields { get; } = FieldSet.Of(
        AuditField.Stage, AuditField.Level, AuditField.Verb, AuditField.UserName, AuditField.ObjectResource, AuditField.ObjectSubresource, AuditField.ResponseCode);

    /// <summary>Counts an event. A request is counted once: when it completes, panics, or is turned away before anybody is known to have made it.</summary>
    /// <param name="view">The event, decoded with at least <see cref="Fields"/>.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="source">The source it came by.</param>
    public void Add(in EventView view, string cluster, string source)
    {
        // Nearly always it is the one of the event before.
        LastScope? last = Volatile.Read(ref _last);
        Scope? scope = last?.Scope;
        if (scope is null || last!.Cluster != cluster || last.Source != source)
        {
            if (!_scopes.TryGetValue((cluster, source), out scope))
            {
                scope = ScopeOf(cluster, source);
            }

            Volatile.Write(ref _last, new LastScope(cluster, source, scope));
        }

        Span<byte> room = stackalloc byte[MaxKeyLength];
        int stage = StageOf(view[AuditField.Stage]);
        int code = view[AuditField.ResponseCode].TryGetInt64(out long number) && number is >= 100 and <= 599 ? (int)number : 0;
        room[0] = (byte)stage;
        room[1] = (byte)LevelOf(view[AuditField.Level]);
        BinaryPrimitives.WriteUInt16LittleEndian(room[2..], (ushort)code);
        int length = 4;
        Append(view[AuditField.Verb], room, ref length);
        Append(view[AuditField.ObjectResource], room, ref length);
        Append(view[AuditField.ObjectSubresource], room, ref length);
        Append(view[AuditField.UserName], room, ref length);
        ReadOnlySpan<byte> key = room[..length];
        ref Tally? near = ref _near[PlaceOf(key)];
        Tally? tally = Volatile.Read(ref near);
        if (tally is null || tally.Scope != scope || !key.SequenceEqual(tally.Key))
        {
            if (!scope.Lookup.TryGetValue(key, out tally))
            {
                tally = Resolve(scope, key);
            }

            if (tally.Key.Length > 0)
            {
                Volatile.Write(ref near, tally);
            }
        }

        tally.Events.Add();
        tally.Requests?.Add();
        scope.Bytes.Add(view.Json.Length);
    }

    private Scope ScopeOf(string cluster, string source)
    {
        (cluster, source) = _scopes.Count < MaxScopes ? (cluster, source) : (LabelText.Other, LabelText.Other);
        return _scopes.GetOrAdd((cluster, source), key => new Scope(key.Cluster, key.Source, _names.GetOrAdd(key.Cluster, _ => new Names()), _bytes.With(key.Cluster, key.Source)));
    }

    private Tally Resolve(Scope scope, ReadOnlySpan<byte> key)
    {
        int stage = key[0];
        int code = BinaryPrimitives.ReadUInt16LittleEndian(key[2..]);
        ReadOnlySpan<byte> rest = key[4..];
        string verb = Next(ref rest);
        string resource = Next(ref rest);
        string subresource = Next(ref rest);
        string user = Next(ref rest);
        verb = verb.Length == 0 || s_verbs.Contains(verb) ? verb : LabelText.Other;
        string codeClass = code == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{code / 100}xx");
        Counter events = _events.With(scope.Cluster, scope.Source, s_stages[stage], s_levels[key[1]], verb, codeClass);
        bool isRequest = stage is 3 or 4 || (stage == 2 && user.Length == 0);
        if (!isRequest)
        {
            return Remember(scope, new Tally(scope, key.ToArray(), events, null));
        }

        // A resource is what the path says, so that any text can be one, until a request on it succeeds.
        resource = subresource.Length > 0 ? $"{resource}/{subresource}" : resource;
        bool isKnown = resource.Length == 0 || scope.Names.Resources.Admit(resource, mayGrow: code is >= 100 and < 400);
        if (user.StartsWith("system:node:", StringComparison.Ordinal))
        {
            user = Nodes;
        }
        else if (user.Length > 0 && !scope.Names.Users.Admit(user, mayGrow: true))
        {
            user = LabelText.Other;
            _registry.Dropped(_requests.Name);
        }

        string codeText = code == 0 ? "none" : code.ToString(CultureInfo.InvariantCulture);
        Counter requests = _requests.With(scope.Cluster, user, verb, isKnown ? resource : LabelText.Other, codeText);
        if (isKnown)
        {
            return Remember(scope, new Tally(scope, key.ToArray(), events, requests));
        }

        // Not remembered: it may become known, and texts that somebody made up would fill the memory.
        _registry.Dropped(_requests.Name);
        return new Tally(scope, [], events, requests);
    }

    private Tally Remember(Scope scope, Tally tally)
    {
        if (Volatile.Read(ref _remembered) < MaxRemembered && scope.Tallies.TryAdd(tally.Key, tally))
        {
            Interlocked.Increment(ref _remembered);
        }

        return tally;
    }

    /// <summary>Where a key may be among those that came last. Whoever makes keys up that share a place makes only these slower.</summary>
    private static int PlaceOf(ReadOnlySpan<byte> key)
    {
        ulong hash = 0;
        ReadOnlySpan<byte> rest = key;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest)) * 0x9E37_79B9_7F4A_7C15;
            hash ^= hash >> 32;
        }

        // The last eight bytes, some of them a second time: a key has that many.
        hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key[^sizeof(ulong)..])) * 0x9E37_79B9_7F4A_7C15;
        return (int)(hash >> 32) & (NearPlaces - 1);
    }

    private static int StageOf(JsonValue value) =>
        value.StringEquals("ResponseComplete"u8) ? 3 : value.StringEquals("RequestReceived"u8) ? 1 : value.StringEquals("ResponseStarted"u8) ? 2 : value.StringEquals("Panic"u8) ? 4 : 0;

    private static int LevelOf(JsonValue value) => value.StringEquals("Metadata"u8) ? 1 : value.StringEquals("Request"u8) ? 2 : value.StringEquals("RequestResponse"u8) ? 3 : 0;

    private static void Append(JsonValue value, Span<byte> room, ref int length)
    {
        ReadOnlySpan<byte> text = value.Kind == JsonKind.String ? value.Utf8Text() : default;
        text = text[..Math.Min(text.Length, MaxKeyText)];
        room[length] = (byte)text.Length;
        text.CopyTo(room[(length + 1)..]);
        length += 1 + text.Length;
    }

    private static string Next(ref ReadOnlySpan<byte> rest)
    {
        string text = Encoding.UTF8.GetString(rest.Slice(1, rest[0]));
        rest = rest[(rest[0] + 1)..];
        return text;
    }

    /// <summary>What a pair of cluster and source counts in.</summary>
    private sealed record LastScope(string Cluster, string Source, Scope Scope);

    /// <summary>The series that an event of a source counts in; without a key where it is not remembered.</summary>
    private sealed record Tally(Scope Scope, byte[] Key, Counter Events, Counter? Requests);

    /// <summary>What is counted of one source of one cluster.</summary>
    private sealed class Scope
    {
        public Scope(string cluster, string source, Names names, Counter bytes)
        {
            Cluster = cluster;
            Source = source;
            Names = names;
            Bytes = bytes;
            Lookup = Tallies.GetAlternateLookup<ReadOnlySpan<byte>>();
        }

        public string Cluster { get; }

        public string Source { get; }

        public Names Names { get; }

        public Counter Bytes { get; }

        public ConcurrentDictionary<byte[], Tally> Tallies { get; } = new(Utf8Comparer.Instance);

        public ConcurrentDictionary<byte[], Tally>.AlternateLookup<ReadOnlySpan<byte>> Lookup { get; }
    }

    /// <summary>The names of a cluster that have a label.</summary>
    private sealed class Names
    {
        public BoundedNames Users { get; } = new(MaxUsers);

        public BoundedNames Resources { get; } = new(MaxResources);
    }

    /// <summary>The first so many names.</summary>
    private sealed class BoundedNames(int most)
    {
        private readonly ConcurrentDictionary<string, bool> _names = new(StringComparer.Ordinal);
        private readonly Lock _growing = new();

        public bool Admit(string name, bool mayGrow)
        {
            if (_names.ContainsKey(name))
            {
                return true;
            }

            lock (_growing)
            {
                return mayGrow && _names.Count < most && (_names.TryAdd(name, true) || _names.ContainsKey(name));
            }
        }
    }
}
