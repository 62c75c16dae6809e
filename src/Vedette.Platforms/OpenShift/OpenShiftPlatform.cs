using System.Collections.Immutable;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.OpenShift;

/// <summary>OpenShift: no policy of one's own but a profile, of the whole cluster and of groups, which also holds for openshift-apiserver and the OAuth server (openshift/api config/v1, APIServer).</summary>
public sealed class OpenShiftPlatform : Platform
{
    private const string ConfigFile = "apiserver-audit.yaml";

    private static readonly ImmutableArray<string> s_profiles = ["Default", "WriteRequestBodies", "AllRequestBodies", "None"];

    private static readonly Check s_readable = new("VC1900", "The APIServer object can be read");
    private static readonly Check s_profile = new("VC1901", "The audit profile records what is needed");
    private static readonly Check s_customRules = new("VC1902", "No group is left out of the audit log");

    /// <inheritdoc />
    public override string Name => "openshift";

    /// <inheritdoc />
    public override string Title => "OpenShift";

    /// <inheritdoc />
    public override string Summary => "OpenShift clusters, by audit profile";

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
    [
        new("profile", "Profile: Default records metadata, WriteRequestBodies the bodies of writes too, AllRequestBodies those of reads as well; never those of Secrets, Routes and OAuthClients.", "PROFILE", "WriteRequestBodies") { Allowed = s_profiles[..3] },
    ];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions => [new("config", "The APIServer object ('oc get apiserver cluster -o yaml'), or - for standard input.", "FILE")];

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify openshift --setup audit-setup
        oc get apiserver cluster -o yaml | vedette verify openshift --config -
        """;

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => [s_readable, s_profile, s_customRules];

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        if (request.Backend.HasFlag(Backend.Webhook))
        {
            output.Refuse("OpenShift has no audit webhook to configure", "use --backend log, and forward the audit log with a ClusterLogForwarder (inputRefs: [audit])");
            return;
        }

        string profile = request.Options["profile"] ?? "WriteRequestBodies";
        output.Add(new RenderedFile(
            ConfigFile,
            $"""
            # Which audit profile OpenShift's API servers have. First match of customRules decides for a group; here there are none.
            apiVersion: config.openshift.io/v1
            kind: APIServer
            metadata:
              name: cluster
            spec:
              audit:
                profile: {profile}

            """,
            "the audit part of the APIServer object"));
        output.Apply(new Step(
            "Set the profile", "",
            $"""
            oc patch apiserver cluster --type merge --patch-file {ConfigFile}
            oc wait --for=condition=Progressing=False clusteroperator/kube-apiserver --timeout=60m
            """,
            "kube-apiserver, openshift-apiserver and the OAuth API server of every control-plane node, one node after the other; some minutes each."));
        output.Check(new Step(
            "Look at the log and the profile", "",
            """
            oc adm node-logs --role=master --path=kube-apiserver/audit.log | tail -n 1
            oc get apiserver cluster -o yaml | vedette verify openshift --config -
            """));
        output.Undo(new Step("Go back to the profile of a new cluster", "", "oc patch apiserver cluster --type merge --patch '{\"spec\":{\"audit\":{\"profile\":\"Default\",\"customRules\":[]}}}'", "the same API servers, one node after the other."));
        output.Note($"OpenShift takes no audit policy file: `{request.Policy.Name}` is not used here. What the profile records can be compared with it by `vedette policy simulate` on a log.");
        output.Note("Logs are rotated on the nodes by OpenShift itself; keeping them longer is the work of log forwarding.");
    }

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict)
    {
        string file = request.Options["config"] ?? request.InSetup(ConfigFile);
        if (!request.Files.TryReadText(file, out string text))
        {
            verdict.CannotTell(s_readable, new Place(file), text, "oc get apiserver cluster -o yaml | vedette verify openshift --config -");
            return;
        }

        List<Diagnostic> diagnostics = [];
        if (YamlReader.Read(file, text, diagnostics).OfType<YamlMapping>().FirstOrDefault(document => document["kind"] is YamlScalar { Text: "APIServer" }) is not { } server)
        {
            verdict.Wrong(s_readable, new Place(file), diagnostics.Count > 0 ? diagnostics[0].ToString() : "there is no APIServer in it", "oc get apiserver cluster -o yaml");
            return;
        }

        verdict.Ok(s_readable, new Place(file), "read");
        YamlMapping? audit = (server["spec"] as YamlMapping)?["audit"] as YamlMapping;
        Judge(audit?["profile"] as YamlScalar, s_profile, "the cluster", file, verdict);
        foreach (YamlMapping rule in (audit?["customRules"] as YamlSequence)?.Items.OfType<YamlMapping>() ?? [])
        {
            Judge(rule["profile"] as YamlScalar, s_customRules, $"group {(rule["group"] as YamlScalar)?.Text}", file, verdict);
        }
    }

    private static void Judge(YamlScalar? profile, Check check, string whom, string file, Verdict verdict)
    {
        string name = profile?.Text ?? "Default";
        Place place = profile is null ? new Place(file) : new Place(file, profile.Line, profile.Column);
        if (!s_profiles.Contains(name, StringComparer.Ordinal))
        {
            verdict.Wrong(check, place, $"there is no profile '{name}'; OpenShift refuses the object", $"name one of {string.Join(", ", s_profiles)}");
        }
        else if (name == "None")
        {
            verdict.Wrong(check, place, $"profile None: nothing is recorded of {whom}", "set Default or WriteRequestBodies");
        }
        else
        {
            verdict.Ok(check, place, $"profile {name} for {whom}{(name == "Default" ? ": no bodies, so rules that need them are blind" : "")}");
        }
    }
}
