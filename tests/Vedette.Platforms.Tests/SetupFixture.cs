using System.Collections.Immutable;
using System.Text;
using Vedette.Platforms.Setup;
using Vedette.Platforms.Verification;
using Vedette.Policy.Loading;
using Vedette.Tests;

namespace Vedette.Platforms.Tests;

/// <summary>A setup rendered into a temporary directory, and verified there.</summary>
internal sealed class SetupFixture : IDisposable
{
    private static readonly Dictionary<string, string> s_receiver = new(StringComparer.Ordinal)
    {
        ["WEBHOOK_URL"] = "https://vedette.example.com:8443/audit/prod",
        ["WEBHOOK_CA"] = Convert.ToBase64String("-----BEGIN CERTIFICATE-----"u8),
        ["WEBHOOK_TOKEN"] = "token",
    };

    private readonly string _directory = Directory.CreateTempSubdirectory("vedette-setup-").FullName;

    private SetupFixture(Platform platform, SetupRequest request)
    {
        Platform = platform;
        Request = request;
        Output = new SetupOutput(request);
        platform.Setup(request, Output);
        Files = Output.Complete(platform);
        foreach (RenderedFile file in Files)
        {
            string path = this[file.Path];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, file.Content);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, file.Mode);
            }
        }
    }

    public Platform Platform { get; }

    public SetupRequest Request { get; }

    public SetupOutput Output { get; }

    public ImmutableArray<RenderedFile> Files { get; }

    public static InputFiles Inputs { get; } = new(() => Stream.Null);

    /// <summary>Path of a rendered file.</summary>
    public string this[string path] => Path.Combine(_directory, path);

    public static Platform Find(string name) => PlatformCatalogue.All.Single(platform => platform.Name == name);

    public static ChosenPolicy Preset(string name) =>
        ChosenPolicy.Parse(name, File.ReadAllText(Path.Combine(SharedData.Root, "policies", name + ".yaml")), KubernetesVersion.Default);

    public static SetupFixture Render(string platform, Backend backend = Backend.Log, bool knowsReceiver = false, Func<SetupRequest, SetupRequest>? change = null, params (string Name, string Value)[] options)
    {
        SetupRequest request = new()
        {
            Policy = Preset("recommended"),
            Backend = backend,
            Cluster = "prod",
            Options = Options(options),
            Values = knowsReceiver ? s_receiver.ToImmutableDictionary() : ImmutableDictionary<string, string>.Empty,
            Files = Inputs,
        };
        return new SetupFixture(Find(platform), change is null ? request : change(request));
    }

    public static OptionValues Options(params (string Name, string Value)[] options) =>
        new(options.GroupBy(option => option.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Select(option => option.Value).ToImmutableArray(), StringComparer.Ordinal));

    /// <summary>What verification says of the directory.</summary>
    public IReadOnlyList<CheckResult> Verify(params (string Name, string Value)[] options) =>
        Verify(Platform.Name, new VerifyRequest { SetupDirectory = _directory, Files = Inputs, Version = Request.Version, Options = Options(options) });

    public static IReadOnlyList<CheckResult> Verify(string platform, VerifyRequest request)
    {
        Verdict verdict = new();
        Find(platform).Verify(request, verdict);
        return verdict.Results;
    }

    public string Text(string path) => Encoding.UTF8.GetString(File.ReadAllBytes(this[path]));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
