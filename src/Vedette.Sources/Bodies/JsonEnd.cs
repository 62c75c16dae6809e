using System.Text.Json;
using Vedette.Audit.Shapes;

namespace Vedette.Sources.Bodies;

/// <summary>Whether JSON is there to its end.</summary>
public static class JsonEnd
{
    /// <summary>Why a body in which nothing was found is not just empty.</summary>
    /// <param name="body">The whole body.</param>
    /// <returns>Null for white space, and for JSON documents behind each other that are whole: an empty list, say.</returns>
    public static RejectReason? WhyNone(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = int.MaxValue, AllowMultipleValues = true }));
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            return RejectReason.NotJson;
        }

        // Where the last token opens something, its depth is that of what it stands in.
        return reader.CurrentDepth > 0 || reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject || body[(int)reader.BytesConsumed..].IndexOfAnyExcept(" \t\r\n"u8) >= 0 ? RejectReason.Truncated : null;
    }
}
