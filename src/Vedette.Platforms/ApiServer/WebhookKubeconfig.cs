using Vedette.Documents.Yaml;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.ApiServer;

/// <summary>The kubeconfig by which kube-apiserver finds the receiver of its events.</summary>
internal static class WebhookKubeconfig
{
    /// <summary>Renders it. The cluster's name is in the path since a query would be dropped and a request names no cluster of its own; CA and token stand in the one file.</summary>
    public static string Render(SetupRequest request, SetupOutput output)
    {
        string url = output.Value("WEBHOOK_URL", $"https URL that kube-apiserver posts to, such as https://vedette.example.com:8443/audit/{request.Cluster}; the cluster's name belongs in the path");
        string authority = output.Value("WEBHOOK_CA", "CA of the receiver's certificate: its PEM in base64 on one line (`base64 -w0 ca.pem`)");
        string token = output.Value("WEBHOOK_TOKEN", "bearer token that the receiver expects of this cluster");
        CheckUrl(url, request, output);
        return $"""
            # How kube-apiserver reaches the receiver of its audit events. Read once at start. It holds a token.
            apiVersion: v1
            kind: Config
            clusters:
            - name: vedette
              cluster:
                server: {YamlScalars.Quote(url)}
                certificate-authority-data: {YamlScalars.Quote(authority)}
            users:
            - name: kube-apiserver
              user:
                token: {YamlScalars.Quote(token)}
            contexts:
            - name: audit
              context:
                cluster: vedette
                user: kube-apiserver
            current-context: audit

            """;
    }

    /// <summary>Refuses a URL that is in the wrong place or cannot work.</summary>
    public static void CheckUrl(string url, SetupRequest request, SetupOutput output)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? receiver) && request.Residency.ObjectionTo(receiver.Host) is { } objection)
        {
            output.Refuse(objection, "give a receiver in an allowed region as WEBHOOK_URL");
        }

        if (url.StartsWith("http:", StringComparison.Ordinal))
        {
            output.Refuse("WEBHOOK_URL is http: kube-apiserver would send events in clear and leave the token out", "give an https URL");
        }

        if (url.Contains('?', StringComparison.Ordinal))
        {
            output.Refuse("WEBHOOK_URL has a query, which kube-apiserver drops", "put what the receiver needs to know into the path");
        }
    }
}
