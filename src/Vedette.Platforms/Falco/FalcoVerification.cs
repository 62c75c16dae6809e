using System.Text.Json;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Residency;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Falco;

/// <summary>Verifies Falco from Helm values, from what kubectl says of its pods, and recipes by reading them.</summary>
internal sealed class FalcoVerification(VerifyRequest request, Verdict verdict)
{
    private readonly Evidence _evidence = Evidence.Read(request, verdict, FalcoChecks.Readable);

    /// <summary>Does all checks.</summary>
    public void Run()
    {
        foreach (EvidenceText text in _evidence.Texts)
        {
            if (text.File.EndsWith(".md", StringComparison.Ordinal) || text.File.EndsWith(".sh", StringComparison.Ordinal) || !Values(text))
            {
                Commands(text);
            }
        }

        Pods();
        if (verdict.Results.Count == 0)
        {
            verdict.CannotTell(FalcoChecks.Sent, Place.None, "there are neither values nor pods nor commands of Falco", "helm get values falco --namespace falco -o yaml | vedette verify falco --evidence -");
        }
    }

    /// <summary>Looks at Helm values.</summary>
    /// <returns>False when the text is none.</returns>
    private bool Values(EvidenceText text)
    {
        if (YamlReader.Read(text.File, text.Text, []) is not [YamlMapping values] || (values["falco"] ?? values["falcosidekick"] ?? values["driver"]) is null)
        {
            return false;
        }

        Place place = new(text.File);
        YamlMapping? falco = values["falco"] as YamlMapping;
        bool sidekick = Is(values["falcosidekick"], "enabled");
        bool audit = (falco?["load_plugins"] as YamlSequence)?.Items.Any(item => item is YamlScalar { Text: "k8saudit" }) == true;
        verdict.Say(FalcoChecks.Json, sidekick || Is(falco, "json_output"), place, sidekick ? "falcosidekick makes it so" : $"json_output is {(Is(falco, "json_output") ? "on" : "off")}", "falco.json_output: true");
        YamlMapping? http = falco?["http_output"] as YamlMapping;
        string? url = sidekick ? Text(((values["falcosidekick"] as YamlMapping)?["config"] as YamlMapping)?["webhook"], "address") : Is(http, "enabled") ? Text(http, "url") : null;
        if (!audit || url is not null)
        {
            verdict.Say(
                FalcoChecks.Sent, url is not null, place, url is not null ? $"alerts go to {ReceiverName.Of(url)}" : "alerts stay in Falco's own log", "falco.http_output: {enabled: true, url: …}, or falcosidekick.enabled and falcosidekick.config.webhook.address");
        }

        if (url is not null && !url.Contains(SetupOutput.Marker, StringComparison.Ordinal))
        {
            bool inside = url.Contains(".svc", StringComparison.Ordinal);
            string? objection = request.Residency.ObjectionTo(url) ?? (url.StartsWith("https://", StringComparison.Ordinal) || inside ? null : $"{ReceiverName.Of(url)} is not encrypted");
            verdict.Say(FalcoChecks.Guarded, objection is null, place, objection ?? (inside ? "the receiver is in the cluster" : "the receiver is reached over TLS"), "name a receiver with https:// in an allowed place");
        }

        if (audit)
        {
            YamlMapping? controller = values["controller"] as YamlMapping;
            bool one = Text(controller, "kind") == "deployment" && Text(controller?["deployment"], "replicas") is null or "1";
            verdict.Say(FalcoChecks.OneReader, one, place, one ? "a deployment of one pod" : "each batch of audit events reaches one of several pods, so that nobody sees all of them", "controller: {kind: deployment, deployment: {replicas: 1}} in a release of its own");
        }

        return true;
    }

    private void Pods()
    {
        foreach (EvidenceDocument document in _evidence.Documents.Where(document => document.Root.At("items") is { ValueKind: JsonValueKind.Array }))
        {
            JsonElement[] pods = [.. document.Root.List("items").Where(pod => pod.At("metadata.labels") is { ValueKind: JsonValueKind.Object } labels && Label(labels) == "falco")];
            string[] waiting =
                [.. pods.Where(pod => !pod.List("status.conditions").Any(condition => condition.Text("type") == "Ready" && condition.Text("status") == "True")).Select(pod => pod.Text("metadata.name") ?? "?")];
            verdict.Say(
                FalcoChecks.Running, pods.Length > 0 && waiting.Length == 0, document.Place,
                pods.Length == 0 ? "there is no pod with the label app.kubernetes.io/name=falco" : waiting.Length == 0 ? $"{pods.Length} pods are ready" : $"not ready: {string.Join(", ", waiting)}",
                pods.Length == 0 ? "look in the namespace Falco was installed into: kubectl get pods -A -l app.kubernetes.io/name=falco" : "kubectl --namespace falco logs POD -c falco; kubectl --namespace falco describe pod POD");
        }
    }

    private void Commands(EvidenceText text)
    {
        int right = 0;
        foreach (ShellCommand command in ShellCommands.Of("helm", text).Concat(ShellCommands.Of("kubectl", text)))
        {
            bool installs = command.Words[0] == "helm" && command.Words.Contains("falcosecurity/falco", StringComparer.Ordinal) && (command.Is("install") || command.Is("upgrade"));
            if (installs && (command.Option("--namespace") ?? command.Option("-n")) is null)
            {
                verdict.Wrong(FalcoChecks.Commands, command.Place, "Helm takes the current namespace, and nobody finds Falco there", "helm upgrade --install falco falcosecurity/falco --namespace falco --create-namespace");
            }
            else if (command.Words[0] == "kubectl" && (command.Option("-l") ?? command.Option("--selector")) is { } selector && selector.Contains("app=falco", StringComparison.Ordinal))
            {
                verdict.Wrong(FalcoChecks.Commands, command.Place, "the chart does not set the label app=falco", "kubectl --namespace falco logs -l app.kubernetes.io/name=falco -c falco");
            }
            else
            {
                right++;
            }
        }

        if (text.Text.Contains("falco.org/docs/alerts", StringComparison.Ordinal))
        {
            verdict.Wrong(FalcoChecks.Commands, new Place(text.File), "the page falco.org/docs/alerts has moved", "https://falco.org/docs/concepts/outputs/");
        }

        if (right > 0)
        {
            verdict.Ok(FalcoChecks.Commands, new Place(text.File), $"{right} commands");
        }
    }

    /// <summary>The label's name has dots, which are no path here.</summary>
    private static string? Label(JsonElement labels) => labels.TryGetProperty("app.kubernetes.io/name", out JsonElement value) ? value.AsText() : null;

    private static string? Text(YamlNode? node, string name) => (node as YamlMapping)?[name] is YamlScalar scalar ? scalar.Text : null;

    private static bool Is(YamlNode? node, string name) => Text(node, name) is "true" or "True" or "yes" or "on";
}
