using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;
using Vedette.Detection.Fields;
using Vedette.Detection.Packing;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Findings;

/// <summary>
/// Who did what to what, in one block of a few hundred bytes: matches are remembered by the ten thousand, and of few a finding is told. Evidence of a correlation is what its finding says of the events,
/// without group and window. Equal to another when it is the same place of the same block.
/// </summary>
public readonly record struct Evidence
{
    // The digest's length and the digest, first so that matches are compared without a look at the rest; which of the members below are there; then the members, in the order in which they are read below.
    private const int HasTime = 1;
    private const int HasCode = 2;
    private const int HasTarget = 4;
    private const int HasOrigin = 8;
    private const int HasSpread = 16;
    private const int HasRawGroups = 32;

    /// <summary>Longest list of groups that is kept as it is written in the event, in bytes; of a longer one the texts are.</summary>
    private const int MaxRawGroups = 1024;

    // What is unpacked for another finding names no rule.
    private static readonly DetectionRule s_unknown = new() { Id = "", Title = "", Condition = new Condition.Constant(false) };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_scratch;

    private readonly byte[] _block;
    private readonly int _start;
    private readonly int _length;
    private readonly int _taken;

    /// <summary>What <see cref="Pack(in EventView, string?, PackedWriter)"/> wrote into a block.</summary>
    /// <param name="block">The block, which is not copied.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="taken">Bytes that are kept with it, from its beginning: it is not alone in the block.</param>
    internal Evidence(byte[] block, int start, int length, int taken) => (_block, _start, _length, _taken) = (block, start, length, taken);

    private Evidence(byte[] block)
        : this(block, 0, block.Length, block.Length)
    {
    }

    /// <summary>Digest of what it was made of: of the event's content (<see cref="EventContent"/>); for a correlation its finding's id.</summary>
    public ReadOnlySpan<byte> Content => _block.AsSpan(_start + 1, _block[_start]);

    /// <summary>The effective user.</summary>
    public string User
    {
        get
        {
            PackedReader reader = Members();
            SkipToUser(ref reader);
            return reader.Text();
        }
    }

    /// <summary>The events that it is of, in order.</summary>
    public ImmutableArray<FindingEvent> Events
    {
        get
        {
            PackedReader reader = Members();
            SkipToUser(ref reader);
            reader.SkipText();
            return ReadEvents(ref reader);
        }
    }

    /// <summary>Number of requests.</summary>
    public int Count
    {
        get
        {
            PackedReader reader = Members();
            return SkipToUser(ref reader);
        }
    }

    /// <summary>Bytes that it takes, with those that are kept with it.</summary>
    internal int Size => StateMemory.SizeOf(_block.AsSpan(_start, _taken));

    /// <summary>The packed bytes, for keeping.</summary>
    internal ReadOnlySpan<byte> Packed => _block.AsSpan(_start, _length);

    /// <summary>Packs what is kept of an event into a block, into which something else may go, too.</summary>
    /// <param name="view">The event.</param>
    /// <param name="cluster">Name of the cluster.</param>
    /// <param name="writer">Writes the block.</param>
    internal static void Pack(in EventView view, string? cluster, PackedWriter writer)
    {
        Span<byte> content = stackalloc byte[SHA256.HashSizeInBytes];
        EventContent.Digest("", view, content);
        Pack(view, cluster, content, writer);
    }

    /// <summary>Packs what is kept of an event for one rule alone.</summary>
    /// <param name="view">The event.</param>
    /// <param name="cluster">Name of the cluster.</param>
    /// <param name="content">Digest of the rule and the event's content.</param>
    /// <param name="room">Takes it.</param>
    internal static Evidence Of(in EventView view, string? cluster, ReadOnlySpan<byte> content, MatchRoom room)
    {
        ArrayBufferWriter<byte> scratch = Scratch();
        Pack(view, cluster, content, new PackedWriter(scratch));
        byte[] block = room.Place(scratch.WrittenSpan, out int start);
        return new Evidence(block, start, scratch.WrittenCount, scratch.WrittenCount);
    }

    private static void Pack(in EventView view, string? cluster, ReadOnlySpan<byte> content, PackedWriter writer)
    {
        WriteContent(content, writer);
        DateTimeOffset? time = EventTime.Of(view);
        int? code = Outcome.Code(view);
        bool acted = Actor.HasImpersonatedUser(view);
        bool hasTarget = view[AuditField.ObjectRef].Kind == JsonKind.Object;
        JsonValue groups = view[acted ? AuditField.ImpersonatedUserGroups : AuditField.UserGroups];
        bool hasRawGroups = groups.Kind == JsonKind.Array && groups.Raw.Length <= MaxRawGroups;
        writer.Byte((byte)((time is null ? 0 : HasTime) | (code is null ? 0 : HasCode) | (hasTarget ? HasTarget : 0) | (view.Origin is null ? 0 : HasOrigin) | (hasRawGroups ? HasRawGroups : 0)));
        WriteFixed(time, code, 1, writer);
        Write(view[acted ? AuditField.ImpersonatedUserName : AuditField.UserName], writer, whenMissing: "");
        writer.Number(1);
        Write(view[AuditField.AuditId], writer, whenMissing: "");
        Write(view[AuditField.Stage], writer, whenMissing: "");
        if (hasRawGroups)
        {
            writer.Bytes(groups.Raw);
        }
        else
        {
            writer.Texts(FindingBuilder.Texts(groups));
        }

        Write(acted ? view[AuditField.UserName] : default, writer);
        Write(SourceAddress.Of(view), writer);
        Write(view[AuditField.UserAgent], writer);
        Write(view[AuditField.Verb], writer);
        WriteRequestPath(view, writer);
        Write(view[AuditField.Decision], writer);
        writer.Text(cluster);
        if (hasTarget)
        {
            Write(view[AuditField.ObjectResource], writer, whenMissing: "");
            Write(view[AuditField.ObjectSubresource], writer);
            Write(view[AuditField.ObjectNamespace], writer);
            Write(view[AuditField.ObjectName], writer);
            Write(view[AuditField.ObjectApiGroup], writer);
        }

        WriteOrigin(view.Origin, writer);
    }

    /// <summary>Packs what a finding says of its events.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="content">Digest of what it was made of.</param>
    internal static Evidence Of(Finding finding, ReadOnlySpan<byte> content)
    {
        ArrayBufferWriter<byte> scratch = Scratch();
        PackedWriter writer = new(scratch);
        WriteContent(content, writer);
        writer.Byte((byte)((finding.Time is null ? 0 : HasTime) | (finding.Code is null ? 0 : HasCode) | (finding.Target is null ? 0 : HasTarget) | (finding.Origin is null ? 0 : HasOrigin)
            | (finding.Spread is null ? 0 : HasSpread)));
        WriteFixed(finding.Time, finding.Code, finding.Count, writer);
        writer.Text(finding.Actor.User);
        writer.Number(finding.Events.Length);
        foreach (FindingEvent item in finding.Events)
        {
            writer.Text(item.AuditId);
            writer.Text(item.Stage);
        }

        writer.Texts(finding.Actor.Groups);
        writer.Text(finding.Actor.Impersonator);
        writer.Text(finding.SourceIp);
        writer.Text(finding.UserAgent);
        writer.Text(finding.Verb);
        writer.Text(finding.RequestUri);
        writer.Text(finding.Decision);
        writer.Text(finding.Cluster);
        if (finding.Target is { } target)
        {
            writer.Text(target.Resource);
            writer.Text(target.Subresource);
            writer.Text(target.Namespace);
            writer.Text(target.Name);
            writer.Text(target.ApiGroup);
        }

        WriteOrigin(finding.Origin, writer);
        if (finding.Spread is { } spread)
        {
            writer.Number(spread.Users);
            writer.Number(spread.Targets);
            writer.Number(spread.Sources);
        }

        return new Evidence(scratch.WrittenSpan.ToArray());
    }

    /// <summary>Takes up packed bytes that were kept.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    internal static Evidence Read(ReadOnlySpan<byte> packed)
    {
        if (packed.IsEmpty || packed[0] >= packed.Length)
        {
            throw new InvalidDataException("evidence cut short");
        }

        Evidence evidence = new(packed.ToArray());
        // Whoever needs it later cannot deal with damage.
        evidence.Unpack("", s_unknown);
        return evidence;
    }

    /// <summary>The finding that a rule makes of it.</summary>
    /// <param name="id">The finding's id.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="isLate">True when the event came late.</param>
    /// <param name="news">What is new about it, for people; null for nothing.</param>
    /// <returns>The finding, with its message.</returns>
    public Finding ToFinding(string id, DetectionRule rule, bool isLate = false, string? news = null)
    {
        Finding finding = Unpack(id, rule);
        string message = FindingMessage.Of(finding);
        return finding with { IsLate = isLate, Message = news is null ? message : $"{message}; {news}" };
    }

    /// <summary>As <see cref="ToFinding"/>, without a message and without a rule: for those who make another finding of it.</summary>
    internal Finding Unpack() => Unpack("", s_unknown);

    /// <summary>The evidence of a request of which a later stage has come: that may know the outcome.</summary>
    internal Evidence With(Evidence later)
    {
        ImmutableArray<FindingEvent> events = Events;
        FindingEvent stage = later.Events[0];
        if (events.Contains(stage))
        {
            return this;
        }

        Finding known = Unpack();
        Finding more = later.Unpack();
        return Of(
            known with
            {
                Code = more.Code ?? known.Code,
                Decision = more.Decision ?? known.Decision,
                Target = more.Target ?? known.Target,
                Events = events.Length < FindingCollector.MaxEvents ? events.Add(stage) : events,
            },
            Content);
    }

    private Finding Unpack(string id, DetectionRule rule)
    {
        PackedReader reader = Members();
        byte has = reader.Byte();
        DateTimeOffset? time = (has & HasTime) != 0 ? new DateTimeOffset(reader.Ticks(), TimeSpan.Zero) : null;
        int? code = (has & HasCode) != 0 ? reader.Small() : null;
        int count = reader.Small();
        string user = reader.Text();
        ImmutableArray<FindingEvent> events = ReadEvents(ref reader);
        ImmutableArray<string> groups = (has & HasRawGroups) != 0 ? FindingBuilder.Texts(new JsonValue(reader.Bytes(), JsonKind.Array)) : reader.Texts();
        Finding finding = new()
        {
            Id = id,
            Time = time,
            Rule = rule,
            Code = code,
            Count = count,
            Events = events,
            Actor = new FindingActor(user, groups, reader.TextOrNull()),
            SourceIp = reader.TextOrNull(),
            UserAgent = reader.TextOrNull(),
            Verb = reader.TextOrNull(),
            RequestUri = reader.TextOrNull(),
            Decision = reader.TextOrNull(),
            Cluster = reader.TextOrNull(),
            Target = (has & HasTarget) != 0 ? new FindingTarget(reader.Text(), reader.TextOrNull(), reader.TextOrNull(), reader.TextOrNull(), reader.TextOrNull()) : null,
            Origin = (has & HasOrigin) != 0 ? new EventOrigin(reader.Text(), reader.Number(), reader.Small()) : null,
            Spread = (has & HasSpread) != 0 ? new FindingSpread(reader.Small(), reader.Small(), reader.Small()) : null,
            Message = "",
        };
        return reader.Left.IsEmpty && !events.IsEmpty ? finding : throw new InvalidDataException("evidence with something behind it, or of nothing");
    }

    private PackedReader Members() => new(Packed[(1 + Content.Length)..]);

    private static int SkipToUser(ref PackedReader reader)
    {
        byte has = reader.Byte();
        if ((has & HasTime) != 0)
        {
            reader.Ticks();
        }

        if ((has & HasCode) != 0)
        {
            reader.Small();
        }

        return reader.Small();
    }

    private static ImmutableArray<FindingEvent> ReadEvents(ref PackedReader reader)
    {
        FindingEvent[] events = new FindingEvent[reader.Count()];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = new FindingEvent(reader.Text(), reader.Text());
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(events);
    }

    private static ArrayBufferWriter<byte> Scratch()
    {
        ArrayBufferWriter<byte> scratch = t_scratch ??= new ArrayBufferWriter<byte>(4096);
        scratch.ResetWrittenCount();
        return scratch;
    }

    private static void WriteContent(ReadOnlySpan<byte> content, PackedWriter writer)
    {
        writer.Byte(checked((byte)content.Length));
        writer.Raw(content);
    }

    private static void WriteFixed(DateTimeOffset? time, int? code, int count, PackedWriter writer)
    {
        if (time is { } at)
        {
            writer.Number(at.UtcTicks);
        }

        if (code is { } known)
        {
            writer.Number(known);
        }

        writer.Number(count);
    }

    private static void WriteOrigin(EventOrigin? origin, PackedWriter writer)
    {
        if (origin is { } known)
        {
            writer.Text(known.Source);
            writer.Number(known.Line);
            writer.Number(known.Item);
        }
    }

    /// <summary>Writes a value as <see cref="FindingBuilder"/> would take it over.</summary>
    private static void Write(JsonValue value, PackedWriter writer, string? whenMissing = null)
    {
        if (value.Kind is JsonKind.Missing or JsonKind.Null)
        {
            writer.Text(whenMissing);
        }
        else if (value.Raw.Length <= FindingBuilder.MaxTextLength && !value.IsEscaped)
        {
            writer.Text(value.Raw);
        }
        else
        {
            writer.Text(FindingBuilder.Text(value));
        }
    }

    private static void WriteRequestPath(in EventView view, PackedWriter writer)
    {
        JsonValue uri = view[AuditField.RequestUri];
        ReadOnlySpan<byte> path = uri.Kind == JsonKind.String && uri.Raw.IndexOf((byte)'?') is >= 0 and var query ? uri.Raw[..query] : uri.Raw;
        // What is escaped stands in the query nearly always: each & of it.
        if (uri.Kind == JsonKind.String && path.Length < FindingBuilder.MaxTextLength && (!uri.IsEscaped || !path.Contains((byte)'\\')))
        {
            writer.Text(path);
        }
        else
        {
            writer.Text(FindingBuilder.RequestPathOf(view));
        }
    }
}
