using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>The unit of deploy/systemd under a systemd of its own: first process of a namespace, on a copy of this machine's file system that is gone afterwards. Needs root and namespaces.</summary>
[SupportedOSPlatform("linux")]
public sealed class SystemdTests : IDisposable
{
    private const string Unit = "vedette.service";

    /// <summary>A control group of its own, so that the systemd inside sees none of this machine's; then the namespaces.</summary>
    private const string Enter = """
        set -e
        work=$1
        shift
        if [ -e /sys/fs/cgroup/cgroup.controllers ]; then group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup); else group=/sys/fs/cgroup/systemd$(sed -n 's/^[0-9]*:name=systemd://p' /proc/self/cgroup); fi
        group=${group%/}/vedette-test-$$
        mkdir "$group"
        echo "$group" >> "$work.groups"
        echo $$ > "$group/cgroup.procs"
        exec unshare --mount --pid --fork --kill-child --ipc --uts --cgroup bash -c "$@"
        """;

    /// <summary>
    /// Boots systemd with nothing but the unit, which is installed as docs/operations.md says. What the service writes to standard error goes to a file; the network is this machine's.
    /// A private root by pivot_root, because the kernel makes no user namespaces (PrivateUsers) below a chroot.
    /// </summary>
    private const string Boot = """
        set -e
        work=$1 program=$2 deploy=$3 port=$4
        mount --make-rprivate /
        mount -t tmpfs tmpfs "$work"
        mkdir -p "$work"/{upper,work,root}
        mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$work/root"
        cd "$work/root"
        mount -t proc proc proc
        mount -t sysfs sysfs sys
        mount -t tmpfs -o mode=755 tmpfs run
        mount --rbind /dev dev
        if [ -e /sys/fs/cgroup/cgroup.controllers ]; then mount -t cgroup2 cgroup2 sys/fs/cgroup; else
            mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
            mkdir sys/fs/cgroup/systemd
            mount -t cgroup -o none,name=systemd,xattr cgroup sys/fs/cgroup/systemd
        fi
        [ -z "${7:-}" ] || exit 0
        mkdir -p etc/systemd/system/vedette.service.d usr/local/bin oldroot
        printf '[Unit]\n' > etc/systemd/system/vedette-only.target
        printf '[Service]\nStandardError=append:/vedette.log\n' > etc/systemd/system/vedette.service.d/log.conf
        mkdir opt/vedette-test
        cp -r "$program" "$deploy/ansible_collections" opt/vedette-test
        if [ "$5" != none ]; then
            install -m 0755 "$program" usr/local/bin/vedette
            install -d -m 0755 etc/vedette
            install -m 0644 "$deploy/systemd/vedette.service" etc/systemd/system/
            printf 'listen: 127.0.0.1:%s\n%s\n' "$port" "$5" > etc/vedette/vedette.yaml
            printf 'Wants=vedette.service\n' >> etc/systemd/system/vedette-only.target
        fi
        [ -z "$6" ] || cp -r --preserve=mode "$6/." .
        pivot_root . oldroot
        umount -l /oldroot
        mount --make-rshared /
        # The unit and what it asks for; nothing that would set up this machine.
        for unit in /lib/systemd/system/*.target.wants/* /etc/systemd/system/*.target.wants/*; do ln -sf /dev/null "/etc/systemd/system/${unit##*/}"; done
        container=vedette-test exec /lib/systemd/systemd --unit=vedette-only.target --log-level=err --show-status=no
        """;

    private readonly Workspace _files = new();
    private readonly int _port = RunningServer.FreePort();
    private Process? _machine;

