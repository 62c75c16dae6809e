using System.Net;
using System.Runtime.InteropServices;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>The published server with as little as deploy/ gives it: under the filter of system calls of the systemd unit, in an image that has next to nothing, as a user who may not read what it follows.</summary>
public class HardenedServeTests
{
    private const string Nobody = "65534";

    /// <summary>Makes two images out of files of this machine: one with a shell, in place of the SDK's, and one with a C library and OpenSSL, in place of the runtime's; then builds the Containerfile on them.</summary>
    private const string BuildImage = """
        set -e
        work=$1 program=$2 containerfile=$3
        cd "$work"
        b="buildah --root $work/store --runroot $work/run --storage-driver vfs"
        export BUILDAH_ISOLATION=chroot
        copy() { # root files...
            local root=$1 file library; shift
            mkdir -p "$root"/{bin,usr/bin,lib64,tmp,proc,dev,var/lib,usr/local/bin}
            for file in "$@"; do
                mkdir -p "$root$(dirname "$file")"
                cp -nL "$file" "$root$file"
                for library in $(ldd "$file" 2>/dev/null | grep -oE '/[^ ]+'); do mkdir -p "$root$(dirname "$library")"; cp -nL "$library" "$root$library"; done
            done
        }
        copy sdk /bin/bash /bin/mkdir /bin/cp /bin/chmod /usr/bin/dirname /usr/bin/env
        ln -sf bash sdk/bin/sh
        ln -sf /usr/bin/env sdk/bin/env
        libraries=$(dirname "$(ldd /bin/bash | grep -oE '/[^ ]+libc[.]so[.]6')")
        crypto=$(find /usr/lib /lib -name 'libcrypto.so.3' | head -1)
        copy base "$libraries/libc.so.6" "$libraries/libm.so.6" "$libraries/libgcc_s.so.1" "$crypto" "${crypto%/*}/libssl.so.3"
        cp -L /lib64/ld-linux-x86-64.so.2 base/lib64/
        for name in sdk base; do
            container=$($b from scratch)
            $b add -q "$container" "$name" / > /dev/null
            $b commit -q "$container" "localhost/$name" > /dev/null
            $b rm "$container" > /dev/null
        done
        mkdir context
        cp "$program" context/prebuilt
        printf '#!/bin/bash\nset -e\nmkdir -p "$1"\ncp prebuilt "$1/vedette"\n' > context/build
        chmod +x context/build
        $b bud -q --pull-never -f "$containerfile" --build-arg SDK=localhost/sdk --build-arg BASE=localhost/base -t vedette context > /dev/null
        $b inspect --type image --format '{{.OCIv1.Config}}' vedette
        container=$($b from --pull-never vedette)
        $b mount "$container" > root
        """;

