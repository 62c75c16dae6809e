using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>
/// An event that stateful rules matched, taken out of its batch: what windows, new terms and findings need of it, and nothing else. Made by
/// <see cref="Engine.RuleEvaluator.Take"/>, put in order of time by <see cref="EventOrder"/>, which notes its place in it, used by <see cref="StatefulDetector"/>.
/// </summary>
public sealed record EventMatch
{
    /// <summary>Longest text of a value; of a longer one the start and a hash are kept, so that different values stay different.</summary>
    public const int MaxValueLength = 512;

    /// <summary>Most values of one field; further ones are not looked at.</summary>
    public const int MaxValues = 64;

    // Beside its packed bytes: its object, the array that they are in, and its place among others.
    private const int Overhead = 224;

    // In UTC ticks, and what may be missing with a flag: others take twice the room, and matches are held by the ten thousand.
    private long _time;
    private bool _hasTime;
    private UInt128 _request;
    private bool _hasRequest;
    private long _at;
    private ImmutableArray<int> _rules;
    private FieldValues _values;
    private Evidence _evidence;
    private bool _mayContinue;

    /// <summary>The rules that matched, by their place, in order.</summary>
    public required ImmutableArray<int> Rules
    {
        get => _rules;
        init => _rules = value;
    }

    /// <summary>Event time, as claimed; null when the event has none that reads.</summary>
    public DateTimeOffset? Time
    {
        get => _hasTime ? new DateTimeOffset(_time, TimeSpan.Zero) : null;
        init => (_time, _hasTime) = (value?.UtcTicks ?? 0, value is not null);
    }

    /// <summary>Time for windows and order: event time, clamped where arrival is known. <see cref="DateTimeOffset.MinValue"/> where neither is known.</summary>
    public DateTimeOffset At
    {
        get => new(_at, TimeSpan.Zero);
        init => _at = value.UtcTicks;
    }

    /// <summary>True when it came after events that were already evaluated, though it happened before them.</summary>
    public bool IsLate { get; private set; }

    /// <summary>Place of the event's record in the journal it came from; 0 for a log.</summary>
    public long Sequence { get; init; }

    /// <summary>128 bits that all stages of one request share (auditID, requestReceivedTimestamp, user, verb, requestURI); null where the event does not say.</summary>
    public UInt128? Request
    {
        get => _hasRequest ? _request : null;
        init => (_request, _hasRequest) = (value.GetValueOrDefault(), value is not null);
    }

    /// <summary>True when another stage of the request may follow.</summary>
    public bool MayContinue
    {
        get => _mayContinue;
        init => _mayContinue = value;
    }

    /// <summary>Values of the fields that the rules group, count or compare by. A field that is missing or null has none.</summary>
    public required FieldValues Values
    {
        get => _values;
        init => _values = value;
    }

    /// <summary>Who did what to what.</summary>
    public required Evidence Evidence
    {
        get => _evidence;
        init => _evidence = value;
    }

    /// <summary>Bytes that it takes while it is held: its object and those it alone refers to, and its place among others.</summary>
    internal int Size => Overhead + Evidence.Packed.Length + Values.Packed.Length;

    /// <summary>Its place among those that were given to <see cref="EventOrder"/>.</summary>
    internal long Number { get; private set; }

    /// <summary>Its place among those of one time.</summary>
    internal MatchRank Rank => new(Time, Evidence, Number);

    /// <summary>In a stream, the term that this is a repeat of and whose further repeats wait for it; else null.</summary>
    internal RepeatedTerm? Repeated { get; init; }

    /// <summary>True when it is in a room that will be used again, evidence and values too (<see cref="MatchRoom"/>).</summary>
    internal bool IsBorrowed { get; init; }

    /// <summary>A match of a room, which is nothing yet.</summary>
    internal static EventMatch Borrowed() => new() { Rules = [], Values = default, Evidence = default, IsBorrowed = true };

    /// <summary>Makes another match of one that is in a room.</summary>
    internal void Become(ImmutableArray<int> rules, DateTimeOffset? time, UInt128? request, bool mayContinue, FieldValues values, Evidence evidence)
    {
        (_rules, _values, _evidence, _mayContinue) = (rules, values, evidence, mayContinue);
        (_time, _hasTime) = (time?.UtcTicks ?? 0, time is not null);
        (_request, _hasRequest) = (request.GetValueOrDefault(), request is not null);
    }

    /// <summary>The match with evidence and values of its own, to be kept.</summary>
    internal EventMatch Alone() => IsBorrowed ? In([.. Evidence.Packed, .. Values.Packed], 0) : this;

    /// <summary>The match with evidence and values in pieces, to be kept.</summary>
    internal EventMatch In(PackedPieces pieces)
    {
        if (!IsBorrowed)
        {
            return this;
        }

        ReadOnlySpan<byte> evidence = Evidence.Packed;
        (int piece, int start) = pieces.Take(evidence.Length + Values.Packed.Length);
        evidence.CopyTo(pieces[piece].AsSpan(start));
        Values.Packed.CopyTo(pieces[piece].AsSpan(start + evidence.Length));
        return In(pieces[piece], start);
    }

    private EventMatch In(byte[] block, int start)
    {
        (int evidence, int values) = (Evidence.Packed.Length, Values.Packed.Length);
        return this with
        {
            Evidence = new Evidence(block, start, evidence, evidence + values),
            Values = new FieldValues(Values.Fields, block, start + evidence, values),
            IsBorrowed = false,
        };
    }

    /// <summary>Notes its place in order.</summary>
    internal void Place(DateTimeOffset at, bool isLate, long number) => (_at, IsLate, Number) = (at.UtcTicks, isLate, number);

    /// <summary>The identity of the event's request; null when it does not tell.</summary>
    internal static UInt128? RequestOf(in EventView view)
    {
        if (view[AuditField.AuditId].Kind != JsonKind.String || view[AuditField.RequestReceivedTimestamp].Kind != JsonKind.String)
        {
            return null;
        }

        ReadOnlySpan<AuditField> fields = [AuditField.AuditId, AuditField.RequestReceivedTimestamp, AuditField.UserName, AuditField.Verb, AuditField.RequestUri];
        int longest = 0;
        foreach (AuditField field in fields)
        {
            longest = checked(longest + DigestedTexts.LongestOf(view[field]));
        }

        DigestedTexts texts = new(longest);
        foreach (AuditField field in fields)
        {
            texts.Append(view[field]);
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        texts.Finish(digest);
        return BinaryPrimitives.ReadUInt128BigEndian(digest);
    }

    /// <summary>True unless the event is its request's last.</summary>
    internal static bool MayContinueAfter(in EventView view) => !view[AuditField.Stage].StringEquals("ResponseComplete"u8) && !view[AuditField.Stage].StringEquals("Panic"u8);

    /// <summary>A value as it is kept.</summary>
    internal static string Bound(ReadOnlySpan<byte> utf8)
    {
        string text = RepeatedTexts.Instance.Of(utf8.Length <= MaxValueLength ? utf8 : utf8[..MaxValueLength]);
        return utf8.Length <= MaxValueLength ? text : $"{text}…#{Convert.ToHexStringLower(SHA256.HashData(utf8))}";
    }
}
