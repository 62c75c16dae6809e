using System.Collections.Immutable;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Eks;

/// <summary>
/// Amazon EKS: control-plane logging into CloudWatch Logs, alarms there, an archive in S3 or a stream to Vedette, GuardDuty. The audit policy is AWS's and cannot be chosen.
/// </summary>
internal sealed class EksPlatform : Platform
{
    /// <inheritdoc />
    public override string Name => "eks";

    /// <inheritdoc />
    public override string Title => "Amazon EKS";

    /// <inheritdoc />
    public override string Summary => "Amazon EKS: CloudWatch Logs, alarms, archive, GuardDuty";

    /// <inheritdoc />
    public override bool HasPolicy => false;

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions => [new("region", "Region of the cluster, such as us-east-1; its logs stay there.", "REGION")];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions => [Evidence.Option("answers of aws eks describe-cluster, aws logs describe-log-groups and the others that evidence.sh of setup asks")];

    /// <inheritdoc />
    public override string SetupExamples =>
        """
        vedette setup eks --out eks-audit
        vedette setup eks --cluster prod --region us-east-1 --residency us --retention 365 --set ALERT_EMAIL=oncall@example.com --out eks-audit
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify eks --setup eks-audit
        vedette verify eks --retention 365 --residency us --evidence eks-audit/evidence
        aws eks describe-cluster --region us-east-1 --name prod | vedette verify eks --evidence -
        """;

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => EksChecks.All;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        string? region = request.Options["region"] ?? request.Values.GetValueOrDefault("REGION");
        if (region is not null && !request.Residency.Allows("aws", region))
        {
            output.Refuse($"region {region} is outside of {request.Residency}", "EKS writes its logs in the cluster's own region, so a cluster there cannot be used; name a cluster in an allowed region");
            return;
        }

        new EksSetup(request, output, region).Render();
    }

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict) => new EksVerification(request, verdict).Run();
}
