using System.Collections.Immutable;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Kubespray;

/// <summary>Kubespray: variables for its control plane, and what an inventory's variables come to.</summary>
public sealed class KubesprayPlatform : Platform
{
    /// <inheritdoc />
    public override string Name => "kubespray";

    /// <inheritdoc />
    public override string Title => "Kubespray";

    /// <inheritdoc />
    public override string Summary => "clusters of Kubespray, v2.18 to master";

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
    [
        VersionOption,
        new("policy-as", "rules: the policy's rules as a variable, which Kubespray puts into its own template. file: the policy as it is, copied by a playbook; also the way to give the webhook a token.", "FORM", "rules") { Allowed = ["rules", "file"] },
    ];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions => [new("inventory", "The directory of the inventory, with group_vars in it.", "DIR"), VersionOption];

    /// <inheritdoc />
    public override string SetupExamples =>
        """
        vedette setup kubespray --kubespray-version v2.31.0 --out audit-setup
        vedette setup kubespray --backend both --policy-as file --out audit-setup
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify kubespray --setup audit-setup
        vedette verify kubespray --inventory inventory/mycluster --kubespray-version v2.24.0
        """;

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => [.. KubesprayChecks.All, .. ApiServerChecks.All];

    private static PlatformOption VersionOption => new("kubespray-version", $"Version of Kubespray: v2.{KubesprayVersion.Oldest} or later, or master.", "VERSION", KubesprayVersion.Default.ToString());

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        string text = request.Options["kubespray-version"] ?? KubesprayVersion.Default.ToString();
        if (!KubesprayVersion.TryParse(text, out KubesprayVersion version))
        {
            output.Refuse($"--kubespray-version {text}: not known here", $"name one from v2.{KubesprayVersion.Oldest}.0 on, or master");
        }
        else if (request.Options["policy-as"] == "file")
        {
            KubesprayFiles.Setup(version, request, output);
        }
        else
        {
            KubesprayRules.Setup(version, request, output);
        }
    }

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict) => InventoryVerification.Run(request, verdict);
}
