using System.Globalization;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Vedette.Policy.Loading;

namespace Vedette.Platforms.ApiServer;

/// <summary>Verifies the webhook: its kubeconfig, and the flags whose names promise more than they hold.</summary>
internal static class WebhookVerification
{
    /// <summary>Five tries wait 1 + 1.5 + 2.25 + 3.375 times the initial backoff in all (1.36.2, observed), and a receiver needs some time to restart.</summary>
    public static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(30);

    private const double BackoffFactor = 1 + 1.5 + 2.25 + 3.375;

    /// <summary>Fewer events a second than this are too few for any cluster that is used.</summary>
    public const int LeastEventsPerSecond = 1000;

    /// <summary>Verifies.</summary>
    public static void Run(ObservedApiServer observed, NodeFiles node, VerifyRequest request, Verdict verdict)
    {
        if (observed.Flag("audit-webhook-config-file") is not { Value.Length: > 0 } flag)
        {
            return;
        }

        Mode(observed, request.Version, verdict);
        Sizes(observed, request.Version, verdict);
        if (observed.OnHost(flag.Value) is not { } path)
        {
            return;
        }

        if (!node.TryRead(path, out string text))
        {
            Outcome outcome = node.HasNode ? Outcome.Wrong : Outcome.CannotTell;
            verdict.Add(ApiServerChecks.WebhookReads, outcome, new Place(node.Shown(path)), $"{text}; kube-apiserver does not start without it", $"put the kubeconfig to {path} on every control-plane node");
            return;
        }

        Kubeconfig(observed, node.Shown(path), text, request, verdict);
    }

    private static void Kubeconfig(ObservedApiServer observed, string file, string text, VerifyRequest request, Verdict verdict)
    {
        if (file != observed.File)
        {
            ApiServerVerification.FilledIn(file, text, verdict);
        }

        List<Diagnostic> diagnostics = [];
        YamlMapping? config = YamlReader.Read(file, text, diagnostics).FirstOrDefault() as YamlMapping;
        YamlMapping? context = Named(config, "contexts", (config?["current-context"] as YamlScalar)?.Text, "context");
        YamlMapping? cluster = Named(config, "clusters", Text(context, "cluster"), "cluster");
        if (diagnostics.Count > 0 || cluster is null)
        {
            verdict.Wrong(
                ApiServerChecks.WebhookReads, new Place(file), diagnostics.Count > 0 ? diagnostics[0].ToString() : "current-context leads to no cluster; kube-apiserver does not start", "write clusters, users, contexts and current-context as 'vedette setup' does");
            return;
        }

        verdict.Ok(ApiServerChecks.WebhookReads, new Place(file), "current-context leads to a cluster");
        Url(cluster, file, request, verdict);
        Trust(observed, cluster, Named(config, "users", Text(context, "user"), "user"), file, verdict);
    }