    [Fact]
    public async Task The_unit_starts_comes_back_after_a_kill_loads_its_settings_again_and_ends_in_peace()
    {
        Start();
        await UntilAsync("ActiveState", "active");
        string main = Show("MainPID");
        int process = ProcessOf(main);
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        await AnswersAsync(client);
        string[] status = await File.ReadAllLinesAsync($"/proc/{process}/status", TestContext.Current.CancellationToken);
        Assert.Contains("CapEff:\t0000000000000000", status);
        Assert.Contains("NoNewPrivs:\t1", status);
        Assert.Contains("Seccomp:\t2", status);
        Assert.DoesNotContain(status, line => line.StartsWith("Uid:\t0\t", StringComparison.Ordinal));

        // Its data are its own, and nothing else can be written.
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(In("/var/lib/private/vedette/data.token"), TestContext.Current.CancellationToken)).Trim());
        Assert.Equal("700\n", Inside("stat", "--format=%a", "/var/lib/private/vedette").Output);
        for (int number = 0; number < 200; number++)
        {
            using HttpResponseMessage answer = await client.PostAsync("/audit/prod", new StringContent(Workspace.Event($"{number}")), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal((0, ""), Inside("systemctl", "kill", "--kill-who=main", "--signal=KILL", Unit));
        await UntilAsync(() => Task.FromResult(Show("NRestarts") == "1" && Show("ActiveState") == "active"), "systemd to start it again");
        Assert.NotEqual(main, Show("MainPID"));
        await AnswersAsync(client);
        string events = await client.GetStringAsync("/api/v1/events?limit=1000", TestContext.Current.CancellationToken);
        Assert.Equal(200, events.Split("\"auditID\"").Length - 1);

        await File.WriteAllTextAsync(In("/etc/vedette/vedette.yaml"), $"listen: 127.0.0.1:{_port}\nlimits: {{maxBody: a lot}}\n", TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), Inside("systemctl", "reload", Unit));
        await UntilAsync(async () => await IsLoadedAsync(client, 0), "wrong settings to be refused");
        await File.WriteAllTextAsync(In("/etc/vedette/vedette.yaml"), $"listen: 127.0.0.1:{_port}\n", TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), Inside("systemctl", "reload", Unit));
        await UntilAsync(async () => await IsLoadedAsync(client, 1), "right settings to be loaded");

        Assert.Equal((0, ""), Inside("systemctl", "stop", Unit));
        Assert.Equal(("inactive", "success", "1"), (Show("ActiveState"), Show("Result"), Show("NRestarts")));
        string log = await File.ReadAllTextAsync(In("/vedette.log"), TestContext.Current.CancellationToken);
        Assert.Contains("\"msg\":\"ending\"", log, StringComparison.Ordinal);
        Assert.Contains("/etc/vedette/vedette.yaml:2:", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_are_wrong_or_may_not_be_read_are_told_and_tried_again()
    {
        Start("limits: {maxBody: a lot}");
        await UntilAsync(() => Task.FromResult(int.Parse(Show("NRestarts"), CultureInfo.InvariantCulture) >= 2), "systemd to try again");
        Assert.Contains("/etc/vedette/vedette.yaml:2:", await File.ReadAllTextAsync(In("/vedette.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await UntilAsync("Result", "exit-code");
        Assert.Equal((0, ""), Inside("chmod", "0750", "/etc/vedette"));
        await UntilAsync(async () => (await File.ReadAllTextAsync(In("/vedette.log"), TestContext.Current.CancellationToken)).Contains("may not read it", StringComparison.Ordinal), "it to say that it may not read them");
        Assert.Equal((0, ""), Inside("chmod", "0755", "/etc/vedette"));
        await File.WriteAllTextAsync(In("/etc/vedette/vedette.yaml"), $"listen: 127.0.0.1:{_port}\n", TestContext.Current.CancellationToken);
        await UntilAsync("ActiveState", "active");
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        await AnswersAsync(client);
    }

    [Fact]
    public async Task It_reads_the_log_of_an_api_server_that_is_roots_alone_and_takes_its_key_as_a_credential()
    {
        string more = Directory.CreateDirectory(_files["more"]).FullName;
        string dropIns = Directory.CreateDirectory(Path.Combine(more, "etc/systemd/system/vedette.service.d")).FullName;
        string settings = Directory.CreateDirectory(Path.Combine(more, "etc/vedette/private"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).Parent!.FullName;
        string logs = Directory.CreateDirectory(Path.Combine(more, "var/log/kubernetes/audit"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        File.Copy(Path.Combine(SharedData.Root, "deploy", "systemd", "read-logs.conf"), Path.Combine(dropIns, "read-logs.conf"));
        await File.WriteAllTextAsync(Path.Combine(dropIns, "tls.conf"), "[Service]\nLoadCredential=tls.key:/etc/vedette/private/tls.key\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(logs, "audit.log"), Workspace.Event("1") + Workspace.Event("2"), TestContext.Current.CancellationToken);
        File.SetUnixFileMode(Path.Combine(logs, "audit.log"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (int exit, string said) = OtherProgram.Run(
            "openssl", "", [], "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=vedette", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
            "-keyout", Path.Combine(settings, "private", "tls.key"), "-out", Path.Combine(settings, "tls.crt"));
        Assert.True(exit == 0, said);
        File.SetUnixFileMode(Path.Combine(settings, "private", "tls.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Start(
            """
            tls: {certificate: /etc/vedette/tls.crt, key: "${CREDENTIALS_DIRECTORY}/tls.key"}
            sources:
              files:
              - {name: apiserver, cluster: prod, paths: [/var/log/kubernetes/audit/audit.log]}
            """,
            more);
        await UntilAsync("ActiveState", "active");
        X509ChainPolicy trust = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(Path.Combine(settings, "tls.crt"));
        using HttpClient client = new(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } }) { BaseAddress = new Uri($"https://127.0.0.1:{_port}") };
        await AnswersAsync(client);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(In("/var/lib/private/vedette/data.token"), TestContext.Current.CancellationToken)).Trim());
        await UntilAsync(async () => (await client.GetStringAsync("/api/v1/events", TestContext.Current.CancellationToken)).Split("\"auditID\"").Length - 1 == 2, "the log to be read");
        string[] status = await File.ReadAllLinesAsync($"/proc/{ProcessOf(Show("MainPID"))}/status", TestContext.Current.CancellationToken);
        Assert.Contains("CapEff:\t0000000000000004", status);
    }

    [Fact]
    public async Task The_Ansible_collection_installs_it_and_restarts_it_when_its_settings_change()
    {
        Start("none");
        Assert.Equal("inactive", Show("ActiveState"));
        string playbook = In("/playbook.yml");
        (int exit, string said) = await PlayAsync(playbook, "");
        Assert.True(exit == 0, said);
        await UntilAsync("ActiveState", "active");
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        await AnswersAsync(client);
        string main = Show("MainPID");
        Assert.Contains("CapEff:\t0000000000000004", await File.ReadAllLinesAsync($"/proc/{ProcessOf(main)}/status", TestContext.Current.CancellationToken));
        (exit, said) = await PlayAsync(playbook, "");
        Assert.True(exit == 0 && said.Contains("changed=0 ", StringComparison.Ordinal), said);
        Assert.Equal(main, Show("MainPID"));
        (exit, said) = await PlayAsync(playbook, ", vedette_reads_audit_log: false");
        Assert.True(exit == 0, said);
        await UntilAsync(() => Task.FromResult(Show("MainPID") != main && Show("ActiveState") == "active"), "it to be started again");
        await AnswersAsync(client);
        Assert.Contains("CapEff:\t0000000000000000", await File.ReadAllLinesAsync($"/proc/{ProcessOf(Show("MainPID"))}/status", TestContext.Current.CancellationToken));
    }

    public void Dispose()
    {
        if (_machine is not null)
        {
            // With the first process of the namespace all others end.
            _machine.Kill();
            _machine.WaitForExit();
            _machine.Dispose();
        }

        // Control groups go when their last process has, one by one, from within; their files go with them.
        foreach (string group in File.Exists(_files["machine.groups"]) ? File.ReadAllLines(_files["machine.groups"]) : [])
        {
            for (int turn = 0; turn < 100 && Directory.Exists(group); turn++)
            {
                OtherProgram.Run("find", "", [], group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";");
                Thread.Sleep(20);
            }
        }

        _files.Dispose();
    }

    private void Start(string settings = "", string more = "")
    {
        string work = Directory.CreateDirectory(_files["machine"]).FullName;
        string[] boot = ["-c", Enter, "bash", work, Boot, "bash", work, VedetteProgram.Path, Path.Combine(SharedData.Root, "deploy"), $"{_port}", settings, more];
        Assert.SkipUnless(File.Exists("/lib/systemd/systemd"), "not here: systemd");
        (int exit, string said) = OtherProgram.Run("bash", "", [], [.. boot, "probe"]);
        Assert.SkipUnless(exit == 0, $"no machine can be made of namespaces here: {said}");
        _machine = Process.Start(new ProcessStartInfo("bash", boot) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        long started = TimeProvider.System.GetTimestamp();
        while (Inside("systemctl", "show", "--property=Version").Exit != 0)
        {
            Assert.SkipWhen(_machine.HasExited || TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(30), "systemd does not come up in namespaces here");
            Thread.Sleep(50);
        }
    }

    /// <summary>The role, played inside by the Ansible of this machine.</summary>
    private async Task<(int Exit, string Output)> PlayAsync(string playbook, string variables)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ansible-playbook"), "not here: ansible-playbook");
        await File.WriteAllTextAsync(
            playbook,
            $$"""
            - hosts: localhost
              connection: local
              roles:
              - role: vedette.kubernetes.vedette
                vars: {vedette_binary: /opt/vedette-test/{{Path.GetFileName(VedetteProgram.Path)}}, vedette_config_content: "listen: 127.0.0.1:{{_port}}\n"{{variables}}}
            """,
            TestContext.Current.CancellationToken);
        return Inside("env", "--chdir=/", "ANSIBLE_COLLECTIONS_PATH=/opt/vedette-test", "ANSIBLE_NOCOLOR=1", "HOME=/root", "ansible-playbook", "-i", "localhost,", "/playbook.yml");
    }

    /// <summary>A command inside.</summary>
    private (int Exit, string Output) Inside(params string[] command) =>
        ChildOf(_machine!.Id) is { } first ? OtherProgram.Run("nsenter", "", [], ["--target", $"{first}", "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--root", "--wd=/", .. command]) : (1, "not there yet");

    private string Show(string property) => Inside("systemctl", "show", Unit, $"--property={property}", "--value").Output.Trim();

    private Task UntilAsync(string property, string value) => UntilAsync(() => Task.FromResult(Show(property) == value), $"{property} to be {value}");

    private async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(1), $"waited a minute for {what}\n{Inside("systemctl", "status", "--no-pager", Unit).Output}\n{Inside("tail", "/vedette.log").Output}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The path of a file inside, for us.</summary>
    private string In(string path) => $"/proc/{ChildOf(_machine!.Id)}/root{path}";

    /// <summary>The number that a process inside has for us.</summary>
    private static int ProcessOf(string inside) => Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
        .First(id => StatusOf(id) is { } status && status.Contains("Name:\tvedette\n", StringComparison.Ordinal) && status.Contains($"NSpid:\t{id}\t{inside}\n", StringComparison.Ordinal));

    private static string? StatusOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/status");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    private static int? ChildOf(int id) => File.ReadAllText($"/proc/{id}/task/{id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var child, ..] ? int.Parse(child, CultureInfo.InvariantCulture) : null;

    private static async Task<bool> IsLoadedAsync(HttpClient client, int successful) =>
        (await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Contains($"vedette_settings_last_reload_successful {successful}", StringComparison.Ordinal);

    private Task AnswersAsync(HttpClient client) => UntilAsync(
        async () =>
        {
            try
            {
                using HttpResponseMessage answer = await client.GetAsync("/healthz", TestContext.Current.CancellationToken);
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        "it to answer");
}
