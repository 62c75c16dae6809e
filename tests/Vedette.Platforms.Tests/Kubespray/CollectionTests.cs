using Vedette.Platforms.Tests.Tools;
using Vedette.Tests;
using Xunit;

namespace Vedette.Platforms.Tests.Kubespray;

/// <summary>The Ansible collection in deploy/.</summary>
public class CollectionTests
{
    private static readonly string s_deploy = Path.Combine(SharedData.Root, "deploy");
    private static readonly string s_collection = Path.Combine(s_deploy, "ansible_collections", "vedette", "kubernetes");

    public static TheoryData<string> Playbooks => [.. Directory.EnumerateFiles(Path.Combine(s_collection, "playbooks")).Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Playbooks))]
    public void A_playbook_passes_the_syntax_check(string playbook)
    {
        (int exit, string output) = Ansible("ansible-playbook", "--syntax-check", "-i", "localhost,", Path.Combine(s_collection, "playbooks", playbook));
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void Ansible_lint_finds_nothing()
    {
        (int exit, string output) = Ansible("ansible-lint", "--offline", "--nocolor", "--project-dir", s_collection, "-c", Path.Combine(s_collection, ".ansible-lint"), s_collection);
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void The_service_is_installed_in_check_mode_and_nothing_is_changed()
    {
        string playbook = Path.GetTempFileName();
        try
        {
            File.WriteAllText(
                playbook,
                """
                - hosts: localhost
                  connection: local
                  roles:
                  - role: vedette.kubernetes.vedette
                    vars: {vedette_binary: /bin/true, vedette_config_content: "{}", vedette_path: /opt/vedette-of-a-test/vedette, vedette_config: /etc/vedette-of-a-test/vedette.yaml, vedette_user: vedettetest}
                """);
            (int exit, string output) = Ansible("ansible-playbook", "-i", "localhost,", "--check", "--diff", playbook);
            Assert.True(exit == 0, output);
            Assert.Contains("ExecStart=/opt/vedette-of-a-test/vedette serve --config /etc/vedette-of-a-test/vedette.yaml --data /var/lib/vedette --listen 127.0.0.1:8443", output, StringComparison.Ordinal);
            Assert.False(Directory.Exists("/etc/vedette-of-a-test"));
        }
        finally
        {
            File.Delete(playbook);
        }
    }

    [Fact]
    public void Helm_is_called_by_its_full_name()
    {
        string tasks = File.ReadAllText(Path.Combine(s_collection, "roles", "falco", "tasks", "main.yml"));
        Assert.Contains("kubernetes.core.helm:", tasks, StringComparison.Ordinal);
        Assert.Contains("kubernetes.core.helm_repository:", tasks, StringComparison.Ordinal);
        Assert.Contains("release_namespace:", tasks, StringComparison.Ordinal);
        Assert.DoesNotContain("  helm:", tasks, StringComparison.Ordinal);
    }

    private static (int Exit, string Output) Ansible(string program, params string[] arguments) =>
        Tool.Run(program, "", [("ANSIBLE_COLLECTIONS_PATH", s_deploy), ("ANSIBLE_NOCOLOR", "1")], arguments);
}
