using System.Buffers.Binary;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Engine;

/// <summary>Reads timestamps: RFC 3339 as kube-apiserver writes it, with a blank for the T and without a zone (then UTC) as other logs have it.</summary>
public static class EventTime
{
    /// <summary>The time an event claims: stageTimestamp, else requestReceivedTimestamp; null when neither reads.</summary>
    public static DateTimeOffset? Of(in EventView view) =>
        TryParse(view[AuditField.StageTimestamp], out DateTimeOffset time) || TryParse(view[AuditField.RequestReceivedTimestamp], out time) ? time : null;

    /// <summary>Reads a timestamp; the result is in UTC, fractions finer than 100 ns are cut.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        if (TryMicroseconds(text, out time))
        {
            return true;
        }

        if (text.Length is < 19 or > 64 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':'
            || !TryDigits(text[..4], out int year) || !TryDigits(text[5..7], out int month) || !TryDigits(text[8..10], out int day)
            || !TryDigits(text[11..13], out int hour) || !TryDigits(text[14..16], out int minute) || !TryDigits(text[17..19], out int second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        // A leap second is taken as the last one before it.
        long ticks = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Utc).Ticks;
        text = text[19..];
        if (text is [(byte)'.', ..])
        {
            text = text[1..];
            int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is var end && end < 0 ? text.Length : end;
            if (digits == 0)
            {
                return false;
            }

            long unit = TimeSpan.TicksPerSecond;
            for (int i = 0; i < Math.Min(digits, 7); i++)
            {
                ticks += (text[i] - '0') * (unit /= 10);
            }

            text = text[digits..];
        }

        if (!TryOffset(text, out int offsetMinutes))
        {
            return false;
        }

        ticks -= offsetMinutes * TimeSpan.TicksPerMinute;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(ticks, TimeSpan.Zero);
        return true;
    }

    /// <summary>Reads what kube-apiserver writes (MicroTime, apimachinery/pkg/apis/meta/v1/micro_time.go), eight bytes at a time: <c>2006-01-02T15:04:05.000000Z</c>.</summary>
    private static bool TryMicroseconds(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length != 27 || text[26] != 'Z'
            || !TryDigits(text, 0x00FF_FF00_FFFF_FFFF, 0x2D00_002D_0000_0000, out ulong yearAndMonth)
            || !TryDigits(text[8..], 0xFFFF_00FF_FF00_FFFF, 0x0000_3A00_0054_0000, out ulong dayAndHour)
            || !TryDigits(text[16..], 0xFFFF_FFFF_00FF_FF00, 0x0000_0000_2E00_003A, out ulong second)
            || !TryDigits(text[18..], 0xFFFF_FFFF_FFFF_00FF, 0x0000_0000_0000_2E00, out ulong fraction))
        {
            return false;
        }

        int year = 100 * Pair(yearAndMonth, 0) + Pair(yearAndMonth, 2);
        (int month, int day) = (Pair(yearAndMonth, 5), Pair(dayAndHour, 0));
        (int hours, int minutes, int seconds) = (Pair(dayAndHour, 3), Pair(dayAndHour, 6), Pair(second, 1));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hours > 23 || minutes > 59 || seconds > 59)
        {
            return false;
        }

        long microseconds = 10_000 * Pair(fraction, 2) + 100 * Pair(fraction, 4) + Pair(fraction, 6);
        time = new DateTimeOffset(
            new DateTime(year, month, day).Ticks + ((hours * 60L + minutes) * 60 + seconds) * TimeSpan.TicksPerSecond + microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        return true;
    }

    /// <summary>Reads eight bytes of which those of a mask must be digits and the others what is expected.</summary>
    /// <param name="text">At least eight bytes.</param>
    /// <param name="mask">All bits of the bytes that are digits, the first byte lowest.</param>
    /// <param name="others">The other bytes.</param>
    /// <param name="digits">The value of each digit.</param>
    private static bool TryDigits(ReadOnlySpan<byte> text, ulong mask, ulong others, out ulong digits)
    {
        ulong bytes = BinaryPrimitives.ReadUInt64LittleEndian(text);
        digits = (bytes & mask) ^ (0x3030_3030_3030_3030 & mask);
        return (bytes & ~mask) == others && (((digits + (0x7676_7676_7676_7676 & mask)) | digits) & 0x8080_8080_8080_8080) == 0;
    }

    private static int Pair(ulong digits, int at) => (int)((digits >> (8 * at)) & 0xFF) * 10 + (int)((digits >> (8 * at + 8)) & 0xFF);

    private static bool TryParse(JsonValue value, out DateTimeOffset time)
    {
        time = default;
        return value.Kind == JsonKind.String && TryParse(value.Raw, out time);
    }

    private static bool TryOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text is [] or [(byte)'Z'] or [(byte)'z'])
        {
            return true;
        }

        if (text is not [(byte)'+' or (byte)'-', _, _, (byte)':', _, _]
            || !TryDigits(text[1..3], out int hours) || !TryDigits(text[4..6], out int rest) || hours > 23 || rest > 59)
        {
            return false;
        }

        minutes = (hours * 60 + rest) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            value = value * 10 + (digit - '0');
        }

        return true;
    }
}
