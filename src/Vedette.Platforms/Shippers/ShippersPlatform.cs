using System.Collections.Immutable;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Shippers;

/// <summary>Log shippers on control-plane nodes: the audit log to Vedette or to somebody's SIEM.</summary>
internal sealed class ShippersPlatform : Platform
{
    /// <summary>Sites of Datadog and the jurisdiction each is in (Datadog, "Getting Started with Datadog Sites").</summary>
    private static readonly (string Site, string Jurisdiction)[] s_datadog =
    [
        ("datadoghq.com", "us"), ("us3.datadoghq.com", "us"), ("us5.datadoghq.com", "us"), ("ddog-gov.com", "us"), ("us2.ddog-gov.com", "us"), ("datadoghq.eu", "eu"), ("ap1.datadoghq.com", "jp"),
        ("ap2.datadoghq.com", "au"),
    ];

    /// <inheritdoc />
    public override string Name => "shippers";

    /// <inheritdoc />
    public override string Title => "log shippers";

    /// <inheritdoc />
    public override string Heading => "Shipping the audit log";

    /// <inheritdoc />
    public override string Purpose => "Ship the audit log";

    /// <inheritdoc />
    public override string Summary => "Vector, Fluent Bit, Fluentd, Filebeat or rsyslog, to Vedette or a SIEM";

    /// <inheritdoc />
    public override bool HasPolicy => false;

    /// <inheritdoc />
    public override ImmutableArray<string> Without => ["backend", "retention"];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
    [
        new("to", $"Where to: {string.Join(", ", ShippingTarget.All.Select(target => target.Name))}.", "TARGET", "vedette") { Allowed = [.. ShippingTarget.All.Select(target => target.Name)] },
        new("shipper", "Which shipper; all that can send there when none is named.", "SHIPPER") { Allowed = [.. Shipper.All.Select(shipper => shipper.Name)], IsRepeatable = true },
        new("file", "The audit log on the node.", "FILE", NodePaths.Kubernetes.LogFile),
        new("site", "Datadog's site.", "SITE", s_datadog[0].Site) { Allowed = [.. s_datadog.Select(pair => pair.Site)] },
    ];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions => [Evidence.Option("configurations of shippers")];

    /// <inheritdoc />
    public override string SetupExamples =>
        """
        vedette setup shippers --out shipping
        vedette setup shippers --to splunk --shipper vector --cluster prod --residency us --set SPLUNK_HOST=hec.example.com --out shipping
        vedette setup shippers --to s3 --set AWS_REGION=us-east-1 --residency us --out shipping
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify shippers --setup shipping
        vedette verify shippers --residency us --evidence /etc/vector/vector.yaml /etc/fluent-bit
        """;

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => ShipperChecks.All;

    /// <summary>Where a site of Datadog is; null when it is none.</summary>
    public static string? JurisdictionOfDatadog(string site) => s_datadog.FirstOrDefault(pair => pair.Site == site).Jurisdiction;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        ShippingTarget target = ShippingTarget.All.First(item => item.Name == (request.Options["to"] ?? "vedette"));
        string site = request.Options["site"] ?? s_datadog[0].Site;
        ImmutableArray<string> named = request.Options.All("shipper");
        foreach (Shipper shipper in Shipper.All.Where(shipper => named.Contains(shipper.Name, StringComparer.Ordinal) && !shipper.Sends(target.Name)))
        {
            output.Refuse($"{shipper.Name} has no output for {target.Title}", $"use {string.Join(", ", Shipper.All.Where(other => other.Sends(target.Name)).Select(other => other.Name))}");
        }

        if (target.Name == "datadog" && request.Residency.IsRestricted && !request.Residency.Includes(JurisdictionOfDatadog(site)!))
        {
            output.Refuse($"Datadog's site {site} is outside of {request.Residency}", $"--site {s_datadog.FirstOrDefault(pair => request.Residency.Includes(pair.Jurisdiction)).Site ?? "NONE"}");
        }

        foreach ((string name, _) in target.Values)
        {
            if (request.Values.GetValueOrDefault(name) is { } value)
            {
                string? objection = name == "AWS_REGION" ? request.Residency.Allows("aws", value) ? null : $"region {value} is outside of {request.Residency}" : request.Residency.ObjectionTo(value);
                if (objection is not null)
                {
                    output.Refuse(objection, "name one in an allowed place");
                }
            }
        }

        if (output.Refusals.Count == 0)
        {
            new ShipperSetup(request, output, target, site, [.. Shipper.All.Where(shipper => shipper.Sends(target.Name) && (named.IsEmpty || named.Contains(shipper.Name, StringComparer.Ordinal)))]).Render();
        }
    }

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict) => new ShipperVerification(request, verdict).Run();
}
