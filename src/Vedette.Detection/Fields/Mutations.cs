using System.Text.Json;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>Admission webhooks that really changed the object, from the annotations kube-apiserver writes (staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/mutating/dispatcher.go).</summary>
internal static class Mutations
{
    /// <summary>Adds <c>CONFIGURATION/WEBHOOK</c> for each that did.</summary>
    public static void Read(in EventView view, FieldResolver into)
    {
        foreach (JsonMember member in view[AuditField.Annotations].Members())
        {
            // The annotation's value is JSON inside a text: {"configuration":"c","webhook":"w","mutated":true}.
            if (member.NameStartsWith("mutation.webhook.admission.k8s.io/"u8) && member.Value.AsString() is { } text && Parse(text) is { } name)
            {
                into.AddText(name);
            }
        }
    }

    private static string? Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("mutated"u8, out JsonElement mutated) && mutated.ValueKind == JsonValueKind.True
                && root.TryGetProperty("configuration"u8, out JsonElement configuration) && configuration.ValueKind == JsonValueKind.String
                && root.TryGetProperty("webhook"u8, out JsonElement webhook) && webhook.ValueKind == JsonValueKind.String
                ? $"{configuration.GetString()}/{webhook.GetString()}" : null;
        }
        catch (JsonException)
        {
            // A webhook cannot write this annotation, but a log can hold anything: then it names nobody.
            return null;
        }
    }
}
