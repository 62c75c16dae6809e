using System.Collections.Immutable;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Aks;

/// <summary>Azure Kubernetes Service: diagnostic settings into a workspace and an archive, alerts, Defender. The audit policy is Microsoft's and cannot be chosen.</summary>
internal sealed class AksPlatform : Platform
{
    /// <summary>Every event.</summary>
    public const string All = "kube-audit";

    /// <summary>Every event but get and list.</summary>
    public const string Admin = "kube-audit-admin";

    /// <inheritdoc />
    public override string Name => "aks";

    /// <inheritdoc />
    public override string Title => "Azure Kubernetes Service";

    /// <inheritdoc />
    public override string Summary => "Azure Kubernetes Service: diagnostic settings, workspace, archive, alerts";

    /// <inheritdoc />
    public override bool HasPolicy => false;

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
    [
        new("location", "Region of the workspace, such as eastus.", "REGION"),
        new("category", "What is logged: kube-audit, or kube-audit-admin, which is cheaper and has no get and list, so no read of a secret.", "CATEGORY", All) { Allowed = [All, Admin] },
    ];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions => [Evidence.Option("answers of az aks show, az monitor diagnostic-settings list and the others that evidence.sh of setup asks, as JSON")];

    /// <inheritdoc />
    public override string SetupExamples =>
        """
        vedette setup aks --out aks-audit
        vedette setup aks --cluster prod --location eastus --residency us --retention 365 --set RESOURCE_GROUP=shop --out aks-audit
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify aks --setup aks-audit
        vedette verify aks --retention 365 --residency us --evidence aks-audit/evidence
        az monitor diagnostic-settings list --resource ID | vedette verify aks --evidence -
        """;

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => AksChecks.All;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        string? location = request.Options["location"] ?? request.Values.GetValueOrDefault("LOCATION");
        if (location is not null && !request.Residency.Allows("azure", location))
        {
            output.Refuse($"location {location} is outside of {request.Residency}", $"choose one of {string.Join(", ", request.Residency.RegionsOf("azure"))}");
            return;
        }

        new AksSetup(request, output, location).Render();
    }

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict) => new AksVerification(request, verdict).Run();
}
