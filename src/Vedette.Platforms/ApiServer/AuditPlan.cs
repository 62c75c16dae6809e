using System.Collections.Immutable;
using System.Globalization;
using Vedette.Platforms.Setup;

namespace Vedette.Platforms.ApiServer;

/// <summary>What a kube-apiserver is to get: flags, mounts, files on the node. The same for every platform, which only differ in how they are told.</summary>
/// <param name="Flags">Names without dashes, and values.</param>
/// <param name="Mounts">Of a kube-apiserver that runs in a container.</param>
/// <param name="Files">By their path on the node.</param>
internal sealed record AuditPlan(ImmutableArray<(string Name, string Value)> Flags, ImmutableArray<HostMount> Mounts, ImmutableArray<RenderedFile> Files)
{
    /// <summary>Folder of the output directory that holds files by their path on the node.</summary>
    public const string NodeFolder = "node";

    /// <summary>Plans what was asked for; tells sizes and open values to the output.</summary>
    public static AuditPlan For(SetupRequest request, SetupOutput output, NodePaths paths)
    {
        LogSizes log = LogSizes.For(request);
        List<(string, string)> flags = [("audit-policy-file", paths.Policy)];
        List<HostMount> mounts = [new("audit-policy", paths.Policy, paths.Policy, true, "File")];
        List<RenderedFile> files = [new(paths.Policy, request.Policy.Text, "the audit policy")];
        if (request.Backend.HasFlag(Backend.Log) && paths.LogFile == "-")
        {
            flags.Add(("audit-log-path", "-"));
        }
        else if (request.Backend.HasFlag(Backend.Log))
        {
            flags.AddRange(
            [
                ("audit-log-path", paths.LogFile), ("audit-log-maxage", Number(log.MaxAgeDays)), ("audit-log-maxbackup", Number(log.MaxBackup)), ("audit-log-maxsize", Number(log.MaxSizeMiB)),
            ]);
            mounts.Add(new HostMount("audit-log", paths.LogDirectory, paths.LogDirectory, false, "DirectoryOrCreate"));
            log.Explain(request, output);
        }

        if (request.Backend.HasFlag(Backend.Webhook))
        {
            WebhookSizes webhook = WebhookSizes.For(request);
            flags.AddRange(
            [
                ("audit-webhook-config-file", paths.Webhook), ("audit-webhook-mode", "batch"), ("audit-webhook-batch-buffer-size", Number(webhook.BufferSize)),
                ("audit-webhook-batch-max-size", Number(WebhookSizes.BatchSize)), ("audit-webhook-batch-max-wait", "5s"), ("audit-webhook-batch-throttle-enable", "true"),
                ("audit-webhook-batch-throttle-qps", Number(webhook.Qps)), ("audit-webhook-batch-throttle-burst", Number(webhook.Burst)), ("audit-webhook-initial-backoff", "10s"),
                ("audit-webhook-truncate-enabled", "true"), ("audit-webhook-truncate-max-event-size", Number(WebhookSizes.MaxEventBytes)),
            ]);
            mounts.Add(new HostMount("audit-webhook", paths.Webhook, paths.Webhook, true, "File"));
            files.Add(new RenderedFile(paths.Webhook, WebhookKubeconfig.Render(request, output), "where kube-apiserver posts events to, with its token", RenderedFile.Private));
            webhook.Explain(request, output);
        }

        return new AuditPlan([.. flags], [.. mounts], [.. files]);
    }

    /// <summary>Adds the node's files to the output, below <see cref="NodeFolder"/>.</summary>
    public void AddFiles(SetupOutput output)
    {
        foreach (RenderedFile file in Files)
        {
            output.Add(file with { Path = NodeFolder + file.Path });
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