    [Fact]
    public async Task It_runs_under_the_filter_of_system_calls_and_the_namespaces_of_the_unit()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "numbers of system calls of x86-64");
        using Workspace files = new();
        string unit = await File.ReadAllTextAsync(Path.Combine(SharedData.Root, "deploy", "systemd", "vedette.service"), TestContext.Current.CancellationToken);
        Assert.Contains("MemoryDenyWriteExecute=yes", unit, StringComparison.Ordinal);
        Assert.Contains("RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n", unit, StringComparison.Ordinal);
        Assert.Contains("RestrictNamespaces=yes", unit, StringComparison.Ordinal);
        string filter = files.Write("filter", SystemCalls.Filter(unit));
        string folder = Directory.CreateDirectory(files["state"]).FullName;

        // What bubblewrap can take away as systemd does: users, processes, all but this folder to write to, devices, capabilities, new privileges.
        string[] jail =
        [
            "--unshare-user", "--uid", "61184", "--gid", "61184", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind", folder, folder,
            "--cap-drop", "ALL", "--new-session", "--die-with-parent",
        ];
        (int exit, string said) = OtherProgram.Run("bwrap", "", [], [.. jail, "/bin/true"]);
        Assert.SkipUnless(exit == 0, $"bubblewrap may not make namespaces here: {said}");
        string[] by = ["/bin/sh", "-c", $"exec 9<'{filter}'; exec bwrap \"$@\"", "sh", .. jail, "--seccomp", "9", "--"];
        Assert.Equal((0, ""), OtherProgram.Run(by[0], "", [], [.. by[1..], "/bin/true"]));
        Assert.NotEqual(0, OtherProgram.Run(by[0], "", [], [.. by[1..], "/usr/bin/unshare", "--user", "/bin/true"]).Exit);
        await using RunningServer server = await RunningServer.StartByAsync([.. by, VedetteProgram.Path], Path.Combine(folder, "data"), RunningServer.FreePort());
        string[] status = await File.ReadAllLinesAsync($"/proc/{server.Id}/status", TestContext.Current.CancellationToken);
        Assert.Equal(["CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"], status.Where(line => line.StartsWith("CapEff:", StringComparison.Ordinal) || line.StartsWith("NoNewPrivs:", StringComparison.Ordinal) || line.StartsWith("Seccomp:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        for (int number = 0; number < 200; number++)
        {
            using HttpResponseMessage answer = await server.Client.PostAsync("/audit/prod", new StringContent(Workspace.Event($"{number}")), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await server.DetectedAsync();
        await server.SignalAsync("HUP");
        await RunningServer.UntilAsync(async () => (await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Contains("vedette_settings_last_reload_successful 1", StringComparison.Ordinal), "the settings to be loaded again");
        Answer end = await server.EndAsync();
        Assert.True(end.Exit == 0, end.Error);
        Assert.DoesNotContain("\"level\":\"error\"", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_image_is_built_by_the_Containerfile_and_runs_with_a_read_only_root()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "its base is put together for x86-64");
        using Workspace files = new();
        string work = Directory.CreateDirectory(files["image"]).FullName;
        (int exit, string said) = OtherProgram.Run("buildah", "", [], "--root", Path.Combine(work, "store"), "--runroot", Path.Combine(work, "run"), "--storage-driver", "vfs", "from", "scratch");
        Assert.SkipUnless(exit == 0, $"buildah cannot work here: {said}");
        (exit, string config) = OtherProgram.Run("bash", "", [], "-c", BuildImage, "bash", work, VedetteProgram.Path, Path.Combine(SharedData.Root, "deploy", "container", "Containerfile"));
        Assert.True(exit == 0, config);
        foreach (string part in new[] { "65532:65532", "8443/tcp", "[/usr/local/bin/vedette]", "[serve --config /etc/vedette/vedette.yaml --data /var/lib/vedette/data]", "SIGTERM" })
        {
            Assert.Contains(part, config, StringComparison.Ordinal);
        }

        string root = (await File.ReadAllTextAsync(Path.Combine(work, "root"), TestContext.Current.CancellationToken)).Trim();
        Assert.Equal("700 65532:65532\n", OtherProgram.Run("stat", "", [], "--format=%a %u:%g", Path.Combine(root, "var/lib/vedette")).Output);
        Assert.Equal(["usr/local/bin/vedette"], Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)).Where(file => !file.Contains("lib", StringComparison.Ordinal)));
        string folder = Directory.CreateDirectory(files["state"]).FullName;
        string[] jail =
        [
            "--unshare-user", "--uid", "65532", "--gid", "65532", "--unshare-pid", "--ro-bind", root, "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--bind", folder, folder, "--cap-drop", "ALL",
            "--die-with-parent", "--clearenv", "--", "/usr/local/bin/vedette",
        ];
        (exit, said) = OtherProgram.Run("bwrap", "", [], [.. jail, "version"]);
        Assert.SkipWhen(said.StartsWith("bwrap:", StringComparison.Ordinal), $"bubblewrap may not make namespaces here: {said}");
        Assert.True(exit == 0, said);
        await using RunningServer server = await RunningServer.StartByAsync(["bwrap", .. jail], Path.Combine(folder, "data"), RunningServer.FreePort());
        using HttpResponseMessage answer = await server.Client.PostAsync("/audit/prod", new StringContent(Workspace.Event()), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(0, (await server.EndAsync()).Exit);
    }

    [Fact]
    public async Task A_file_that_it_may_not_read_is_explained_and_read_when_it_may()
    {
        using Workspace files = new();
        bool isRoot = Environment.UserName == "root";
        string folder = Directory.CreateDirectory(files["open"]).FullName;
        string log = Path.Combine(folder, "audit.log");
        await File.WriteAllTextAsync(log, Workspace.Event("1"), TestContext.Current.CancellationToken);
        string settings = Path.Combine(folder, "vedette.yaml");
        await File.WriteAllTextAsync(settings, "sources:\n  files:\n  - {name: apiserver, cluster: prod, paths: [audit.log]}\n", TestContext.Current.CancellationToken);
        string[] by = [VedetteProgram.Path];
        if (isRoot)
        {
            // As somebody else, who must get at the program and at a folder of its own.
            Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "not here: setpriv");
            string program = Path.Combine(folder, "vedette");
            File.Copy(VedetteProgram.Path, program);
            Directory.CreateDirectory(Path.Combine(folder, "own"));
            Assert.Equal(0, OtherProgram.Run("chown", "", [], Nobody, Path.Combine(folder, "own")).Exit);
            Assert.Equal(0, OtherProgram.Run("chmod", "", [], "755", Path.GetDirectoryName(folder)!, folder).Exit);
            by = ["/usr/bin/setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", program];
        }

        Assert.Equal(0, OtherProgram.Run("chmod", "", [], isRoot ? "0600" : "0000", log).Exit);
        await using RunningServer server = await RunningServer.StartByAsync(by, Path.Combine(folder, isRoot ? "own" : "", "data"), RunningServer.FreePort(), "--config", settings);
        await RunningServer.UntilAsync(async () => (await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Contains("vedette_source_problem{cluster=\"prod\",source=\"apiserver\"} 1", StringComparison.Ordinal), "the problem to be counted");
        string problem = (await server.StatusAsync()).GetProperty("sources")[0].GetProperty("problem").GetString()!;
        Assert.Contains(isRoot ? $"{log} may not be read (mode 0600, owner 0, group 0; this process is user {Nobody})" : $"{log} may not be read (mode 0000", problem, StringComparison.Ordinal);
        Assert.Contains("CAP_DAC_READ_SEARCH", problem, StringComparison.Ordinal);
        Assert.Equal(0, OtherProgram.Run("chmod", "", [], "0644", log).Exit);
        await RunningServer.UntilAsync(async () => (await server.StatusAsync()).GetProperty("sources")[0].GetProperty("events").GetInt64() == 1, "the file to be read");
        await RunningServer.UntilAsync(async () => (await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Contains("vedette_source_problem{cluster=\"prod\",source=\"apiserver\"} 0", StringComparison.Ordinal), "the problem to be over");
        Answer end = await server.EndAsync();
        Assert.Contains("\"msg\":\"a source has a problem\",\"source\":\"apiserver\",\"cluster\":\"prod\",\"problem\":\"" + log, end.Error, StringComparison.Ordinal);
    }
}
