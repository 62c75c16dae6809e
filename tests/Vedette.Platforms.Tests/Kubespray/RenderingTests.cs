using System.Text;
using Vedette.Documents;
using Vedette.Documents.Yaml;
using Vedette.Platforms.ApiServer;
using Vedette.Platforms.Kubeadm;
using Vedette.Platforms.Kubespray;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Tests.Tools;
using Vedette.Policy.Loading;
using Vedette.Tests;
using Xunit;

namespace Vedette.Platforms.Tests.Kubespray;

/// <summary>What Ansible makes of the variables we render, through templates that do what Kubespray's do.</summary>
public class RenderingTests
{
    private static readonly (string Version, Backend Backend, string Form)[] s_setups =
    [
        .. from version in new[] { "v2.18.0", "v2.24.0", "v2.31.0", "master" }
           from setup in new[] { (Backend.Log, "rules"), (Backend.Webhook, "rules"), (Backend.Both, "rules"), (Backend.Both, "file") }
           where version is "v2.18.0" or "v2.31.0" || setup is (Backend.Both, "rules")
           select (version, setup.Item1, setup.Item2),
    ];

    /// <summary>Ansible takes a second to start, so that one run renders all.</summary>
    private static readonly Lazy<Dictionary<(string, Backend, string), (string Kubeadm, string Policy)>> s_rendered = new(RenderAll);

    public static TheoryData<string, Backend, string> Setups => [.. s_setups];

    [Theory]
    [MemberData(nameof(Setups))]
    public void Kube_apiserver_gets_exactly_what_is_meant(string version, Backend backend, string form)
    {
        using SetupFixture setup = Render(version, backend, form);
        (string kubeadm, string policy) = s_rendered.Value[(version, backend, form)];
        List<Diagnostic> diagnostics = [];
        YamlMapping cluster = (YamlMapping)YamlReader.Read("kubeadm.yaml", kubeadm, diagnostics)[0];
        Assert.Empty(diagnostics);
        ObservedApiServer rendered = KubeadmConfiguration.Read("kubeadm.yaml", (YamlMapping)cluster["apiServer"]!);

        // The model that verify uses says the same as Ansible.
        Assert.True(KubesprayVersion.TryParse(version, out KubesprayVersion parsed));
        ObservedApiServer model = new KubesprayModel(Inventory.Read(setup["inventory"], SetupFixture.Inputs).Variables, parsed, "inventory").Observe();
        Assert.Equal(rendered.Flags.Select(flag => (flag.Name, flag.Value)), model.Flags.Select(flag => (flag.Name, flag.Value)));
        Assert.Equal(rendered.Mounts!, model.Mounts!);

        string[] names = [.. rendered.Flags.Select(flag => flag.Name)];
        Assert.Equal(names.Length, names.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("audit-policy-file", names[0]);
        Assert.Equal(backend.HasFlag(Backend.Log), names.Contains("audit-log-path", StringComparer.Ordinal));
        Assert.Equal(backend.HasFlag(Backend.Webhook), names.Contains("audit-webhook-config-file", StringComparer.Ordinal));
        Assert.Equal(backend.HasFlag(Backend.Log) ? 5 : 1, names.Count(name => !name.StartsWith("audit-webhook", StringComparison.Ordinal)));
        string[] volumes = (backend, form) switch
        {
            (Backend.Log, _) => ["audit-policy", "audit-logs"],
            (Backend.Webhook, _) => ["audit-policy", "audit-mounts-guard"],
            (_, "file") => ["audit-policy", "audit-log", "audit-webhook"],
            _ => ["audit-policy", "audit-logs"],
        };
        Assert.Equal(volumes, rendered.Mounts!.Value.Select(mount => mount.Name));
        Assert.All(rendered.Flags.Where(flag => flag.Value.StartsWith('/')), flag => Assert.NotNull(rendered.MountOf(flag.Value)));
        if (form == "rules")
        {
            LoadedPolicy loaded = PolicyLoader.Load("policy.yaml", Encoding.UTF8.GetBytes(policy));
            Assert.Null(loaded.LoadError);
            Assert.Null(loaded.StrictError);
            Assert.Equal(setup.Request.Policy.Policy.Rules.Length, loaded.Policy!.Rules.Length);
        }
    }

    private static SetupFixture Render(string version, Backend backend, string form) =>
        SetupFixture.Render("kubespray", backend, true, null, ("kubespray-version", version), ("policy-as", form));

    private static Dictionary<(string, Backend, string), (string Kubeadm, string Policy)> RenderAll()
    {
        string cases = SharedData.Case("platforms/kubespray");
        string output = Directory.CreateTempSubdirectory("vedette-kubespray-").FullName;
        List<SetupFixture> setups = [];
        try
        {
            StringBuilder playbook = new();
            for (int i = 0; i < s_setups.Length; i++)
            {
                setups.Add(Render(s_setups[i].Version, s_setups[i].Backend, s_setups[i].Form));
                string lists = s_setups[i].Version is "v2.31.0" or "master" ? "true" : "false";
                playbook.Append(
                    $$$"""
                    - hosts: localhost
                      connection: local
                      gather_facts: false
                      vars_files: ["{{{cases}}}/defaults.yml", "{{{setups[i][KubesprayRules.Variables]}}}"]
                      vars: {lists: {{{lists}}}, ssl_ca_dirs: []}
                      tasks:
                      - ansible.builtin.template: {src: "{{{cases}}}/kubeadm.j2", dest: "{{{output}}}/{{{i}}}-kubeadm.yaml"}
                      - ansible.builtin.template: {src: "{{{cases}}}/policy.j2", dest: "{{{output}}}/{{{i}}}-policy.yaml"}
                        when: audit_policy_custom_rules is defined

                    """);
            }

            File.WriteAllText(Path.Combine(output, "render.yml"), playbook.ToString());
            (int exit, string said) = Tool.Run("ansible-playbook", "", [("ANSIBLE_LOCAL_TEMP", output), ("ANSIBLE_REMOTE_TEMP", output)], "-i", "localhost,", Path.Combine(output, "render.yml"));
            Assert.True(exit == 0, said);
            return s_setups.Select((setup, i) => (setup, Kubeadm: Read($"{i}-kubeadm.yaml"), Policy: Read($"{i}-policy.yaml"))).ToDictionary(done => done.setup, done => (done.Kubeadm, done.Policy));
        }
        finally
        {
            setups.ForEach(setup => setup.Dispose());
            Directory.Delete(output, recursive: true);
        }

        string Read(string name) => File.Exists(Path.Combine(output, name)) ? File.ReadAllText(Path.Combine(output, name)) : "";
    }
}
