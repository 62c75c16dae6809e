using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Vedette.Sinks;

/// <summary>Writes the JSON that sinks send.</summary>
internal static class SinkJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>What a writer writes, as bytes.</summary>
    public static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> bytes = new(4096);
        using (Utf8JsonWriter writer = new(bytes, s_options))
        {
            write(writer);
        }

        return bytes.WrittenMemory;
    }
}
