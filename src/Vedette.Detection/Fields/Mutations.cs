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
            if (member.NameStartsWith("mutation.webhook.admission.k8s.io/"u8) && new JsonScanner(into.Unescaped(member.Value)).TryReadValue(out JsonValue said)
                && said.Member("mutated"u8).Kind == JsonKind.True
                && said.Member("configuration"u8) is { Kind: JsonKind.String } configuration && said.Member("webhook"u8) is { Kind: JsonKind.String } webhook)
            {
                int start = into.BeginText();
                into.Write(configuration);
                into.Write("/"u8);
                into.Write(webhook);
                into.AddWritten(start);
            }
        }
    }
}
