using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;

namespace Vedette.Pipeline.Scanning;

/// <summary>From when to when the events of an input are, to the second. The order of the events does not matter.</summary>
internal sealed class EventPeriod
{
    /// <summary>Length of <c>2026-11-25T10:00:00</c>.</summary>
    private const int SecondLength = 19;

    /// <summary>Length of <c>2026-11-25T10:00:00.000000Z</c>, as kube-apiserver writes it.</summary>
    private const int PlainLength = 27;

    private readonly byte[] _second = new byte[SecondLength];

    /// <summary>The earliest; null when no time was read.</summary>
    public DateTimeOffset? First { get; private set; }

    /// <summary>The latest.</summary>
    public DateTimeOffset? Last { get; private set; }

    /// <summary>Takes an event into account. Logs are mostly in order, so an event is mostly of the same second as the one before and costs one comparison.</summary>
    public void Add(in EventView view)
    {
        JsonValue stage = view[AuditField.StageTimestamp];
        bool isPlain = stage.Kind == JsonKind.String && IsPlain(stage.Raw);
        if ((isPlain && stage.Raw[..SecondLength].SequenceEqual(_second)) || EventTime.Of(view) is not { } time)
        {
            return;
        }

        if (isPlain && EventTime.TryParse(stage.Raw, out _))
        {
            stage.Raw[..SecondLength].CopyTo(_second);
        }

        time = time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));
        Add(time, time);
    }

    /// <summary>Takes the events of another period into account.</summary>
    public void Add(EventPeriod other) => Add(other.First, other.Last);

    private void Add(DateTimeOffset? first, DateTimeOffset? last)
    {
        First = First is null || first < First ? first ?? First : First;
        Last = Last is null || last > Last ? last ?? Last : Last;
    }

    private static bool IsPlain(ReadOnlySpan<byte> time) =>
        time.Length == PlainLength && time[SecondLength] == '.' && time[^1] == 'Z' && !time[(SecondLength + 1)..^1].ContainsAnyExceptInRange((byte)'0', (byte)'9');
}
