using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

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

    /// <summary>Most operations, and most users, whose series are remembered; others are looked up by text.</summary>
    public const int MaxRemembered = 8_192;

    /// <summary>The user that all nodes are counted as.</summary>
    public const string Nodes = "system:nodes";

    // One length byte goes before each text of a key.
    private const int MaxKeyText = 128;
    private const int MaxKeyLength = KeyHead + 3 * (1 + MaxKeyText);

    // Of an operation: number of the scope (2 bytes), stage, level, code (2), whether it is a request (2). Of a user: number of its cluster's names.
    private const int KeyHead = 8;

    private static readonly string[] s_stages = [LabelText.Other, "RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];
    private static readonly string[] s_levels = [LabelText.Other, "Metadata", "Request", "RequestResponse"];

    // pkg/endpoints/request/requestinfo.go: verbs of resources, and the methods of HTTP for paths that are none. A client can send any method.
    private static readonly FrozenSet<string> s_verbs = FrozenSet.Create(
        StringComparer.Ordinal, "", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy", "post", "put", "head", "options", "connect");

    private readonly MetricFamily<Counter> _events;
    private readonly MetricFamily<Counter> _bytes;
    private readonly MetricFamily<Counter> _requests;
    private readonly MetricRegistry _registry;
    private readonly ConcurrentDictionary<(string Cluster, string Source), Scope> _scopes = new();
    private readonly ConcurrentDictionary<string, Names> _names = new(StringComparer.Ordinal);
    private readonly KeyMemory<Operation> _operations = new(MaxRemembered);
    private readonly KeyMemory<User> _users = new(MaxRemembered);
    private LastScope? _last;
    private int _numbers;

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
        JsonValue user = view[AuditField.UserName];
        int stage = StageOf(view[AuditField.Stage]);
        bool isRequest = stage is 3 or 4 || (stage == 2 && !(user.Kind == JsonKind.String && user.Raw.Length > 0));
        int code = view[AuditField.ResponseCode].TryGetInt64(out long number) && number is >= 100 and <= 599 ? (int)number : 0;
        BinaryPrimitives.WriteUInt16LittleEndian(room, (ushort)scope.Number);
        room[2] = (byte)stage;
        room[3] = (byte)LevelOf(view[AuditField.Level]);
        BinaryPrimitives.WriteUInt16LittleEndian(room[4..], (ushort)code);
        BinaryPrimitives.WriteUInt16LittleEndian(room[6..], (ushort)(isRequest ? 1 : 0));
        int length = KeyHead;
        Append(view[AuditField.Verb], room, ref length);
        Append(isRequest ? view[AuditField.ObjectResource] : default, room, ref length);
        Append(isRequest ? view[AuditField.ObjectSubresource] : default, room, ref length);
        Operation operation = _operations.Find(room[..length]) ?? OperationOf(scope, room[..length]);
        operation.Events.Add();
        scope.Bytes.Add(view.Json.Length);
        if (isRequest)
        {
            RequestsOf(operation, UserOf(scope.Names, user, room)).Add();
        }
    }

    private Scope ScopeOf(string cluster, string source)
    {
        (cluster, source) = _scopes.Count < MaxScopes ? (cluster, source) : (LabelText.Other, LabelText.Other);
        return _scopes.GetOrAdd(
            (cluster, source),
            key => new Scope(Interlocked.Increment(ref _numbers), key.Cluster, _names.GetOrAdd(key.Cluster, _ => new Names(Interlocked.Increment(ref _numbers))), key.Source, _bytes.With(key.Cluster, key.Source)));
    }

    private Operation OperationOf(Scope scope, ReadOnlySpan<byte> key)
    {
        int stage = key[2];
        int code = BinaryPrimitives.ReadUInt16LittleEndian(key[4..]);
        bool isRequest = key[6] == 1;
        ReadOnlySpan<byte> rest = key[KeyHead..];
        string verb = Next(ref rest);
        string resource = Next(ref rest);
        string subresource = Next(ref rest);
        resource = subresource.Length > 0 ? $"{resource}/{subresource}" : resource;
        string codeClass = code == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{code / 100}xx");
        string codeText = code == 0 ? "none" : code.ToString(CultureInfo.InvariantCulture);
        bool isVerb = s_verbs.Contains(verb);
        verb = isVerb ? verb : LabelText.Other;
        Counter events = _events.With(scope.Cluster, scope.Source, s_stages[stage], s_levels[key[3]], verb, codeClass);

        // A resource is what the path says, so that any text can be one, until a request on it succeeds.
        bool isKnown = !isRequest || resource.Length == 0 || scope.Names.Admits(resource, mayGrow: code is >= 100 and < 400);
        if (!isKnown)
        {
            _registry.Dropped(_requests.Name);
        }

        // What is not known is not remembered: it may become known, and texts that somebody made up would fill the memory.
        Operation operation = new(key, scope.Cluster, events, verb, isKnown ? resource : LabelText.Other, codeText);
        if (isKnown && isVerb && _operations.Remember(key, ref operation) && isRequest)
        {
            operation.Requests ??= new Counter?[UserLabel.Most];
        }

        return operation;
    }

    private UserLabel UserOf(Names names, JsonValue name, Span<byte> room)
    {
        BinaryPrimitives.WriteInt64LittleEndian(room, names.Number);
        int length = KeyHead;
        Append(name, room, ref length);
        ReadOnlySpan<byte> key = room[..length];
        ReadOnlySpan<byte> text = key[(KeyHead + 1)..];
        if (text.IsEmpty)
        {
            return UserLabel.Nobody;
        }

        if (text.StartsWith("system:node:"u8))
        {
            return UserLabel.Nodes;
        }

        if (_users.Find(key) is { } known)
        {
            return known.Label;
        }

        UserLabel? label = names.LabelOf(Encoding.UTF8.GetString(text));
        if (label is null)
        {
            _registry.Dropped(_requests.Name);
        }

        User user = new(key, label ?? UserLabel.Other);
        _users.Remember(key, ref user);
        return user.Label;
    }

    private Counter RequestsOf(Operation operation, UserLabel user)
    {
        if (operation.Requests?[user.Number] is { } known)
        {
            return known;
        }

        Counter requests = _requests.With(operation.Cluster, user.Text, operation.Verb, operation.Resource, operation.Code);
        operation.Requests?[user.Number] = requests;
        return requests;
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

    /// <summary>What is counted of one source of one cluster.</summary>
    private sealed record Scope(int Number, string Cluster, Names Names, string Source, Counter Bytes);

    /// <summary>What events are alike in but for their user, and where they count.</summary>
    private sealed class Operation(ReadOnlySpan<byte> key, string cluster, Counter events, string verb, string resource, string code) : KeyedEntry(key)
    {
        public string Cluster => cluster;

        public Counter Events => events;

        public string Verb => verb;

        public string Resource => resource;

        public string Code => code;

        /// <summary>Requests by the number of the user's label, null where there was none; null where they are looked up by text.</summary>
        public Counter?[]? Requests { get; set; }
    }

    /// <summary>A user and its label.</summary>
    private sealed class User(ReadOnlySpan<byte> key, UserLabel label) : KeyedEntry(key)
    {
        public UserLabel Label => label;
    }

    /// <summary>What a user is called among the labels of its cluster.</summary>
    private sealed record UserLabel(int Number, string Text)
    {
        /// <summary>Numbers of a cluster.</summary>
        public const int Most = FirstOfNames + MaxUsers;

        /// <summary>The first number of a user with a label of its own.</summary>
        public const int FirstOfNames = 3;

        public static readonly UserLabel Nobody = new(0, "");

        public static readonly UserLabel Other = new(1, LabelText.Other);

        public static readonly UserLabel Nodes = new(2, EventMetrics.Nodes);
    }

    /// <summary>The names of a cluster that have a label: the first so many.</summary>
    private sealed class Names(int number)
    {
        private readonly Dictionary<string, UserLabel> _users = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, bool> _resources = new(StringComparer.Ordinal);
        private readonly Lock _growing = new();

        public int Number => number;

        /// <summary>The label of a user; null when it has none of its own.</summary>
        public UserLabel? LabelOf(string user)
        {
            lock (_growing)
            {
                if (!_users.TryGetValue(user, out UserLabel? label) && _users.Count < MaxUsers)
                {
                    label = new UserLabel(UserLabel.FirstOfNames + _users.Count, user);
                    _users.Add(user, label);
                }

                return label;
            }
        }

        /// <summary>Has a resource a label?</summary>
        public bool Admits(string resource, bool mayGrow)
        {
            if (_resources.ContainsKey(resource))
            {
                return true;
            }

            lock (_growing)
            {
                return mayGrow && _resources.Count < MaxResources && (_resources.TryAdd(resource, true) || _resources.ContainsKey(resource));
            }
        }
    }
}