    private static void Url(YamlMapping cluster, string file, VerifyRequest request, Verdict verdict)
    {
        Place place = cluster["server"] is { } at ? new Place(file, at.Line, at.Column) : new Place(file);
        string server = Text(cluster, "server") ?? "";
        if (server.Contains(SetupOutput.Marker, StringComparison.Ordinal))
        {
            return;
        }

        if (!Uri.TryCreate(server, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https"))
        {
            verdict.Wrong(ApiServerChecks.WebhookUrl, place, "server is no http or https URL", "give the receiver's URL, the cluster's name in its path");
            return;
        }

        if (url.Scheme == "http" && !url.IsLoopback)
        {
            verdict.Wrong(ApiServerChecks.WebhookUrl, place, "over http, events go in clear and kube-apiserver leaves the token out", "give an https URL");
        }
        else if (url.Query.Length > 0)
        {
            verdict.Wrong(ApiServerChecks.WebhookUrl, place, "kube-apiserver drops the query and writes ?timeout=30s in its place", "put what it says into the path");
        }
        else if (url.AbsolutePath == "/")
        {
            verdict.CannotTell(ApiServerChecks.WebhookUrl, place, "the URL has no path, and nothing else in a post tells which cluster it is of", "put the cluster's name into the path, unless the receiver serves this cluster alone");
        }
        else
        {
            verdict.Ok(ApiServerChecks.WebhookUrl, place, $"posts go to {url.Scheme}://{url.Authority}; a redirect would not be followed with the events, so this must be the receiver itself");
        }

        if (request.Residency.ObjectionTo(url.Host) is { } objection)
        {
            verdict.Wrong(ApiServerChecks.Residency, place, objection, "post to a receiver in an allowed region");
        }
        else if (request.Residency.IsRestricted)
        {
            verdict.CannotTell(ApiServerChecks.Residency, place, $"nothing in the name of {url.Host} tells where it is", $"show that it is in {request.Residency}");
        }
    }

    private static void Trust(ObservedApiServer observed, YamlMapping cluster, YamlMapping? user, string file, Verdict verdict)
    {
        Place place = new(file, cluster.Line, cluster.Column);
        string? authority = Text(cluster, "certificate-authority");
        if (Text(cluster, "insecure-skip-tls-verify") is "true" or "True" or "yes")
        {
            verdict.Wrong(ApiServerChecks.WebhookTrust, place, "insecure-skip-tls-verify: anybody in between can take the events and the token", "give certificate-authority-data");
        }
        else if (authority is not null && observed.OnHost(authority) is null)
        {
            verdict.Wrong(ApiServerChecks.WebhookTrust, place, $"certificate-authority {authority} is not mounted into kube-apiserver's container", "give certificate-authority-data instead of a path");
        }
        else if (authority is null && Text(cluster, "certificate-authority-data") is null)
        {
            verdict.CannotTell(ApiServerChecks.WebhookTrust, place, "there is no CA: the receiver's certificate must be of a CA that kube-apiserver's image trusts", "give certificate-authority-data");
        }
        else if (user?.Members.Any(member => member.Key.Text is "token" or "tokenFile" or "client-certificate" or "client-certificate-data" or "exec") != true)
        {
            verdict.CannotTell(ApiServerChecks.WebhookTrust, place, "kube-apiserver has no credentials for the receiver, which cannot know who posts", "give a token or a client certificate, or a secret in the URL's path");
        }
        else
        {
            verdict.Ok(ApiServerChecks.WebhookTrust, place, "CA and credentials are given");
        }
    }

    private static void Mode(ObservedApiServer observed, KubernetesVersion version, Verdict verdict)
    {
        string mode = observed.Value("audit-webhook-mode", version);
        Place place = observed.PlaceOf("audit-webhook-mode");
        switch (mode)
        {
            case "batch":
                verdict.Ok(ApiServerChecks.WebhookMode, place, "mode batch");
                break;
            case "blocking":
                verdict.Wrong(ApiServerChecks.WebhookMode, place, "mode blocking: every request waits for the receiver, once for each of its stages, and through all its retries", "use --audit-webhook-mode=batch");
                break;
            case "blocking-strict":
                verdict.Wrong(ApiServerChecks.WebhookMode, place, "mode blocking-strict: without the receiver every request is refused, and the cluster stands still", "use --audit-webhook-mode=batch");
                break;
        }
    }

    private static void Sizes(ObservedApiServer observed, KubernetesVersion version, Verdict verdict)
    {
        if (observed.Flag("audit-webhook-truncate-max-batch-size") is { } batch)
        {
            verdict.Wrong(ApiServerChecks.WebhookSizes, batch.Place, "--audit-webhook-truncate-max-batch-size has no effect: truncation stands before the buffer and sees single events", "remove it; a receiver must take posts of tens of MB");
        }

        if (GoDuration.TryParse(observed.Value("audit-webhook-initial-backoff", version), out TimeSpan backoff) && backoff * BackoffFactor < LeastPatience)
        {
            verdict.Wrong(
                ApiServerChecks.WebhookSizes, observed.PlaceOf("audit-webhook-initial-backoff"), string.Create(CultureInfo.InvariantCulture, $"five tries of a batch take {(backoff * BackoffFactor).TotalSeconds:0.#} s, then it is lost: less than a receiver needs to restart"),
                "leave --audit-webhook-initial-backoff at 10s, which makes 81 s");
        }

        if (observed.Value("audit-webhook-mode", version) != "batch" || observed.Value("audit-webhook-batch-throttle-enable", version) is not ("true" or "1" or "t" or "T" or "TRUE" or "True"))
        {
            return;
        }

        double qps = Number("audit-webhook-batch-throttle-qps");
        double size = Number("audit-webhook-batch-max-size");
        Place place = observed.PlaceOf("audit-webhook-batch-max-size");
        string capacity = string.Create(CultureInfo.InvariantCulture, $"throttle {qps:0.##} batches/s x {size:0} events = {qps * size:N0} events/s");
        if (qps * size < LeastEventsPerSecond)
        {
            verdict.Wrong(ApiServerChecks.WebhookSizes, place, $"{capacity}; what comes faster fills the buffer and is dropped, while all clients get their answers", "raise --audit-webhook-batch-throttle-qps or --audit-webhook-batch-max-size");
        }
        else
        {
            verdict.Ok(ApiServerChecks.WebhookSizes, place, $"{capacity}; buffer {observed.Value("audit-webhook-batch-buffer-size", version)} events");
        }

        double Number(string name) => double.TryParse(observed.Value(name, version), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : 0;
    }

    private static YamlMapping? Named(YamlMapping? config, string list, string? name, string content) =>
        (config?[list] as YamlSequence)?.Items.OfType<YamlMapping>().FirstOrDefault(item => Text(item, "name") == name)?[content] as YamlMapping;

    private static string? Text(YamlMapping? map, string key) => (map?[key] as YamlScalar)?.Text;
}
