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
                    vars: {vedette_binary: /bin/true, vedette_config_content: "{}", vedette_credentials: {tls.key: /etc/vedette/private/tls.key}}
                """);
            (int exit, string output) = Ansible("ansible-playbook", "-i", "localhost,", "--check", "--diff", playbook);
            Assert.True(exit == 0, output);
            Assert.Contains("+LoadCredential=tls.key:/etc/vedette/private/tls.key", output, StringComparison.Ordinal);
            Assert.Contains("+ExecStart=/usr/local/bin/vedette serve --config /etc/vedette/vedette.yaml --data /var/lib/vedette/data", output, StringComparison.Ordinal);
            Assert.False(Directory.Exists("/etc/vedette"));
        }
        finally
        {
            File.Delete(playbook);
        }
    }

    [Theory]
    [InlineData("vedette.service")]
    [InlineData("read-logs.conf")]
    public void The_service_is_the_one_that_is_installed_by_hand(string file) =>
        Assert.Equal(File.ReadAllText(Path.Combine(s_deploy, "systemd", file)), File.ReadAllText(Path.Combine(s_collection, "roles", "vedette", "files", file)));

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
