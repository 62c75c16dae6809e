using System.Collections.Immutable;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Gke;

/// <summary>
/// Google Kubernetes Engine: Data Access audit logs, a log bucket in a chosen place, further sinks, log-based alerts. The audit policy is Google's and cannot be chosen.
/// </summary>
internal sealed class GkePlatform : Platform
{
    /// <inheritdoc />
    public override string Name => "gke";

    /// <inheritdoc />
    public override string Title => "Google Kubernetes Engine";

    /// <inheritdoc />
    public override string Summary => "Google Kubernetes Engine: Data Access logs, log bucket, sinks, alerts";

    /// <inheritdoc />
    public override bool HasPolicy => false;

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions => [new("location", "Where the log bucket and the archive are to be: a region such as us-central1, or us. Never global.", "LOCATION")];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions => [Evidence.Option("answers of gcloud projects get-iam-policy, logging buckets list and the others that evidence.sh of setup asks, with --format=json")];

    /// <inheritdoc />
    public override string SetupExamples =>
        """
        vedette setup gke --out gke-audit
        vedette setup gke --location us-central1 --residency us --retention 365 --set PROJECT=shop-prod --out gke-audit
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify gke --setup gke-audit
        vedette verify gke --retention 365 --residency us --evidence gke-audit/evidence
        gcloud projects get-iam-policy shop-prod --format=json | vedette verify gke --evidence -
        """;

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => GkeChecks.All;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        string? location = request.Options["location"] ?? request.Values.GetValueOrDefault("LOCATION");
        if (location is not null && !request.Residency.Allows("gcp", location))
        {
            output.Refuse($"location {location} is outside of {request.Residency}", $"choose one of {string.Join(", ", request.Residency.RegionsOf("gcp"))}");
        }
        else if (location == "global")
        {
            output.Refuse("location global leaves open where entries are stored", "choose a region, or us or eu");
        }
        else
        {
            new GkeSetup(request, output, location).Render();
        }
    }

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict) => new GkeVerification(request, verdict).Run();
}
