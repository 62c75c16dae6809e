using System.Buffers;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Text;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;

namespace Vedette.Policy.Simulation;

/// <summary>
/// Runs the events of a log, taken at a higher level, through a policy: which of them kube-apiserver would have written, with which bytes, and what that adds up to. Attributes come from verb,
/// requestURI and user, so events may come in any order. One thread.
/// </summary>
public sealed class PolicySimulator
{
    /// <summary>Most resources, and most users, counted by name; all others count together.</summary>
    public const int MaxNames = 10_000;

    /// <summary>Name of the share of all beyond <see cref="MaxNames"/>.</summary>
    public const string Others = "(others)";

    private readonly CompiledPolicy _policy;
    private readonly EventAttributes _attributes;
    private readonly EventRewriter _rewriter = new();
    private readonly Dictionary<byte[], Share> _resources = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], Share> _users = new(Utf8Comparer.Instance);
    private readonly Share[] _levels = [.. Enumerable.Range(0, 4).Select(_ => new Share())];
    private readonly Share[] _rules;
    private readonly byte[] _resourceKey = new byte[512];

    /// <summary>Simulates a policy.</summary>
    public PolicySimulator(CompiledPolicy policy)
        : this(policy, new EventAttributes())
    {
    }

    /// <summary>Simulates a policy beside others that share what they know of requests.</summary>
    public PolicySimulator(CompiledPolicy policy, EventAttributes attributes)
    {
        _policy = policy;
        _attributes = attributes;
        _rules = [.. Enumerable.Range(0, policy.Policy.Rules.Length + 1).Select(_ => new Share())];
    }

    /// <summary>The policy.</summary>
    public AuditPolicy Policy => _policy.Policy;

    /// <summary>All events.</summary>
    public Share Total { get; } = new();

    /// <summary>By level: before by the level recorded, after by the policy's.</summary>
    public IReadOnlyList<Share> Levels => _levels;

    /// <summary>By the rule that decides; the last one is for requests that no rule matches.</summary>
    public IReadOnlyList<Share> Rules => _rules;

    /// <summary>By <c>resource.group/subresource</c>; non-resource requests together.</summary>
    public IEnumerable<(string Name, Share Share)> Resources => Named(_resources);

    /// <summary>By user.</summary>
    public IEnumerable<(string Name, Share Share)> Users => Named(_users);

    /// <summary>Events dropped because the level is None.</summary>
    public Volume LostToLevel => _lostToLevel;

    /// <summary>Events dropped because their stage is omitted.</summary>
    public Volume LostToStages => _lostToStages;

    /// <summary>Bodies cut out of events that are kept: events, and bytes cut.</summary>
    public Volume LostBodies => _lostBodies;

    /// <summary>Managed fields cut out of bodies that are kept.</summary>
    public Volume LostManagedFields => _lostManagedFields;

    /// <summary>Events that the log has at a lower level than the policy would write: their bodies are missing in the figures and in what is emitted.</summary>
    public long RecordedTooLow { get; private set; }

    private Volume _lostToLevel;
    private Volume _lostToStages;
    private Volume _lostBodies;
    private Volume _lostManagedFields;

    /// <summary>Takes an event.</summary>
    /// <param name="view">The event.</param>
    /// <param name="into">The event as it would have been written goes here, without a line end; nothing when it would not. Null: only counted.</param>
    /// <returns>True when it would have been written.</returns>
    public bool Add(in EventView view, IBufferWriter<byte>? into)
    {
        PolicyAnswer answer = _policy.Evaluate(_attributes.RequestOf(view), _attributes.UserOf(view));
        AuditLevel recorded = LevelOf(view[AuditField.Level].Raw);
        long before = view.Json.Length + 1;
        Share rule = answer.Rule < 0 ? _rules[^1] : _rules[answer.Rule];
        Share resource = ResourceOf(view);
        Share user = Find(_users, view[AuditField.UserName].Raw);
        Total.AddBefore(before);
        _levels[(int)recorded].AddBefore(before);
        rule.AddBefore(before);
        resource.AddBefore(before);
        user.AddBefore(before);
        if (answer.Level == AuditLevel.None)
        {
            _lostToLevel.Add(before);
            return false;
        }

        if ((StageOf(view[AuditField.Stage].Raw) & answer.OmitStages) != AuditStage.None)
        {
            _lostToStages.Add(before);
            return false;
        }

        if (recorded < answer.Level)
        {
            RecordedTooLow++;
            answer = answer with { Level = recorded == AuditLevel.None ? AuditLevel.Metadata : recorded };
        }

        long after = _rewriter.Write(view, answer, into) + 1;
        Total.AddAfter(after);
        _levels[(int)answer.Level].AddAfter(after);
        rule.AddAfter(after);
        resource.AddAfter(after);
        user.AddAfter(after);
        if (_rewriter.BodiesCut > 0)
        {
            _lostBodies.Add(_rewriter.BodiesCut);
        }

        if (_rewriter.ManagedFieldsCut > 0)
        {
            _lostManagedFields.Add(_rewriter.ManagedFieldsCut);
        }

        return true;
    }

    private Share ResourceOf(in EventView view)
    {
        JsonValue resource = view[AuditField.ObjectResource];
        ReadOnlySpan<byte> group = view[AuditField.ObjectApiGroup].Raw;
        ReadOnlySpan<byte> subresource = view[AuditField.ObjectSubresource].Raw;
        if (!resource.Exists)
        {
            return Find(_resources, "(non-resource)"u8);
        }

        Span<byte> key = _resourceKey;
        if (resource.Raw.Length + group.Length + subresource.Length + 2 > key.Length)
        {
            return Find(_resources, "(others)"u8);
        }

        int length = Append(key, 0, default, resource.Raw);
        length = group.IsEmpty ? length : Append(key, length, "."u8, group);
        length = subresource.IsEmpty ? length : Append(key, length, "/"u8, subresource);
        return Find(_resources, key[..length]);
    }

    private static int Append(Span<byte> key, int at, ReadOnlySpan<byte> separator, ReadOnlySpan<byte> text)
    {
        separator.CopyTo(key[at..]);
        text.CopyTo(key[(at + separator.Length)..]);
        return at + separator.Length + text.Length;
    }

    private static Share Find(Dictionary<byte[], Share> shares, ReadOnlySpan<byte> name)
    {
        Dictionary<byte[], Share>.AlternateLookup<ReadOnlySpan<byte>> byBytes = shares.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (byBytes.TryGetValue(name, out Share? share))
        {
            return share;
        }

        ReadOnlySpan<byte> key = shares.Count < MaxNames ? name : "(others)"u8;
        if (!byBytes.TryGetValue(key, out share))
        {
            byBytes[key] = share = new Share();
        }

        return share;
    }

    private static IEnumerable<(string Name, Share Share)> Named(Dictionary<byte[], Share> shares) => shares
        .Select(pair => (Name: new JsonValue(pair.Key, JsonKind.String).AsString() ?? "", Share: pair.Value))
        .OrderByDescending(pair => pair.Share.Before.Bytes).ThenBy(pair => pair.Name, StringComparer.Ordinal);

    private static AuditLevel LevelOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("RequestResponse"u8) ? AuditLevel.RequestResponse : name.SequenceEqual("Request"u8) ? AuditLevel.Request
        : name.SequenceEqual("Metadata"u8) ? AuditLevel.Metadata : AuditLevel.None;

    private static AuditStage StageOf(ReadOnlySpan<byte> name)
    {
        Span<char> chars = stackalloc char[32];
        return name.Length <= chars.Length && Encoding.ASCII.TryGetChars(name, chars, out int length) ? AuditStages.Named(chars[..length]) : AuditStage.None;
    }
}
