using System.Collections.Immutable;
using Vedette.Documents.Yaml;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Falco;

/// <summary>Falco beside Vedette: what happens inside containers, which no audit event shows. Facts are those of chart 9.1.0 (Falco 0.44.1).</summary>
internal sealed class FalcoPlatform : Platform
{
    /// <summary>Version of the chart that the values are for.</summary>
    public const string ChartVersion = "9.1.0";

    /// <inheritdoc />
    public override string Name => "falco";

    /// <inheritdoc />
    public override string Title => "Falco";

    /// <inheritdoc />
    public override string Heading => "Falco beside Vedette";

    /// <inheritdoc />
    public override string Purpose => "Set up";

    /// <inheritdoc />
    public override string Summary => "Falco beside Vedette, and its alerts sent on";

    /// <inheritdoc />
    public override bool HasPolicy => false;

    /// <inheritdoc />
    public override ImmutableArray<string> Without => ["backend", "cluster", "retention"];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> SetupOptions =>
    [
        new("k8s-audit", "Also a Falco that reads audit events (plugin k8saudit), beside Vedette's own rules."),
        new("via", "How alerts get to Vedette: direct, or sidekick, which can send a token and to other places too.", "WAY", "direct") { Allowed = ["direct", "sidekick"] },
    ];

    /// <inheritdoc />
    public override ImmutableArray<PlatformOption> VerifyOptions => [Evidence.Option("Helm values (helm get values falco -n falco -o yaml), kubectl -n falco get pods -o json")];

    /// <inheritdoc />
    public override string SetupExamples =>
        """
        vedette setup falco --out falco
        vedette setup falco --k8s-audit --via sidekick --set FALCO_URL=https://vedette.example.com:8443/falco/prod --out falco
        """;

    /// <inheritdoc />
    public override string VerifyExamples =>
        """
        vedette verify falco --setup falco
        helm get values falco --namespace falco -o yaml | vedette verify falco --evidence -
        kubectl --namespace falco get pods -o json | vedette verify falco --evidence -
        """;

    /// <inheritdoc />
    public override ImmutableArray<Check> Checks => FalcoChecks.All;

    /// <inheritdoc />
    public override void Setup(SetupRequest request, SetupOutput output)
    {
        if (request.Values.GetValueOrDefault("FALCO_URL") is { } known && request.Residency.ObjectionTo(known) is { } objection)
        {
            output.Refuse(objection, "name a receiver in an allowed place");
            return;
        }

        bool sidekick = request.Options["via"] == "sidekick";
        bool audit = request.Options.Has("k8s-audit");
        string url = output.Value("FALCO_URL", $"where Vedette takes Falco's alerts: https://HOST:PORT/falco/CLUSTER{(sidekick ? "" : "/TOKEN")}");
        string token = sidekick ? output.Value("FALCO_TOKEN", "token of the cluster, which Vedette expects") : "";
        string sending = sidekick ? Template.Fill("falco/output-sidekick.yaml", ("URL", YamlScalars.Quote(url)), ("HEADER", YamlScalars.Quote($"Authorization:Bearer {token}"))) : Template.Fill("falco/output-direct.yaml", ("URL", YamlScalars.Quote(url)));
        output.Add(new RenderedFile("namespace.yaml", Template.Fill("falco/namespace.yaml"), "the namespace, with what Pod Security needs"));
        output.Add(new RenderedFile("values-syscalls.yaml", Template.Fill("falco/values-syscalls.yaml", ("OUTPUT", sending)), "Falco on every node", RenderedFile.Private));
        if (audit)
        {
            // The receiver stands in one file; this release takes it from there.
            output.Add(new RenderedFile("values-k8saudit.yaml", Template.Fill("falco/values-k8saudit.yaml", ("OUTPUT", "falco:\n  json_output: true")), "Falco reading audit events"));
        }

        Steps(output, audit);
        output.Note("Falco sees system calls on nodes you run; on Fargate, Autopilot and other nodes that are not yours it cannot be installed like this.");
        output.Note("An alert that the receiver refuses is lost: Falco repeats time-outs only, falcosidekick nothing.");
        output.Note("The `user.name` of a system call is the container's user, not the Kubernetes user: join on namespace, pod and time.");
        output.Note("The receiver is `vedette serve` (docs/sources.md), which tells alerts beside its own findings; Falco's own log has them too.");
        if (audit)
        {
            output.Note("kube-apiserver has one audit webhook: it sends to Falco or to Vedette. With Vedette as receiver, leave this release out; its rules cover what Falco's audit rules do.");
        }
    }

    /// <inheritdoc />
    public override void Verify(VerifyRequest request, Verdict verdict) => new FalcoVerification(request, verdict).Run();

    private static void Steps(SetupOutput output, bool audit)
    {
        output.Apply(new Step(
            "Install it", "Into a namespace of its own; without one Helm takes whichever is current.",
            $"""
            helm repo add falcosecurity https://falcosecurity.github.io/charts
            kubectl apply -f namespace.yaml
            helm upgrade --install falco falcosecurity/falco --version {ChartVersion} --namespace falco --values values-syscalls.yaml
            """));
        if (audit)
        {
            output.Apply(new Step(
                "Install the one that reads audit events", "It takes the receiver from the other values file.",
                $"""
                helm upgrade --install falco-k8saudit falcosecurity/falco --version {ChartVersion} --namespace falco --values values-syscalls.yaml --values values-k8saudit.yaml
                """));
        }

        output.Check(new Step(
            "Is it running, on every node?", "",
            """
            kubectl --namespace falco rollout status daemonset/falco --timeout 3m
            kubectl --namespace falco get pods -l app.kubernetes.io/name=falco -o json | vedette verify falco --evidence -
            """));
        output.Check(new Step(
            "Does it see something?", "A shell that reads the password file is told within seconds.",
            """
            kubectl run falco-test --image busybox --restart Never --rm -i -- cat /etc/shadow
            kubectl --namespace falco logs -l app.kubernetes.io/name=falco -c falco --tail 50 | grep -i sensitive
            """));
        output.Undo(new Step("Take it back", "", (audit ? "helm uninstall falco-k8saudit --namespace falco\n" : "") + "helm uninstall falco --namespace falco\nkubectl delete -f namespace.yaml"));
    }
}
