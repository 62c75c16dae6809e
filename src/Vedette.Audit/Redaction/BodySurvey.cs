using System.Text.Json;
using Vedette.Audit.Json;

namespace Vedette.Audit.Redaction;

/// <summary>What one pass over a body says before anybody looks for secrets in it.</summary>
/// <param name="IsValid">Is it JSON to its end?</param>
/// <param name="HasTraces">
/// Is there anything by which a walk could find a secret where only what objects say of themselves makes one (<see cref="SecretKinds.ByKind"/>): the name of a kind that holds secrets, an operation of a JSON patch, a text that
/// may be JSON itself, or escapes that may spell one of these? Without it a walk finds nothing, wherever it goes.
/// </param>
/// <param name="Depth">How deep its objects and arrays are nested: 0 where none is in the outermost.</param>
internal readonly record struct BodySurvey(bool IsValid, bool HasTraces, int Depth)
{
    /// <summary>Longest name of a kind that holds secrets (CertificateSigningRequest) with each letter as \uXXXX.</summary>
    private const int MaxEscapedKind = 25 * 6;

    /// <summary>Looks at JSON.</summary>
    public static BodySurvey Of(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        bool hasTraces = false;
        int depth = 0;
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        depth = Math.Max(depth, reader.CurrentDepth);
                        break;
                    case JsonTokenType.PropertyName:
                        hasTraces |= reader.ValueIsEscaped || reader.ValueSpan.SequenceEqual("op"u8);
                        break;
                    case JsonTokenType.String:
                        hasTraces |= reader.ValueIsEscaped ? IsTraceEscaped(reader.ValueSpan) : IsTrace(reader.ValueSpan);
                        break;
                }
            }

            return new BodySurvey(true, hasTraces, depth);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static bool IsTrace(ReadOnlySpan<byte> text) => MayBeJson(text) || IsKind(text, isEscaped: false);

    /// <summary>An escape at the beginning may hide that it is JSON.</summary>
    private static bool IsTraceEscaped(ReadOnlySpan<byte> raw) => raw[0] == '\\' || MayBeJson(raw) || (raw.Length <= MaxEscapedKind && IsKind(raw, isEscaped: true));

    private static bool IsKind(ReadOnlySpan<byte> text, bool isEscaped) => SecretKindsOf.Kind(new JsonValue(text, JsonKind.String, isEscaped, following: 0)) != SecretKinds.None;

    private static bool MayBeJson(ReadOnlySpan<byte> text) => !text.IsEmpty && text[0] is (byte)'{' or (byte)'[' or (byte)' ';
}
