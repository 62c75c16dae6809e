using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Audit.Json;
using Vedette.Sources.Bodies;

namespace Vedette.Sources.Firehose;

/// <summary>
/// A delivery of Amazon Data Firehose to an HTTP endpoint: <c>{"requestId","timestamp","records":[{"data":BASE64}]}</c>. A record is what CloudWatch Logs sent, compressed with gzip, or after Firehose's own
/// decompression one or more lines.
/// </summary>
/// <param name="RequestId">Must be in the answer.</param>
/// <param name="Records">Number of records.</param>
public sealed record FirehoseRequest(string RequestId, int Records)
{
    /// <summary>The header with the access key that Firehose was given.</summary>
    public const string AccessKeyHeader = "X-Amz-Firehose-Access-Key";

    /// <summary>The header with the request's id, for answers to bodies that cannot be read.</summary>
    public const string RequestIdHeader = "X-Amz-Firehose-Request-Id";

    /// <summary>The header with parameters that Firehose was given.</summary>
    public const string CommonAttributesHeader = "X-Amz-Firehose-Common-Attributes";

    /// <summary>The parameter that names the cluster.</summary>
    public const string ClusterAttribute = "cluster";

    /// <summary>Longest id of a request; AWS uses 36 characters.</summary>
    public const int MaxRequestIdLength = 200;

    /// <summary>Reads a delivery.</summary>
    /// <param name="body">The body, decompressed.</param>
    /// <param name="lines">Gets what the records hold, each ending in a line end; a record that cannot be unpacked as it came, for whoever reads on to reject it.</param>
    /// <param name="limits">Limits of all records together.</param>
    /// <param name="problem">Why it is not taken.</param>
    /// <returns>Null when it is not taken.</returns>
    public static FirehoseRequest? Read(ReadOnlySpan<byte> body, EventBatch lines, BodyLimits limits, out BodyProblem problem)
    {
        problem = BodyProblem.Damaged;
        JsonScanner scanner = new(body);
        if (!scanner.TryReadValue(out JsonValue root) || root.Kind != JsonKind.Object || !body[scanner.Position..].TrimStart(" \t\r\n"u8).IsEmpty || root.Member("records"u8).Kind != JsonKind.Array)
        {
            return null;
        }

        int records = 0;
        foreach (JsonValue record in root.Member("records"u8).Elements())
        {
            records++;
            problem = Unpack(record, lines, limits);
            if (problem != BodyProblem.None)
            {
                return null;
            }
        }

        problem = BodyProblem.None;
        string id = root.Member("requestId"u8).AsString() ?? "";
        return new FirehoseRequest(id.Length <= MaxRequestIdLength ? id : "", records);
    }

    /// <summary>The cluster that the header of common attributes names; null when it names none.</summary>
    public static string? ClusterOf(string? commonAttributes)
    {
        if (string.IsNullOrEmpty(commonAttributes))
        {
            return null;
        }

        byte[] header = System.Text.Encoding.UTF8.GetBytes(commonAttributes);
        return new JsonScanner(header).TryReadValue(out JsonValue root) && root.Member("commonAttributes"u8, "cluster"u8) is { Kind: JsonKind.String } cluster ? cluster.AsString() : null;
    }

    /// <summary>Writes the answer, by which Firehose knows that the delivery was taken, or why not.</summary>
    /// <param name="requestId">The delivery's.</param>
    /// <param name="time">When it was dealt with.</param>
    /// <param name="error">Why it was not taken; null when it was.</param>
    /// <param name="into">Where to.</param>
    public static void WriteAnswer(string requestId, DateTimeOffset time, string? error, IBufferWriter<byte> into)
    {
        using Utf8JsonWriter writer = new(into);
        writer.WriteStartObject();
        writer.WriteString("requestId", requestId);
        writer.WriteNumber("timestamp", time.ToUnixTimeMilliseconds());
        if (error is not null)
        {
            writer.WriteString("errorMessage", error);
        }

        writer.WriteEndObject();
    }

    private static BodyProblem Unpack(JsonValue record, EventBatch lines, BodyLimits limits)
    {
        JsonValue data = record.Member("data"u8);
        ReadOnlySpan<byte> text = data.Kind == JsonKind.String ? data.Utf8Text() : default;
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Base64.GetMaxDecodedFromUtf8Length(text.Length));
        try
        {
            if (text.IsEmpty || Base64.DecodeFromUtf8(text, bytes, out _, out int length) != OperationStatus.Done)
            {
                return Append(record.Raw, lines, limits) ? BodyProblem.None : BodyProblem.TooLarge;
            }

            if (bytes.AsSpan(0, length) is not [0x1f, 0x8b, ..])
            {
                return Append(bytes.AsSpan(0, length), lines, limits) ? BodyProblem.None : BodyProblem.TooLarge;
            }

            int before = lines.InputLength;
            BodyProblem problem = Decompress(bytes, length, lines, limits);
            if (problem == BodyProblem.Damaged)
            {
                lines.Truncate(before);
                return Append(record.Raw, lines, limits) ? BodyProblem.None : BodyProblem.TooLarge;
            }

            return problem != BodyProblem.None ? problem : Append([], lines, limits) ? BodyProblem.None : BodyProblem.TooLarge;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static BodyProblem Decompress(byte[] packed, int length, EventBatch lines, BodyLimits limits)
    {
        using GZipStream gzip = new(new MemoryStream(packed, 0, length, writable: false), CompressionMode.Decompress);
        long total = 0;
        try
        {
            while (gzip.Read(lines.GetWriteSpan(64 * 1024)) is > 0 and int read)
            {
                total += read;
                if (lines.InputLength + (long)read > limits.MaxPlainLength)
                {
                    return BodyProblem.TooLarge;
                }

                if (total > BodyLimits.FreeLength && total / limits.MaxRatio > length)
                {
                    return BodyProblem.Bomb;
                }

                if (limits.Reserve is { } reserve && !reserve(read))
                {
                    return BodyProblem.NoRoom;
                }

                lines.Advance(read);
            }
        }
        catch (InvalidDataException)
        {
            return BodyProblem.Damaged;
        }

        return total == 0 ? BodyProblem.Damaged : BodyProblem.None;
    }

    private static bool Append(ReadOnlySpan<byte> bytes, EventBatch lines, BodyLimits limits)
    {
        if (lines.InputLength + (long)bytes.Length + 1 > limits.MaxPlainLength || (limits.Reserve is { } reserve && !reserve(bytes.Length + 1)))
        {
            return false;
        }

        lines.AppendLine(bytes);
        return true;
    }
}
