using System.Collections.Immutable;
using System.Globalization;
using Vedette.Platforms.Aks;
using Vedette.Platforms.Eks;
using Vedette.Platforms.Gke;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Retention;

/// <summary>A plan for retention and residency: the settings of every piece that together meet a framework, and what cannot meet it.</summary>
internal sealed class RetentionPlatform : Platform
{
    private const string SelfManaged = "self-managed";

    private static readonly ImmutableArray<Platform> s_clouds = [new EksPlatform(), new GkePlatform(), new AksPlatform()];

    /// <inheritdoc />
    public override string Name => "retention";

    /// <inheritdoc />
    public override string Title => "retention and residency";

    /// <inheritdoc />
    public override string Heading => "Retention and residency of the audit log";

    /// <inheritdoc />
    public override string Purpose => "Plan retention and residency";

    /// <inheritdoc />
    public override string Summary => "the settings of every store that together meet a framework, and what cannot";

    /// <inheritdoc />
    public override bool HasPolicy => false;

    /// <inheritdoc />
    public override ImmutableArray<string> Without => ["backend"];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
    [
        Framework(),
        new("platform", "Where the clusters are; a cloud's own setup is rendered along with the plan.", "PLATFORM", SelfManaged) { Allowed = [SelfManaged, .. s_clouds.Select(cloud => cloud.Name)] },
        new("region", "For eks: region of the cluster.", "REGION"),
        new("location", "For gke and aks: where the log bucket or the workspace is to be.", "LOCATION"),
    ];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions =>
        [Framework(), Evidence.Option("answers of clouds about log groups, buckets and tables, lifecycle rules, policies of Elasticsearch and OpenSearch, as JSON")];

    /// <inheritdoc />
    public override string SetupExamples =>
        """
        vedette setup retention --framework pci-dss --platform eks --region us-east-1 --residency us --out audit-plan
        vedette setup retention --framework hipaa --out audit-plan
        vedette setup retention --framework iso27001 --retention 400 --platform aks --out audit-plan
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify retention --framework pci-dss --setup audit-plan
        aws logs describe-log-groups --region us-east-1 | vedette verify retention --framework pci-dss --evidence -
        curl -s https://es.example.com:9200/_ilm/policy/vedette | vedette verify retention --framework hipaa --evidence -
        """;

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => RetentionChecks.All;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        RetentionFramework framework = FrameworkOf(request.Options);
        int days = Math.Max(framework.Days ?? 0, request.RetentionDays);
        Platform? cloud = s_clouds.FirstOrDefault(cloud => cloud.Name == request.Options["platform"]);
        cloud?.Setup(request with { RetentionDays = days }, output);
        if (output.Refusals.Count > 0)
        {
            return;
        }

        RetentionPlan plan = RetentionPlan.Make(framework, days, cloud?.Name, request.Residency);
        output.Add(new RenderedFile("PLAN.md", plan.ToMarkdown(), "what keeps how long, what meets the framework, what cannot"));
        string text = days.ToString(CultureInfo.InvariantCulture);
        string more = (days + 1).ToString(CultureInfo.InvariantCulture);
        foreach ((string file, string purpose) in s_settings)
        {
            string content = Template.FillKnown(
                $"retention/{file}", ("DAYS", text), ("DAYS_AND_ONE", more), ("SECONDS", (days * 86400L).ToString(CultureInfo.InvariantCulture)));
            output.Add(new RenderedFile($"settings/{file}", content, purpose));
        }

        Steps(output, cloud, framework, request with { RetentionDays = days });
        output.Note($"{framework.Title}: {framework.Source} (as of {framework.AsOf:yyyy-MM-dd}). {framework.Note}");
        foreach (string cannot in plan.Cannot)
        {
            output.Note(cannot);
        }
    }

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict) => new RetentionVerification(request, verdict, FrameworkOf(request.Options)).Run();

    private static readonly (string File, string Purpose)[] s_settings =
    [
        ("elasticsearch-ilm.json", "Elasticsearch: lifecycle policy"),
        ("elasticsearch-template.json", "Elasticsearch: index template that uses it"),
        ("opensearch-ism.json", "OpenSearch: state management"),
        ("s3-lifecycle.json", "S3: when objects go"),
        ("s3-object-lock.json", "S3: nothing goes earlier"),
        ("gcs-lifecycle.json", "Cloud Storage: when objects go"),
        ("azure-lifecycle.json", "Azure storage: when blobs go"),
        ("loki.yaml", "Loki: retention"),
        ("splunk-indexes.conf", "Splunk: index"),
    ];

    private static PlatformOption Framework() =>
        new("framework", "What is to be met.", "FRAMEWORK", RetentionFramework.All[0].Name) { Allowed = [.. RetentionFramework.All.Select(framework => framework.Name)] };

    private static RetentionFramework FrameworkOf(OptionValues options) => RetentionFramework.All.First(framework => framework.Name == (options["framework"] ?? RetentionFramework.All[0].Name));

    private static void Steps(SetupOutput output, Platform? cloud, RetentionFramework framework, SetupRequest request)
    {
        if (cloud is null)
        {
            string residency = request.Residency.IsRestricted ? $" --residency {request.Residency.ToString().Replace(" ", "", StringComparison.Ordinal)}" : "";
            output.Apply(new Step(
                "Turn auditing on", "For the node's own log and for shipping it off the node, with these days; choose your platform.",
                $"vedette setup kubeadm --retention {request.RetentionDays}{residency} --out audit-setup\nvedette setup shippers --to elasticsearch{residency} --out shipping"));
        }

        output.Apply(new Step(
            "Set the stores you use", "Each file of `settings/` is for one of them; leave out the others. Elasticsearch, for instance:",
            """
            curl --fail -X PUT -H 'Content-Type: application/json' "$ELASTIC_URL/_ilm/policy/vedette" --data @settings/elasticsearch-ilm.json
            curl --fail -X PUT -H 'Content-Type: application/json' "$ELASTIC_URL/_index_template/vedette" --data @settings/elasticsearch-template.json
            """));
        output.Check(new Step("Does the plan hold?", "Then ask the stores themselves, and verify their answers: `vedette verify retention --help` has examples.", $"vedette verify retention --framework {framework.Name} --setup ."));
        output.Undo(new Step("Go back", "Shorter settings delete at once what is older: keep a copy of what is there before you shorten anything.", "cat PLAN.md"));
    }
}
