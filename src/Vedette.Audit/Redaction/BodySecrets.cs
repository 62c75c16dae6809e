using System.Buffers;
using System.Buffers.Text;
using Vedette.Audit.Json;

namespace Vedette.Audit.Redaction;

/// <summary>
/// Finds the secrets in a body, whatever it is: an object, a list, a table, an event of a watch, a merge patch, a strategic merge patch, a JSON patch; and in the copies of all these that
/// annotations hold. Where a body cannot be followed to its end it is a secret as a whole.
/// </summary>
internal readonly ref struct BodySecrets(SecretText text, SecretRanges into)
{
    /// <summary>Deepest nesting followed, strings that hold JSON included; Kubernetes' own objects have less than thirty. What is deeper is taken for a secret.</summary>
    public const int MaxDepth = 100;

    /// <summary>Most strings in strings that are followed: each doubles the length of quotes.</summary>
    public const int MaxStrings = 6;

    private readonly SecretText _text = text;

    /// <summary>Finds the secrets of a body.</summary>
    public void Find(JsonValue body, SecretKinds kinds)
    {
        if (kinds == SecretKinds.None || body.Kind is JsonKind.Missing or JsonKind.Null)
        {
            return;
        }

        // Further on JSON is only walked, and a walk ends at the first byte that is none.
        BodySurvey survey = body.Kind is JsonKind.Object or JsonKind.Array ? BodySurvey.Of(body.Raw) : default;
        if (!survey.IsValid)
        {
            Take(body);
        }
        else if (NeedsWalk(survey, kinds, _text.Depth))
        {
            Walk(body, kinds, _text.Depth);
        }
    }

    /// <summary>Finds the secrets of a body that is valid JSON, going everywhere.</summary>
    internal void Walk(JsonValue body, SecretKinds kinds) => Walk(body, kinds, _text.Depth);

    /// <summary>Can a walk of JSON that begins at this depth find anything?</summary>
    private static bool NeedsWalk(BodySurvey survey, SecretKinds kinds, int depth) => kinds != SecretKinds.ByKind || survey.HasTraces || depth + survey.Depth > MaxDepth;

    private void Walk(JsonValue value, SecretKinds kinds, int depth)
    {
        if (depth > MaxDepth && value.Kind is JsonKind.Object or JsonKind.Array)
        {
            Take(value);
            return;
        }

        switch (value.Kind)
        {
            case JsonKind.Array:
                foreach (JsonValue element in value.Elements())
                {
                    Walk(element, kinds, depth + 1);
                }

                break;
            case JsonKind.Object:
                WalkObject(value, kinds, depth);
                break;
            case JsonKind.String when kinds.HasFlag(SecretKinds.PrivateKey) && IsPrivateKey(value):
                Take(value);
                break;
        }
    }

    private void WalkObject(JsonValue value, SecretKinds kinds, int depth)
    {
        SecretKinds said = SecretKinds.None;
        PatchOperation operation = default;
        foreach (JsonMember member in value.Members())
        {
            said |= Names.Equal(member, "kind"u8) ? SecretKindsOf.Kind(member.Value) : SecretKinds.None;
            operation.Add(member);
        }

        kinds |= kinds.HasFlag(SecretKinds.ByKind) ? said : SecretKinds.None;
        bool isOperation = operation.TryRead(kinds, out PatchTarget target);
        foreach (JsonMember member in value.Members())
        {
            if (kinds.HasFlag(SecretKinds.Secret) && (Names.Equal(member, "data"u8) || Names.Equal(member, "stringData"u8)))
            {
                TakeMembers(member.Value, isBase64: Names.Equal(member, "data"u8));
            }
            else if (kinds.HasFlag(SecretKinds.Token) && Names.Equal(member, "token"u8))
            {
                Take(member.Value);
            }
            else if (isOperation && member.NameEquals("value"u8))
            {
                WalkPatched(member.Value, target, kinds, depth + 1);
            }
            else if (Names.Equal(member, "metadata"u8))
            {
                WalkMetadata(member.Value, kinds, depth + 1);
            }
            else
            {
                Walk(member.Value, kinds, depth + 1);
            }
        }
    }

    private void WalkPatched(JsonValue value, PatchTarget target, SecretKinds kinds, int depth)
    {
        switch (target)
        {
            case PatchTarget.Secret or PatchTarget.EncodedSecret:
                Take(value, isBase64: target == PatchTarget.EncodedSecret);
                break;
            case PatchTarget.Data or PatchTarget.StringData:
                TakeMembers(value, isBase64: target == PatchTarget.Data);
                break;
            case PatchTarget.Metadata:
                WalkMetadata(value, kinds, depth);
                break;
            case PatchTarget.Annotations:
                WalkAnnotations(value, kinds, depth);
                break;
            case PatchTarget.Annotation:
                WalkAnnotation(value, kinds, depth);
                break;
            default:
                Walk(value, kinds, depth);
                break;
        }
    }

    /// <summary>Annotations may hold copies of the object. Besides, only what says itself that it is a secret is one here: names such as "data" mean nothing.</summary>
    private void WalkMetadata(JsonValue metadata, SecretKinds kinds, int depth)
    {
        if (metadata.Kind != JsonKind.Object)
        {
            Walk(metadata, kinds, depth);
            return;
        }

        foreach (JsonMember member in metadata.Members())
        {
            if (Names.Equal(member, "annotations"u8))
            {
                WalkAnnotations(member.Value, kinds, depth + 1);
            }
            else if (member.Value.Kind is JsonKind.Object or JsonKind.Array)
            {
                Walk(member.Value, SecretKinds.ByKind, depth + 1);
            }
        }
    }

    private void WalkAnnotations(JsonValue annotations, SecretKinds kinds, int depth)
    {
        if (annotations.Kind != JsonKind.Object)
        {
            Walk(annotations, kinds, depth);
            return;
        }

        foreach (JsonMember member in annotations.Members())
        {
            WalkAnnotation(member.Value, kinds, depth + 1);
        }
    }

    /// <summary>
    /// <c>kubectl.kubernetes.io/last-applied-configuration</c> and its like of other tools (kapp, Rancher, …) are recognised by what they hold: JSON, or something compressed in Base64.
    /// </summary>
    private void WalkAnnotation(JsonValue annotation, SecretKinds kinds, int depth)
    {
        if (annotation.Kind != JsonKind.String)
        {
            Walk(annotation, kinds, depth);
            return;
        }

        // Nothing that is looked for begins in another way.
        if (annotation.Raw.IsEmpty || !"{[Hr \t\r\n\\"u8.Contains(annotation.Raw[0]))
        {
            return;
        }

        using ShortRoom<byte> bytes = new(annotation.Raw.Length);
        using ShortRoom<int> map = new(annotation.Raw.Length + 1);
        WalkAnnotation(annotation, _text.Inside(annotation, bytes.Span, map.Span), kinds, depth);
    }

    private void WalkAnnotation(JsonValue annotation, SecretText inside, SecretKinds kinds, int depth)
    {
        bool holdsSecrets = (kinds & ~SecretKinds.ByKind) != SecretKinds.None;
        ReadOnlySpan<byte> plain = inside.Bytes.Trim(" \t\r\n"u8);
        if (plain is [(byte)'{' or (byte)'[', ..])
        {
            BodySurvey survey = BodySurvey.Of(plain);
            if (!survey.IsValid || inside.Depth > MaxStrings || depth > MaxDepth)
            {
                TakeIf(holdsSecrets || plain.IndexOf("Secret"u8) >= 0, annotation);
            }
            else if (NeedsWalk(survey, kinds | SecretKinds.ByKind, depth + 1))
            {
                new JsonScanner(plain).TryReadValue(out JsonValue copy);
                new BodySecrets(inside, into).Walk(copy, kinds | SecretKinds.ByKind, depth + 1);
            }

            return;
        }

        // H4sI is how gzip begins in Base64. A value that was redacted before stays one.
        TakeIf(holdsSecrets && (plain.StartsWith("H4sI"u8) || plain.StartsWith(Redactor.Prefix)), annotation);
    }

    /// <summary>The members of data or stringData; their names are no secrets.</summary>
    private void TakeMembers(JsonValue data, bool isBase64)
    {
        if (data.Kind != JsonKind.Object)
        {
            Take(data, isBase64);
            return;
        }

        foreach (JsonMember member in data.Members())
        {
            if (!IsDirective(member))
            {
                Take(member.Value, isBase64);
            }
        }
    }

    /// <summary>A strategic merge patch says in the map itself what to do with it.</summary>
    private static bool IsDirective(in JsonMember member) =>
        member.NameEquals("$patch"u8) && (member.Value.StringEquals("replace"u8) || member.Value.StringEquals("merge"u8) || member.Value.StringEquals("delete"u8));

    private void TakeIf(bool isSecret, JsonValue value)
    {
        if (isSecret)
        {
            Take(value);
        }
    }

    /// <summary>Notes a secret. Nothing and the empty text are none.</summary>
    private void Take(JsonValue value, bool isBase64 = false)
    {
        if (value.Raw.IsEmpty || value.Kind is JsonKind.Missing or JsonKind.Null)
        {
            return;
        }

        (int start, int end) = _text.PlaceOf(value.Raw);
        if (value.Kind != JsonKind.String)
        {
            into.Add(start, end, _text.Depth + 1, value.Raw);
            return;
        }

        using ShortRoom<byte> plain = new(value.Raw.Length);
        Span<byte> content = plain.Span[..JsonText.Unescape(value.Raw, plain.Span)];
        // The same value in data and in stringData is the same secret.
        if (isBase64 && Base64.IsValid(content, out int length)
            && Base64.DecodeFromUtf8InPlace(content, out int decoded) == OperationStatus.Done && decoded == length)
        {
            content = content[..decoded];
        }

        into.Add(start, end, 0, content);
    }

    /// <summary>PEM of a private key, as it is or in Base64 as Kubernetes writes bytes.</summary>
    private static bool IsPrivateKey(JsonValue text)
    {
        byte[] plain = new byte[text.Raw.Length];
        Span<byte> content = plain.AsSpan(0, JsonText.Unescape(text.Raw, plain));
        return HoldsKey(content)
            || (Base64.DecodeFromUtf8InPlace(content, out int decoded) == OperationStatus.Done && HoldsKey(content[..decoded]));
    }

    private static bool HoldsKey(ReadOnlySpan<byte> text) => text.IndexOf("PRIVATE KEY-----"u8) >= 0 || text.StartsWith(Redactor.Prefix);
}
